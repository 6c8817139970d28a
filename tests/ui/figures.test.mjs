// Home and the heatmap of the runs: the figures are the server's, and every part leads to its runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage, parameter } from './support/stage.mjs';

const stage = onStage({ args: ['--runs-quiet-period', '100ms'], day: { count: 120, hours: 20 } });

const plotIn = (tab, title) => tab.page.getByRole('region', { name: title, exact: true }).locator('.u-over');

async function drag(tab, plot, [x1, y1], [x2, y2]) {
  const box = await plot.boundingBox();
  await tab.page.mouse.move(box.x + box.width * x1, box.y + box.height * y1);
  await tab.page.mouse.down();
  await tab.page.mouse.move(box.x + box.width * x2, box.y + box.height * y2, { steps: 4 });
  await tab.page.mouse.up();
}

test('Home has the exact figures, the line of the target and a table behind each chart', async () => {
  const { total } = await stage.server.get('/api/v1/stats/series?since=24h');
  const tab = await stage.open();
  await tab.goto('/');
  await tab.sees(`${total.errors} of ${total.runs} runs failed`);
  for (const name of ['Success rate over time', 'Latency over time', 'Runs over time', 'Tool calls over time', 'Cost over time', 'Latency over time: runs by time and value']) {
    assert.equal(await tab.page.getByRole('table', { name, exact: true }).count(), 1, name);
  }
  const runs = await tab.page.getByRole('table', { name: 'Runs over time', exact: true }).locator('tbody tr').evaluateAll((rows) =>
    rows.reduce((sum, row) => sum + [...row.querySelectorAll('td')].reduce((inner, cell) => inner + Number(cell.textContent), 0), 0));
  assert.equal(runs, total.runs, 'every run is in the chart');
  tab.assertQuiet();
  await tab.close();
});

test('a bar and a cell open the runs behind them', async () => {
  const tab = await stage.open();
  await tab.goto('/?environment=prod');
  const bar = tab.page.getByRole('region', { name: 'Steps of a run' }).getByRole('button', { disabled: false }).first();
  const runs = Number((await bar.getAttribute('aria-label')).match(/: (\d+) runs/)[1]);
  await bar.click();
  await tab.page.waitForURL(/\/ui\/runs/);
  assert.match(parameter(tab, 'query'), /^environment:prod steps>=\d+ steps<\d+$/);
  await tab.sees(`of ${runs} run`);
  await tab.goto('/');
  const plot = plotIn(tab, 'Runs');
  const box = await plot.boundingBox();
  await plot.click({ position: { x: box.width * 0.5, y: box.height - 4 } });
  await tab.page.waitForURL(/\/ui\/runs.*since=.*until=/);
  assert.ok(Date.parse(parameter(tab, 'until')) > Date.parse(parameter(tab, 'since')));
  tab.assertQuiet();
  await tab.close();
});

test('a drag on a chart zooms the time of all', async () => {
  const tab = await stage.open();
  await tab.goto('/');
  await drag(tab, plotIn(tab, 'Success rate'), [0.2, 0.5], [0.6, 0.5]);
  await tab.page.waitForURL(/since=.*until=/);
  const hours = (Date.parse(parameter(tab, 'until')) - Date.parse(parameter(tab, 'since'))) / 3_600_000;
  assert.ok(hours > 9 && hours < 10.5, `${hours} of 24 hours`);
  await tab.page.goBack();
  await tab.page.waitForFunction(() => !location.search.includes('since'));
  tab.assertQuiet();
  await tab.close();
});

test('the period before is drawn on demand', async () => {
  const tab = await stage.open();
  await tab.goto('/?since=6h');
  await tab.page.getByRole('button', { name: 'Compare' }).click();
  await tab.page.waitForURL(/compare=1/);
  await tab.page.getByRole('columnheader', { name: 'before' }).first().waitFor({ state: 'attached' });
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByLabel('Agent', { exact: true }).selectOption('researcher');
  await tab.page.waitForURL(/agent=researcher/);
  const { total } = await stage.server.get('/api/v1/stats/series?since=6h&query=agent:researcher');
  await tab.sees(`${total.errors} of ${total.runs} runs failed`);
  await tab.goto('/?agent=nobody');
  await tab.sees('No runs match');
  await tab.page.getByRole('button', { name: 'Drop the filters' }).click();
  await tab.sees('Success rate');
  tab.assertQuiet();
  await tab.close();
});

