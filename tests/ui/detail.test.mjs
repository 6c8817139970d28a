// A run in depth: what a span cost and why, how it was mapped, the play head, the agent graph.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage, parameter, recorded } from './support/stage.mjs';

const stage = onStage({ day: { count: 30 }, feed: ({ send }) => send('traces', recorded('openinference-openai')) });
const research = () => stage.runs.find(({ service }) => service === 'research-api').trace;

const spanNamed = (name) => research().spans.find((span) => span.name === name).spanId;

test('a span shows the arithmetic of its cost, and the way to a price', async () => {
  const { runs: [run] } = await stage.server.get('/api/v1/runs?service=openinference-openai');
  const { columns } = await stage.server.get(`/api/v1/traces/${run.trace_id}`);
  const row = columns.op.index.findIndex((index) => columns.op.dictionary[index] === 'llm');
  const tab = await stage.open();
  await tab.goto(`/ui/runs/${run.trace_id}?span=${columns.span_id[row]}`);
  await tab.page.getByRole('tab', { name: 'Cost' }).click();
  const table = tab.page.getByRole('table', { name: 'Arithmetic of the cost' });
  await table.waitFor();
  assert.match(await table.innerText(), /input\s+100\s+\$5.00 \/ M\s+\$0.00050/);
  await tab.sees('the default price stands in for its own');
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('link', { name: /a price of your own/ }).click();
  await tab.page.waitForURL(/\/ui\/cost.*view=prices/);
  tab.assertQuiet();
  await tab.close();
});

test('a cost that the client sent is not computed again', async () => {
  const tab = await stage.open();
  await tab.goto(`/ui/runs/${research().traceId}?span=${spanNamed('chat claude-sonnet')}`);
  await tab.page.getByRole('tab', { name: 'Cost' }).click();
  await tab.sees('The client sent this cost');
  assert.equal(await tab.page.getByRole('table', { name: 'Arithmetic of the cost' }).count(), 0);
  tab.assertQuiet();
  await tab.close();
});

test('the mapping says which attribute filled which field', async () => {
  const tab = await stage.open();
  await tab.goto(`/ui/runs/${research().traceId}?span=${spanNamed('chat claude-sonnet')}`);
  await tab.page.getByRole('tab', { name: 'Mapping' }).click();
  const table = tab.page.getByRole('table', { name: 'Fields and the attributes that fill them' });
  await table.waitFor();
  assert.match(await table.innerText(), /input_tokens\s+gen_ai.usage.input_tokens/);
  assert.deepEqual(await tab.accessibility(), []);
  tab.assertQuiet();
  await tab.close();
});

test('the play head walks timeline, conversation and graph, and is in the URL', async () => {
  const tab = await stage.open();
  const { keyboard } = tab.page;
  await tab.goto(`/ui/runs/${research().traceId}`);
  const now = () => tab.page.locator('[role=treeitem][data-phase=now]').count();
  assert.equal(await now(), 0);
  await keyboard.press('.');
  await tab.page.waitForURL(/[?&]at=/);
  assert.equal(await now(), 2, 'the agent and its first call');
  const at = Number(parameter(tab, 'at'));
  await keyboard.press('.');
  await tab.page.waitForFunction((before) => Number(new URLSearchParams(location.search).get('at')) > before, at);
  await keyboard.press(',');
  await tab.page.waitForFunction((before) => Number(new URLSearchParams(location.search).get('at')) === before, at);
  assert.deepEqual(await tab.accessibility(), []);
  const link = tab.page.url();
  await tab.page.goto(link);
  await tab.idle();
  assert.equal(await now(), 2, 'a link keeps the moment');
  await keyboard.press('v');
  await keyboard.press('c');
  await tab.sees(/later in the run/);
  assert.equal(await tab.page.getByLabel(/^Call \d/).count(), 1, 'what has begun');
  await keyboard.press('v');
  await keyboard.press('g');
  await tab.page.locator('g[data-phase=later]').first().waitFor();
  assert.deepEqual(await tab.accessibility(), []);
  await keyboard.press('P');
  await tab.page.getByRole('button', { name: 'Pause (P)' }).waitFor();
  await tab.page.getByRole('button', { name: 'Play the run (P)' }).waitFor({ timeout: 30_000 });  // the end of the run
  await tab.page.getByRole('button', { name: 'Put the play head away' }).click();
  await tab.page.waitForFunction(() => !location.search.includes('at='));
  tab.assertQuiet();
  await tab.close();
});

test('the graph has three modes, and every edge its evidence', async () => {
  const tab = await stage.open();
  await tab.goto(`/ui/runs/${research().traceId}?view=graph`);
  const graph = tab.page.getByLabel('Agent graph');
  await graph.getByText('claude-sonnet').waitFor();
  await tab.sees('parent span: the called span lies below the caller');
  await tab.page.getByRole('button', { name: 'Delegation only' }).click();
  await graph.getByText('claude-sonnet').waitFor({ state: 'detached' });
  assert.equal(parameter(tab, 'graph'), 'delegation');
  await graph.getByText('writer').waitFor();
  await tab.page.getByRole('button', { name: 'Table', exact: true }).click();
  const table = tab.page.getByRole('table', { name: 'Calls', exact: true });
  assert.match(await table.innerText(), /researcher\s+writer agent\s+parent span\s+1\s+0/);
  assert.deepEqual(await tab.accessibility(), []);
  tab.assertQuiet();
  await tab.close();
});
