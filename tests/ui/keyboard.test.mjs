// Everything can be reached from the keyboard, and what is seen is in the URL.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Observatory } from '../e2e/support/observatory.mjs';
import { sendDay } from './support/agents.mjs';
import { launch, Tab } from './support/browser.mjs';

let browser;
let server;
let runs;
before(async () => {
  browser = await launch();
  server = await Observatory.start();
  runs = await sendDay(async (signal, body) => assert.equal((await server.postOtlp(signal, body)).status, 200), { end: Date.now() - 60_000, count: 40 });
});
after(async () => {
  await browser.close();
  await server.stop();
});

const parameter = (tab, name) => new URL(tab.page.url()).searchParams.get(name);

test('runs: j and k move, Enter opens, Esc closes, / searches', async () => {
  const tab = await Tab.open(browser, server.http);
  const { keyboard } = tab.page;
  await tab.goto('/ui/runs');
  await tab.page.getByRole('row').nth(1).waitFor();
  await keyboard.press('j');
  await tab.page.getByLabel('Run preview', { exact: true }).waitFor();
  const first = parameter(tab, 'peek');
  await keyboard.press('j');
  await tab.page.waitForFunction((id) => new URLSearchParams(location.search).get('peek') !== id, first);
  await keyboard.press('k');
  await tab.page.waitForFunction((id) => new URLSearchParams(location.search).get('peek') === id, first);
  await keyboard.press('Escape');
  await tab.page.getByLabel('Run preview', { exact: true }).waitFor({ state: 'detached' });
  await keyboard.press('/');
  await keyboard.type('agent:code');
  await tab.page.getByRole('option', { name: /code-reviewer/ }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await tab.page.waitForFunction(() => new URLSearchParams(location.search).get('query') === 'agent:code-reviewer');
  await keyboard.press('Escape');
  await keyboard.press('Escape');
  await tab.idle();
  await keyboard.press('j');
  await keyboard.press('Enter');
  await tab.page.waitForURL(/\/ui\/runs\/[0-9a-f]{32}/);
  tab.assertQuiet();
  await tab.close();
});

test('a run: spans move, fold and filter; a link to a span opens that span', async () => {
  const tab = await Tab.open(browser, server.http);
  const { keyboard } = tab.page;
  const { trace } = runs.find(({ service }) => service === 'research-api');
  await tab.goto(`/ui/runs/${trace.traceId}`);
  await keyboard.press('j');
  await tab.page.waitForFunction(() => new URLSearchParams(location.search).has('span'));
  const link = tab.page.url();
  const deep = tab.page.getByRole('treeitem', { name: /chat claude-sonnet/ });
  await deep.waitFor();
  await keyboard.press('[');
  await deep.waitFor({ state: 'detached' });
  await keyboard.press(']');
  await deep.waitFor();
  await keyboard.press('/');
  await keyboard.type('claude');
  await tab.sees(/1 of \d+ spans match/);
  await keyboard.press('Escape');
  await keyboard.press('v');
  await keyboard.press('g');
  await tab.sees('Delegation only');
  await tab.page.goto(link);
  await tab.idle();
  assert.equal(await tab.page.getByRole('treeitem', { selected: true }).count(), 1);
  await tab.page.getByRole('tree').focus();
  await keyboard.press('ArrowUp');
  await keyboard.press('ArrowLeft');
  await tab.page.getByRole('treeitem', { expanded: false }).first().waitFor();
  await keyboard.press('e');
  tab.assertQuiet();
  await tab.close();
});

test('palette, sheet, views and theme', async () => {
  const tab = await Tab.open(browser, server.http);
  const { keyboard } = tab.page;
  await tab.goto('/');
  await keyboard.press('Control+k');
  await keyboard.type('sessions');
  await keyboard.press('Enter');
  await tab.page.waitForURL(/\/ui\/sessions/);
  await keyboard.press('?');
  await tab.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  assert.deepEqual(await tab.accessibility(), []);
  await keyboard.press('Escape');
  await tab.page.getByRole('dialog').waitFor({ state: 'detached' });
  await keyboard.press('g');
  await keyboard.press('l');
  await tab.page.waitForURL(/\/ui\/logs/);
  const theme = () => tab.page.evaluate(() => document.documentElement.dataset.theme);
  const before = await theme();
  await keyboard.press('T');
  assert.notEqual(await theme(), before);
  await keyboard.press('Control+k');
  await keyboard.type(runs[0].trace.traceId);
  await keyboard.press('Enter');
  await tab.page.waitForURL(new RegExp(runs[0].trace.traceId));
  tab.assertQuiet();
  await tab.close();
});

test('a typed time range is applied, kept from view to view, and shared by its URL', async () => {
  const tab = await Tab.open(browser, server.http);
  await tab.goto('/ui/runs');
  await tab.page.getByRole('button', { name: /Last 24 hours/ }).click();
  await tab.page.getByLabel('Type or paste a range').fill('48h ago to 1h ago');
  await tab.page.getByRole('button', { name: 'Apply' }).click();
  assert.equal(parameter(tab, 'since'), '48h');
  assert.equal(parameter(tab, 'until'), '1h');
  await tab.page.getByRole('link', { name: 'Sessions', exact: true }).click();
  await tab.page.waitForURL(/sessions.*since=48h/);
  await tab.page.goBack();
  await tab.page.waitForURL(/runs.*since=48h/);
  tab.assertQuiet();
  await tab.close();
});
