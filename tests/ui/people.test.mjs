// Agents, what they did and whom they called; users and their totals; each with the runs behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Observatory } from '../e2e/support/observatory.mjs';
import { onStage, parameter } from './support/stage.mjs';

const stage = onStage({ day: { count: 60, hours: 20 } });

const query = (tab) => parameter(tab, 'query');

test('agents: figures as the server has them, versions, and the runs behind', async () => {
  const { agents } = await stage.server.get('/api/v1/agents?since=24h');
  const writer = agents.find(({ agent }) => agent === 'writer');
  const tab = await stage.open();
  await tab.goto('/ui/agents?sort=cost');
  const row = tab.page.getByRole('row', { name: /writer/ });
  assert.match(await row.innerText(), new RegExp(`\\n${writer.invocations}\\n`));
  const first = tab.page.getByRole('row').nth(1);
  assert.match(await first.innerText(), /code-reviewer/, 'the dearest first');
  await row.click();
  const panel = tab.page.getByLabel('Agent writer');
  await panel.getByText('2.4.1').waitFor();
  await panel.getByText('claude-sonnet').waitFor();
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await tab.page.keyboard.press('j');
  await tab.page.waitForURL(/agent=code-reviewer/);
  await tab.page.getByLabel('Agent code-reviewer').getByRole('link', { name: /^\d+ runs$/ }).click();
  await tab.page.waitForURL(/\/ui\/runs/);
  assert.equal(query(tab), 'agent:code-reviewer');
  tab.assertQuiet();
  await tab.close();
});

test('the delegation map has traffic and cost on its edges, and a table', async () => {
  const writers = (await stage.server.get('/api/v1/agents?since=24h&agent=writer')).agents[0];
  const tab = await stage.open();
  await tab.goto('/ui/agents?view=map');
  const map = tab.page.getByLabel('Delegation map');
  await map.getByText(new RegExp(`^${writers.invocations} ×.*\\$`)).first().waitFor();
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('button', { name: 'Delegation table' }).click();
  const table = tab.page.getByRole('table', { name: 'Calls between agents' });
  assert.match(await table.innerText(), new RegExp(`researcher\\s+writer\\s+parent\\s+${writers.invocations}`));
  await table.getByRole('button').first().click();
  await tab.page.waitForURL(/\/ui\/runs/);
  assert.equal(query(tab), 'agent:researcher agent:writer');
  tab.assertQuiet();
  await tab.close();
});

test('users: totals, order, search, and the runs and sessions behind', async () => {
  const { users } = await stage.server.get('/api/v1/users?since=24h&sort=cost');
  const tab = await stage.open({ colorScheme: 'dark' });
  await tab.goto('/ui/users');
  await tab.page.getByRole('button', { name: 'Cost', exact: true }).click();
  await tab.page.waitForURL(/sort=cost/);
  await tab.idle();
  assert.match(await tab.page.getByRole('row').nth(1).innerText(), new RegExp(users[0].user));
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('button', { name: `${users[0].sessions} sessions of ${users[0].user}` }).click();
  await tab.page.waitForURL(/\/ui\/sessions\?.*user=/);
  await tab.goto('/ui/users?q=nobody');
  await tab.sees('No user matches');
  await tab.goto('/ui/users?sort=cost');
  await tab.page.keyboard.press('j');
  await tab.page.waitForURL(/at=/);
  await tab.page.keyboard.press('Enter');
  await tab.page.waitForURL(/\/ui\/runs/);
  assert.match(query(tab), /^user:/);
  tab.assertQuiet();
  await tab.close();
});

test('without agents and users both pages say so', async () => {
  const empty = await Observatory.start();
  const tab = await stage.open({}, empty);
  for (const [path, text] of [['/ui/agents', 'No agents in this time range'], ['/ui/users', 'No users in this time range']]) {
    await tab.goto(path);
    await tab.sees(text);
    assert.deepEqual(await tab.accessibility(), [], path);
  }
  tab.assertQuiet();
  await tab.close();
  await empty.stop();
});
