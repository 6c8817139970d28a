// Every view with data, without, and with the server gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Observatory } from '../e2e/support/observatory.mjs';
import { onStage, recorded } from './support/stage.mjs';

const kRecorded = ['openinference-openai', 'traceloop-openai', 'ai-sdk', 'ai-sdk-legacy', 'openinference-langchain', 'langfuse', 'otel-openai'];

const stage = onStage({ day: { count: 150 }, feed: async ({ send }) => {
  for (const name of kRecorded) await send('traces', recorded(name));
  await send('logs', recorded('otel-openai', 'logs'));
} });

const traceOf = (agent) => stage.runs.find(({ service }) => service === agent).trace.traceId;
const kViews = () => [
  ['/', ['Success rate', 'half of the runs at most', 'code-reviewer', 'claude-sonnet', 'find_order']],
  ['/ui/runs', ['support-triage', '150 runs']],
  ['/ui/runs?query=status:error', ['error']],
  [`/ui/runs?peek=${traceOf('review-bot')}`, ['Review change', 'chat claude-sonnet']],
  [`/ui/runs/${traceOf('review-bot')}`, ['invoke_agent code-reviewer', 'The change is sound']],
  [`/ui/runs/${traceOf('research-api')}?view=conversation`, ['You are a research assistant', 'from the call before']],
  [`/ui/runs/${traceOf('research-api')}?view=graph`, ['Delegation only', 'writer', 'parent span × 2']],
  [`/ui/runs/${traceOf('support')}?view=logs`, ['request accepted']],
  [`/ui/runs/${traceOf('support')}?view=scores`, ['Add the score']],
  ['/ui/runs?heat=duration', ['Explain the top 5 %']],
  ['/?compare=1&agent=researcher', ['Steps of a run', 'before']],
  ['/ui/agents', ['support-triage', /\d agents/]],
  ['/ui/users', ['customer-']],
  ['/ui/sessions', ['research-']],
  ['/ui/sessions/research-1', ['at work']],
  ['/ui/logs', ['cache miss, asking the model']],
  ['/ui/cost', ['Cost over time', 'Share']],
  ['/ui/cost?by=model&and=service', ['claude-sonnet · review-bot', 'p95 a run']],
  ['/ui/cost?view=prices', ['Your prices', 'genai-prices']],
  ['/ui/sql?sql=select+agent,+count(*)+as+n+from+runs+group+by+1', [/\d+ rows in/]],
  ['/ui/ingest', ['otlp/http/json', 'langfuse.internal.is_app_root', 'OTEL_EXPORTER_OTLP_ENDPOINT']],
  ['/ui/settings', ['OpenAPI document', '150 runs']],
];

for (const theme of ['light', 'dark']) {
  test(`every view shows its data, in ${theme}, without serious findings of axe`, async () => {
    const tab = await stage.open({ colorScheme: theme });
    for (const [path, wanted] of kViews()) {
      await tab.goto(path);
      for (const text of wanted) if (!/\d runs$/.test(text)) await tab.sees(text).catch(() => assert.fail(`${path} does not show “${text}”:\n`));
      await tab.idle();
      assert.deepEqual(await tab.accessibility(), [], `${path} in ${theme}`);
    }
    tab.assertQuiet();
    await tab.close();
  });
}

test('recorded payloads of every instrumentation read as conversations', async () => {
  const tab = await stage.open();
  for (const name of kRecorded.filter((other) => other !== 'otel-openai')) {
    const { runs: [run] } = await stage.server.get(`/api/v1/runs?service=${name}`);
    await tab.goto(`/ui/runs/${run.trace_id}?view=conversation`);
    await tab.sees('weather');
    const text = await tab.text();
    for (const role of ['User', 'Assistant']) assert.ok(text.includes(role), `${name}: ${role}`);
    assert.ok(/calls|returns/.test(text), `${name}: tool calls`);
  }
  tab.assertQuiet();
  await tab.close();
});

test('an empty server waits for the first span, and becomes the first run by itself', async () => {
  const empty = await Observatory.start();
  const tab = await stage.open({}, empty);
  for (const path of ['/', '/ui/runs', '/ui/ingest']) {
    await tab.goto(path);
    await tab.sees('Send your agent’s telemetry here');
    assert.deepEqual(await tab.accessibility(), [], path);
  }
  for (const [path, text] of [['/ui/sessions', 'No sessions in this time range'], ['/ui/logs', 'No logs have arrived'], ['/ui/cost', 'No calls to models in this time range'], ['/ui/runs/' + '0'.repeat(31) + '1', 'There is no such run']]) {
    await tab.page.goto(tab.base + path);
    await tab.sees(text);
  }
  tab.problems = tab.problems.filter((text) => !text.includes('404'));  // the run that is not there
  await tab.goto('/ui/ingest');
  await tab.sees('waiting for your first span');
  assert.ok((await tab.text()).includes(empty.http), 'the right URL');
  await empty.postOtlp('traces', recorded('openinference-openai', 'traces'));
  await tab.page.waitForURL(/\/ui\/runs\/[0-9a-f]{32}/, { timeout: 15_000 });
  await tab.sees('assistant');
  tab.assertQuiet();
  await tab.close();
  await empty.stop();
});

test('what does not match says what to drop', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/runs?query=agent:nobody');
  await tab.sees('No runs match');
  await tab.page.getByRole('button', { name: 'Clear the search', exact: true }).last().click();
  await tab.sees('support-triage');
  await tab.goto('/ui/runs?query=colour:red');
  await tab.sees('there is no field "colour"');
  tab.assertQuiet({ refused: 2 });  // the runs and the counts beside them
  await tab.close();
});

test('scores can be given and read', async () => {
  const tab = await stage.open();
  await tab.goto(`/ui/runs/${traceOf('support')}?view=scores`);
  await tab.page.getByRole('button', { name: /Up/ }).click();
  await tab.sees('👍 up');
  await tab.page.getByLabel('Name of the score').fill('quality');
  await tab.page.getByLabel('Value').fill('0.75');
  await tab.page.getByLabel('Comment').fill('fast, but curt');
  await tab.page.getByRole('button', { name: 'Add the score' }).click();
  await tab.sees('fast, but curt');
  const { scores } = await stage.server.get(`/api/v1/scores?trace_id=${traceOf('support')}`);
  assert.deepEqual(scores.map(({ name, kind }) => `${name} ${kind}`).sort(), ['helpful thumbs', 'quality numeric']);
  tab.assertQuiet();
  await tab.close();
});

test('a live table shows a run as it arrives', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/runs?live=1');
  await tab.page.getByRole('button', { name: 'Live', pressed: true }).waitFor();
  const { Trace, resourceSpans } = await import('./support/agents.mjs');
  const trace = new Trace('live');
  trace.add({ name: 'invoke_agent newcomer', start: Date.now(), end: Date.now() + 5, attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'newcomer' } });
  await stage.server.postOtlp('traces', resourceSpans('live', 'prod', trace.spans));
  await tab.page.getByRole('row').getByText('newcomer').waitFor({ timeout: 15_000 });
  tab.assertQuiet();
  await tab.close();
});
