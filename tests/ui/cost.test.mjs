// Cost by one field or two, prices that are set and removed, and deletion: what the UI changes, changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Observatory } from '../e2e/support/observatory.mjs';
import { onStage, recorded } from './support/stage.mjs';

const stage = onStage({ day: { count: 60, hours: 20 } });

test('cost by two fields, filtered, with the runs behind a row', async () => {
  const answer = await stage.server.get('/api/v1/cost?since=24h&group=model,agent');
  const tab = await stage.open();
  await tab.goto('/ui/cost');
  await tab.page.getByLabel('By', { exact: true }).selectOption('model');
  await tab.page.getByLabel('and', { exact: true }).selectOption('agent');
  await tab.page.waitForURL(/by=model.*and=agent|and=agent.*by=model/);
  const table = tab.page.getByRole('table', { name: 'Cost by model and agent' });
  await table.waitFor();
  const rows = (await table.innerText()).split('\n').filter((line) => line.includes(' · '));
  assert.equal(rows.length, answer.groups.length);
  assert.ok((await table.innerText()).includes(`${answer.groups[0].key.model} · ${answer.groups[0].key.agent}`));
  assert.deepEqual(await tab.accessibility(), []);
  await table.getByRole('button').first().click();
  await tab.page.waitForURL(/\/ui\/runs/);
  assert.match(new URL(tab.page.url()).searchParams.get('query'), /^model:claude-sonnet agent:code-reviewer$/);
  await tab.goto('/ui/cost?agent=nobody');
  await tab.sees('No call matches');
  await tab.page.getByRole('button', { name: 'Drop the filters' }).click();
  await tab.sees('Cost over time');
  tab.assertQuiet();
  await tab.close();
});

test('a price is set, explained and removed', async () => {
  const tab = await stage.open({ colorScheme: 'dark' });
  await tab.goto('/ui/cost?view=prices');
  const form = tab.page.getByLabel('Set a price', { exact: true });
  await form.getByLabel('Model').fill('small-1');
  await form.getByLabel('Input', { exact: true }).fill('cheap');
  await tab.sees('“cheap” is no price');
  assert.ok(await form.getByRole('button').isDisabled());
  await form.getByLabel('Input', { exact: true }).fill('0.125');
  await form.getByLabel('Output', { exact: true }).fill('1.5');
  await form.getByRole('button', { name: 'Set the price' }).click();
  await tab.sees('input $0.125 · output $1.50');
  const { prices: [price] } = await stage.server.get('/api/v1/cost/prices');
  assert.deepEqual(price.prices, { input_mtok: 0.125, output_mtok: 1.5 });
  await tab.page.getByLabel('Model to look up').fill('small-1');
  await tab.page.getByRole('button', { name: 'Look up' }).click();
  await tab.sees('A price that you set');
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await tab.page.getByRole('button', { name: 'Remove this price' }).click();
  await tab.sees('None yet.');
  await tab.sees('the default price, an assumption');
  assert.deepEqual((await stage.server.get('/api/v1/cost/prices')).prices, []);
  tab.assertQuiet();
  await tab.close();
});

test('what is assumed is said, and leads to its price', async () => {
  const other = await Observatory.start();
  await other.postOtlp('traces', recorded('openinference-openai'));
  const tab = await stage.open({}, other);
  await tab.goto('/ui/cost?since=365d');
  await tab.sees('of this is assumed');
  await tab.page.getByRole('button', { name: 'Set their prices' }).click();
  await tab.page.waitForURL(/view=prices/);
  await tab.close();
  await other.stop();
});

test('the telemetry of a user is deleted after asking twice', async () => {
  const [{ user, runs }] = (await stage.server.get('/api/v1/users?since=24h&sort=runs')).users;
  const tab = await stage.open();
  await tab.goto('/ui/settings');
  await tab.page.getByLabel('User id').fill(user);
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click();
  assert.equal((await stage.server.get(`/api/v1/runs?user=${encodeURIComponent(user)}&since=24h`)).total, runs, 'not yet');
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('button', { name: `Delete all of ${user}` }).click();
  await tab.sees(`Deleted ${runs} run`);
  assert.equal((await stage.server.get(`/api/v1/runs?user=${encodeURIComponent(user)}&since=24h`)).total, 0);
  tab.assertQuiet();
  await tab.close();
});
