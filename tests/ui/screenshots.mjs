#!/usr/bin/env node
// node screenshots.mjs [--out FOLDER] [--all]: the pictures of the documentation, from generated
// agents in a fresh server. --all takes every view, light and dark, 1440 and 1920 wide.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Observatory } from '../e2e/support/observatory.mjs';
import { sendDay } from './support/agents.mjs';
import { launch, Tab } from './support/browser.mjs';

const { values: args } = parseArgs({ options: { out: { type: 'string', default: fileURLToPath(new URL('../../docs/images', import.meta.url)) }, all: { type: 'boolean', default: false } } });
const kSettleMs = 400;  // charts draw after their data

const server = await Observatory.start({ args: ['--runs-quiet-period', '100ms'] });
const runs = await sendDay((signal, body) => server.postOtlp(signal, body), { end: Date.now() - 60_000, count: 600 });
const traceOf = (wanted, least) => runs.filter(({ service, trace }) => service === wanted && trace.spans.length >= least).at(-1).trace;
const research = traceOf('research-api', 10);
const review = traceOf('review-bot', 12);
const writer = research.spans.find(({ name }) => name === 'chat claude-sonnet');

// name, path, theme and width in the documentation, what to do first
const kPages = [
  ['home', '/', 'light', 1440], ['runs', `/ui/runs?peek=${research.traceId}`, 'light', 1440], ['run', `/ui/runs/${research.traceId}?span=${writer.spanId}`, 'dark', 1440],
  ['conversation', `/ui/runs/${review.traceId}?view=conversation`, 'light', 1440], ['graph', `/ui/runs/${research.traceId}?view=graph`, 'dark', 1440],
  ['heatmap', '/ui/runs?heat=duration', 'light', 1440, (page) => page.getByRole('button', { name: 'Explain the top 5 %' }).click()],
  ['agents', '/ui/agents?view=map&agent=writer', 'light', 1440], ['cost', '/ui/cost?by=model&and=agent', 'light', 1440],
  ['sessions', '/ui/sessions'], ['session', '/ui/sessions/research-1'], ['logs', '/ui/logs'], ['agent-list', '/ui/agents?agent=researcher'], ['users', '/ui/users?sort=cost'], ['prices', '/ui/cost?view=prices&model=gpt-4o'], ['home-compared', '/?since=6h&compare=1'],
  ['played', `/ui/runs/${research.traceId}?at=1500`], ['compared', `/ui/runs?compare=1&pick=${runs.slice(-4).map(({ trace }) => trace.traceId).join(',')}`],
  ['sql-chart', "/ui/sql?show=chart&sql=SELECT+date_trunc('hour',start_time)+AS+hour,+count(*)+AS+runs+FROM+runs+GROUP+BY+1"],
  ['sql', '/ui/sql?sql=SELECT+agent,+count(*)+AS+runs,+round(quantile_cont(duration_ms,+0.95))+AS+p95_ms,+sum(cost_usd)+AS+usd%0AFROM+runs+GROUP+BY+agent+ORDER+BY+usd+DESC'], ['ingest', '/ui/ingest'], ['settings', '/ui/settings'],
  ['failed', '/ui/runs?query=status:error']];

async function take(browser, [, path, , , act], theme, width, file) {
  const tab = await Tab.open(browser, server.http, { colorScheme: theme, viewport: { width, height: width === 1920 ? 1080 : 900 } });
  await tab.goto(path);
  await act?.(tab.page);
  await tab.page.waitForTimeout(kSettleMs);
  await tab.idle();
  await tab.page.screenshot({ path: `${args.out}/${file}.png` });
  console.log(`${file}.png`);
  await tab.close();
}

mkdirSync(args.out, { recursive: true });
const browser = await launch();
for (const page of kPages) {
  const [name, , theme, width] = page;
  if (!args.all && theme) await take(browser, page, theme, width, name);
  if (args.all) for (const each of ['light', 'dark']) for (const wide of [1440, 1920]) await take(browser, page, each, wide, `${name}-${each}-${wide}`);
}
await browser.close();
await server.stop();
