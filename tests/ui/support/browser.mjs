// Debian's Chromium through playwright-core, with guards: console errors, failed scripts and any
// request to another origin are remembered, and a test ends by asserting that there were none.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const kUi = new URL('../../../ui/', import.meta.url);
const fromUi = createRequire(new URL('package.json', kUi));
const kBrowsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const kIdleMs = 30_000;

export const findChromium = () => kBrowsers.find((path) => path && existsSync(path));
export const hasPackages = () => existsSync(fileURLToPath(new URL('node_modules/playwright-core', kUi)));

export async function launch() {
  const { chromium } = fromUi('playwright-core');
  return chromium.launch({ executablePath: findChromium(), args: [
    '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });
}

export class Tab {
  static async open(browser, base, options = {}) {
    const tab = new Tab();
    tab.base = base.replace(/\/$/, '');
    tab.problems = [];
    tab.outside = [];
    tab.context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'UTC', locale: 'en-GB', reducedMotion: 'reduce', ...options });
    tab.page = await tab.context.newPage();
    const origin = new URL(base).origin;
    tab.page.on('console', (message) => { if (message.type() === 'error') tab.problems.push(message.text()); });
    tab.page.on('pageerror', (error) => tab.problems.push(error.message));
    tab.page.on('dialog', (dialog) => { tab.problems.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
    tab.page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) tab.outside.push(request.url());
    });
    return tab;
  }

  async idle() {
    await this.page.waitForFunction(() => window.__idle?.(), null, { timeout: kIdleMs });
    await this.page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  }

  async goto(path) {
    await this.page.goto(this.base + path);
    await this.idle();
  }

  text() {
    return this.page.locator('body').innerText();
  }

  async sees(text) {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor({ timeout: 15_000 });
  }

  // Serious and critical findings of axe-core.
  async accessibility() {
    await this.page.evaluate(readFileSync(fromUi.resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary.split('\n').at(-1).trim()}`).join('; ')}`);
  }

  // `refused`: the requests that the server had to answer with 400, which browsers log.
  assertQuiet({ refused = 0 } = {}) {
    const refusal = 'Failed to load resource: the server responded with a status of 400 (Bad Request)';
    assert.deepEqual(this.problems, Array(refused).fill(refusal), 'console errors');
    assert.deepEqual(this.outside, [], 'requests to elsewhere');
  }

  close() {
    return this.context.close();
  }
}