test('an area of the heatmap is explained, and leads to its runs', async () => {
  const tab = await stage.open({ colorScheme: 'dark' });
  await tab.goto('/ui/runs');
  await tab.page.keyboard.press('h');
  await tab.page.waitForURL(/heat=duration/);
  await drag(tab, plotIn(tab, 'Heatmap'), [0.02, 0.02], [0.98, 0.35]);
  await tab.page.waitForURL(/area=/);
  const panel = tab.page.getByLabel('What differs here');
  await panel.getByText('agent: code-reviewer').waitFor();
  assert.deepEqual(await tab.accessibility(), []);
  const link = tab.page.url();
  await tab.page.goto(link);
  await panel.getByText('agent: code-reviewer').waitFor();
  const selected = Number((await panel.locator('header').innerText()).match(/(\d+) runs? against/)[1]);
  await panel.getByRole('button', { name: 'Show these runs' }).click();
  await tab.page.waitForURL(/duration%3E%3D|duration>=/);
  await tab.sees(`of ${selected} run`);
  await tab.page.getByRole('button', { name: 'Close the heatmap' }).click();
  await tab.page.waitForFunction(() => !location.search.includes('heat='));
  tab.assertQuiet();
  await tab.close();
});

test('without drawing: the top 5 %, and a value that becomes a search', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/runs?heat=cost');
  await tab.page.getByRole('button', { name: 'Explain the top 5 %' }).click();
  const panel = tab.page.getByLabel('What differs here');
  await panel.getByRole('button', { name: 'agent: code-reviewer' }).click();
  await tab.page.waitForURL(/query=agent:code-reviewer/);
  await tab.goto('/ui/runs?heat=tokens&query=agent:nobody');
  await tab.sees('Nothing to draw');
  tab.assertQuiet();
  await tab.close();
});

const countsIn = (tab, title) => tab.page.getByRole('region', { name: title, exact: true }).getByRole('button')
  .evaluateAll((buttons) => Object.fromEntries(buttons.map((button) => [button.title, Number(button.lastElementChild.textContent.replace(/\D/g, ''))])));
const asked = async (path) => Object.fromEntries((await stage.server.get(path)).facets[0].values.map(({ value, runs }) => [value, runs]));

test('the counts beside the runs are of the time range and the search', async () => {
  const tab = await stage.open();
  await tab.goto('/ui/runs?since=24h');
  const all = await countsIn(tab, 'Agent');
  assert.deepEqual(all, await asked('/api/v1/stats/facets?since=24h&fields=agent'));
  await tab.goto('/ui/runs?since=6h');
  const late = await countsIn(tab, 'Agent');
  assert.deepEqual(late, await asked('/api/v1/stats/facets?since=6h&fields=agent'));
  assert.ok(late['code-reviewer'] < all['code-reviewer']);
  await tab.goto('/ui/runs?since=24h&query=agent:code-reviewer+environment:prod');
  assert.deepEqual(await countsIn(tab, 'Model'), await asked('/api/v1/stats/facets?since=24h&fields=model&query=agent:code-reviewer+environment:prod'));
  assert.deepEqual(await countsIn(tab, 'Agent'), await asked('/api/v1/stats/facets?since=24h&fields=agent&query=environment:prod'), 'its own values stay to choose from');
  const other = (await stage.server.get('/api/v1/stats/facets?since=24h&fields=agent&query=environment:prod')).facets[0].values.find(({ value }) => value !== 'code-reviewer');
  await tab.page.getByRole('region', { name: 'Agent', exact: true }).getByRole('button', { name: other.value }).click();
  await tab.page.waitForURL((url) => url.searchParams.get('query') === `environment:prod agent:${other.value}`);
  await tab.sees(`${other.runs} runs`);
  tab.assertQuiet();
  await tab.close();
});

test('models have the exact 95th percentile of their calls', async () => {
  const { models: [model] } = await stage.server.get('/api/v1/stats/models?since=24h&models=1');
  const tab = await stage.open();
  await tab.goto('/?since=24h');
  const row = tab.page.getByRole('table', { name: 'Models' }).getByRole('row', { name: model.model });
  const { p50, p95, p99 } = model.duration_ms;
  assert.ok(p50 < p95 && p95 <= p99);
  const seconds = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);
  assert.ok((await row.innerText()).includes(seconds(p95)), `${await row.innerText()} has ${seconds(p95)}`);
  tab.assertQuiet();
  await tab.close();
});
