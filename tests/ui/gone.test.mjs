// With the server gone: every view says so in place, keeps what was typed, and goes on when it is back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendDay } from './support/agents.mjs';
import { Mortal, onStage, recorded } from './support/stage.mjs';

const stage = onStage({ server: false });
const kGone = 'cannot reach the server';

// A tab at a server of its own, which `fill` fills; the test ends with that server.
async function meet(fill = async () => {}) {
  const mortal = await Mortal.start({ args: ['--runs-quiet-period', '100ms'] });
  await fill(async (signal, body) => assert.equal((await mortal.server.postOtlp(signal, body)).status, 200));
  return { mortal, tab: await stage.open({}, mortal) };
}

async function part({ mortal, tab }) {
  assert.deepEqual(tab.outside, []);
  await tab.close();
  await mortal.server.stop();
}

const aDay = (send) => sendDay(send, { end: Date.now() - 60_000, count: 40, hours: 20 });

test('every view says so, and comes back by itself', async () => {
  const scene = await meet((send) => send('traces', recorded('openinference-openai')));
  const { mortal, tab } = scene;
  await tab.goto('/ui/runs?since=365d');
  await tab.sees('assistant');
  await mortal.die();
  for (const view of ['Home', 'Sessions', 'Users', 'Agents', 'Logs', 'Cost', 'Ingest']) {
    await tab.page.getByRole('link', { name: view, exact: true }).click();
    await tab.page.getByRole('alert').first().waitFor({ timeout: 15_000 });
    await tab.sees(kGone);
  }
  await mortal.revive();
  await tab.page.getByRole('alert').first().waitFor({ state: 'detached', timeout: 30_000 });
  await part(scene);
});

test('settings say so on each card, and come back by themselves', async () => {
  const scene = await meet();
  const { mortal, tab } = scene;
  await tab.goto('/ui/ingest');
  await mortal.die();
  await tab.page.getByRole('link', { name: 'Settings', exact: true }).click();
  for (const name of ['API keys', 'Retention']) await tab.page.getByRole('region', { name, exact: true }).getByRole('alert').waitFor({ timeout: 15_000 });
  await mortal.revive();
  await tab.sees('No key is required');
  await tab.sees('Everything is kept until you delete it.');
  await part(scene);
});

test('a price that cannot be set stays in the form, and is set once the server is back', async () => {
  const scene = await meet();
  const { mortal, tab } = scene;
  await tab.goto('/ui/cost?view=prices');
  const form = tab.page.getByLabel('Set a price', { exact: true });
  await form.getByLabel('Model').fill('house-model');
  await form.getByLabel('Input', { exact: true }).fill('0.25');
  await mortal.die();
  await form.getByRole('button', { name: 'Set the price' }).click();
  await form.getByRole('alert').getByText(kGone).waitFor();
  assert.equal(await form.getByLabel('Model').inputValue(), 'house-model');
  assert.equal(await form.getByLabel('Input', { exact: true }).inputValue(), '0.25');
  await mortal.revive();
  await form.getByRole('button', { name: 'Set the price' }).click();
  await tab.page.getByRole('table', { name: 'Your prices' }).getByText('input $0.25').waitFor();
  assert.equal(await form.getByRole('alert').count(), 0);
  await part(scene);
});

// Runs that are live have no duration, and are not in the heatmap.
async function settled(server) {
  let live;
  do ({ total: live } = await server.get('/api/v1/runs?since=24h&status=live&limit=1')); while (live > 0);
}

test('what differs in an area cannot be said, then can', async () => {
  const scene = await meet(aDay);
  const { mortal, tab } = scene;
  await settled(mortal.server);
  await tab.goto('/ui/runs?heat=duration');
  const explain = tab.page.getByRole('button', { name: 'Explain the top 5 %' });
  await explain.waitFor();
  await mortal.die();
  await explain.click();
  const panel = tab.page.getByLabel('What differs here');
  await panel.getByText(kGone).waitFor();
  await mortal.revive();
  await panel.getByRole('button', { name: 'Try again' }).click();
  await panel.getByText(/runs? against/).waitFor();
  await part(scene);
});

test('a query that cannot be sent leaves no chart of an older result', async () => {
  const scene = await meet(aDay);
  const { mortal, tab } = scene;
  await tab.goto('/ui/sql?show=chart&sql=SELECT+agent,+count(*)+AS+n+FROM+runs+GROUP+BY+1');
  const chart = tab.page.getByRole('table', { name: 'n by agent' });
  await chart.waitFor();
  await mortal.die();
  await tab.page.getByRole('button', { name: 'Run', exact: true }).click();
  await tab.sees(kGone);
  assert.equal(await chart.count(), 0);
  assert.match(await tab.page.getByLabel('Query', { exact: true }).inputValue(), /^SELECT agent/);
  await mortal.revive();
  await tab.page.getByRole('button', { name: 'Run', exact: true }).click();
  await chart.waitFor();
  await part(scene);
});
