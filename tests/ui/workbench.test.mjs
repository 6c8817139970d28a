// What makes daily work quick: saved views, comparison, completion, charts of queries, sample data.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Observatory } from '../e2e/support/observatory.mjs';
import { onStage, parameter } from './support/stage.mjs';

const stage = onStage({ day: { count: 60, hours: 20 } });

test('a view is saved under a name, found again, and shared by its URL', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/runs?query=agent:code-reviewer&sort=cost&since=7d');
  await tab.page.getByRole('button', { name: 'Views' }).click();
  await tab.page.getByLabel('Name of this view').fill('Dear reviews');
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('button', { name: 'Save', exact: true }).click();
  await tab.page.waitForURL(/name=Dear/);
  const link = tab.page.url();
  await tab.goto('/ui/runs');
  await tab.page.getByRole('button', { name: 'Views' }).click();
  await tab.page.getByRole('dialog').getByRole('button', { name: 'Dear reviews', exact: true }).click();
  await tab.page.waitForURL(/query=agent:code-reviewer/);
  assert.deepEqual([parameter(tab, 'sort'), parameter(tab, 'since'), parameter(tab, 'name')], ['cost', '7d', 'Dear reviews']);
  await tab.page.getByRole('button', { name: 'Dear reviews' }).click();
  await tab.page.getByRole('button', { name: 'Forget Dear reviews' }).click();
  await tab.sees('Nothing saved in this browser yet.');
  const colleague = await stage.open();
  await colleague.page.goto(link);
  await colleague.page.getByRole('button', { name: 'Dear reviews' }).waitFor();
  colleague.assertQuiet();
  await colleague.close();
  tab.assertQuiet();
  await tab.close();
});

test('runs are chosen and compared, number by number', async () => {
  const { runs } = await stage.server.get('/api/v1/runs?since=24h&sort=cost&limit=2');
  const tab = await stage.open();
  await tab.goto('/ui/runs?sort=cost');
  await tab.page.getByRole('checkbox').nth(0).check();
  await tab.sees('1 run chosen');
  assert.ok(await tab.page.getByRole('button', { name: 'Compare' }).isDisabled());
  await tab.page.getByRole('checkbox').nth(1).check();
  await tab.page.getByRole('button', { name: 'Compare' }).click();
  const table = tab.page.getByRole('table', { name: 'Figures of the chosen runs' });
  await table.waitFor();
  assert.equal(parameter(tab, 'pick'), runs.map(({ trace_id: id }) => id).join(','));
  assert.match(await table.innerText(), new RegExp(`Steps\\s+${runs[0].steps}\\s`));
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.goto(tab.page.url());
  await table.waitFor();
  await table.getByRole('button', { name: 'Drop' }).first().click();
  await table.waitFor({ state: 'detached' });
  await tab.page.keyboard.press('j');
  await tab.page.waitForURL(/peek=/);
  await tab.page.keyboard.press('x');
  await tab.page.keyboard.press('j');
  await tab.page.keyboard.press('m');
  tab.assertQuiet();
  await tab.close();
});

test('the search box completes what the server knows', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/runs');
  await tab.page.keyboard.press('/');
  await tab.page.keyboard.type('retr');
  await tab.page.getByRole('option', { name: /retrievals/ }).waitFor();
  await tab.page.keyboard.press('Control+a');
  await tab.page.keyboard.type('status:error tool:find');
  await tab.page.getByRole('option', { name: /find_order/ }).waitFor();
  await tab.page.keyboard.press('ArrowDown');
  await tab.page.keyboard.press('Enter');
  await tab.page.waitForFunction(() => new URLSearchParams(location.search).get('query') === 'status:error tool:find_order');
  tab.assertQuiet();
  await tab.close();
});

test('a result is drawn, and a query saved', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/sql?sql=SELECT+agent,+count(*)+AS+n,+sum(steps)+AS+steps+FROM+runs+GROUP+BY+1');
  await tab.page.getByRole('button', { name: 'Chart', exact: true }).click();
  const bars = tab.page.getByRole('table', { name: 'n by agent' });
  await bars.waitFor();
  await tab.page.getByLabel('Draw').selectOption('steps');
  await tab.page.getByRole('table', { name: 'steps by agent' }).waitFor();
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('button', { name: 'Saved' }).click();
  await tab.page.getByLabel('Name of this query').fill('By agent');
  await tab.page.getByRole('button', { name: 'Save', exact: true }).click();
  await tab.goto("/ui/sql?show=chart&sql=SELECT+date_trunc('hour',start_time)+AS+at,+count(*)+AS+n+FROM+runs+GROUP+BY+1");
  await tab.page.getByRole('table', { name: 'n over at' }).waitFor({ state: 'attached' });
  await tab.page.getByRole('button', { name: 'Saved' }).click();
  await tab.page.getByRole('button', { name: 'By agent', exact: true }).click();
  await bars.waitFor();
  await tab.goto('/ui/sql?show=chart&sql=SELECT+agent+FROM+runs');
  await tab.sees('Nothing to draw');
  tab.assertQuiet();
  await tab.close();
});

test('one click fills an empty server with samples that every view understands', async () => {
  const empty = await Observatory.start();
  const tab = await stage.open({}, empty);
  await tab.goto('/');
  await tab.page.getByRole('button', { name: 'Send sample data' }).click();
  await tab.page.waitForURL(/\/ui\/runs/, { timeout: 30_000 });
  await tab.sees('sample-researcher');
  const { runs, total } = await empty.get('/api/v1/runs?since=1h&limit=100');
  assert.equal(total, 48);
  assert.ok(runs.every(({ service }) => service.startsWith('sample-')));
  assert.ok(runs.every(({ agent, steps, tokens, input_preview: input }) => agent.startsWith('sample-') && steps > 0 && tokens.total > 0 && input !== ''), 'agents, calls, tokens and inputs are understood');
  assert.ok(runs.some(({ status }) => status === 'error'));
  assert.ok(runs.every(({ cost_usd: cost }) => cost > 0));
  const { agents } = await empty.get('/api/v1/agents?since=1h');
  assert.deepEqual(agents.map(({ agent }) => agent).sort(), ['sample-researcher', 'sample-reviewer', 'sample-support', 'sample-writer']);
  await tab.goto('/ui/ingest');
  await tab.page.getByRole('button', { name: 'Send sample data' }).click();
  await tab.sees('48 sample runs sent');
  assert.deepEqual(await tab.accessibility(), []);
  tab.assertQuiet();
  await tab.close();
  await empty.stop();
});

test('a text is found inside prompts and answers, and leads to its span', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/runs?query=triage+the+ticket+answer');
  await tab.sees('No runs match');
  await tab.page.getByRole('button', { name: 'Look inside prompts and answers' }).click();
  await tab.page.waitForURL(/texts=/);
  const panel = tab.page.getByLabel('Inside prompts and answers');
  await panel.getByText(/No input or output/).waitFor();
  await panel.getByLabel('Text to look for').fill('answer with one of: refund');
  await tab.page.keyboard.press('Enter');
  await panel.getByRole('link').first().waitFor();
  assert.equal(await panel.locator('mark').first().innerText(), 'Answer with one of: refund');
  assert.deepEqual(await tab.accessibility(), []);
  await panel.getByRole('link').first().click();
  await tab.page.waitForURL(/\/ui\/runs\/[0-9a-f]{32}\?.*span=/);
  await tab.sees('Triage the ticket.');
  tab.assertQuiet();
  await tab.close();
});
