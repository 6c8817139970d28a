// Keys and retention on the Settings page: what it says is what the server does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Observatory } from '../e2e/support/observatory.mjs';
import { onStage } from './support/stage.mjs';

const stage = onStage({ server: false });

const withKey = (key) => ({ headers: { authorization: `Bearer ${key}` } });
const listOf = async (server, key) => (await server.request('/api/v1/keys', withKey(key))).json();
const create = async (server, body, key) => (await server.request('/api/v1/keys', {
  method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(key && withKey(key).headers) } })).json();
const secretOf = async (tab) => (await tab.page.getByRole('status').filter({ hasText: 'it is not shown again' }).locator('pre').innerText()).trim();

test('the first key closes the server, and this browser goes on with it', async () => {
  const server = await Observatory.start();
  const tab = await stage.open({}, server);
  await tab.goto('/ui/settings');
  await tab.sees('No key is required');
  assert.deepEqual(await tab.accessibility(), []);
  const form = tab.page.getByLabel('Create a key', { exact: true });
  await form.getByLabel('Name').fill('my <b>laptop</b>');
  await form.getByLabel('Use it in this browser').uncheck();
  await tab.sees('This page will then be refused');
  await form.getByLabel('Use it in this browser').check();
  await form.getByRole('button', { name: 'Create the first key' }).click();
  await tab.sees('it is not shown again');
  await tab.sees('from now on every request needs a key');
  const secret = await secretOf(tab);
  assert.match(secret, /^ao_default_[0-9A-Za-z]{40}$/);
  assert.equal((await server.request('/api/v1/runs')).status, 401);
  assert.equal((await server.request('/api/v1/runs', withKey(secret))).status, 200);
  const table = tab.page.getByRole('table', { name: 'Keys of the project' });
  await table.getByText('this browser').waitFor();
  await table.getByText('my <b>laptop</b>').waitFor();
  await tab.idle();
  assert.deepEqual(await tab.accessibility(), []);
  await tab.page.getByRole('button', { name: 'Done', exact: true }).click();
  assert.ok(!(await tab.page.content()).includes(secret), 'shown once');
  await tab.goto('/ui/settings');
  await table.getByText('this browser').waitFor();
  assert.ok(!(await tab.page.content()).includes(secret), 'and not again');
  tab.assertQuiet();
  await tab.close();
  await server.stop();
});

test('a key is made, copied, and revoked after asking twice', async () => {
  const server = await Observatory.start();
  const { key } = await create(server, { name: 'admin', scopes: 'ingest,read,admin' });
  const tab = await stage.open({ colorScheme: 'dark', permissions: ['clipboard-read', 'clipboard-write'] }, server);
  await tab.page.addInitScript((secret) => localStorage.setItem('observatory.api-key', secret), key);
  await tab.goto('/ui/settings');
  const form = tab.page.getByLabel('Create a key', { exact: true });
  await form.getByLabel('Name').fill('ci');
  await form.getByLabel(/^read:/).uncheck();
  await form.getByRole('button', { name: 'Create a key' }).click();
  await tab.sees('it is not shown again');
  await tab.page.getByRole('button', { name: 'Copy the key' }).click();
  await tab.page.getByRole('button', { name: 'Copied' }).waitFor();
  const secret = await tab.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(secret, await secretOf(tab));
  assert.equal((await server.request('/v1/traces', { method: 'POST', body: '{"resourceSpans":[]}', headers: { 'content-type': 'application/json', ...withKey(secret).headers } })).status, 200);
  const row = tab.page.getByRole('row').filter({ hasText: 'ci' });
  await row.getByRole('button', { name: 'Revoke', exact: true }).click();
  assert.equal((await listOf(server, key)).keys.find(({ name }) => name === 'ci').revoked, null, 'not yet');
  await row.getByRole('button', { name: 'Keep it' }).click();
  await row.getByRole('button', { name: 'Revoke', exact: true }).click();
  assert.deepEqual(await tab.accessibility(), []);
  await row.getByRole('button', { name: 'Revoke ci' }).click();
  await row.getByText('revoked', { exact: true }).waitFor();
  assert.notEqual((await listOf(server, key)).keys.find(({ name }) => name === 'ci').revoked, null);
  assert.equal((await server.request('/v1/traces', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...withKey(secret).headers } })).status, 401);
  await form.getByLabel('Project', { exact: true }).fill('Not a project');
  await form.getByRole('button', { name: 'Create a key' }).click();
  await tab.sees('cannot create API key for project');
  tab.problems = tab.problems.filter((text) => !text.includes('403'));
  tab.assertQuiet();
  await tab.close();
  await server.stop();
});

test('revoking the key of this browser says what is lost', async () => {
  const server = await Observatory.start();
  const { key } = await create(server, { name: 'only', scopes: 'read,admin' });
  const tab = await stage.open({}, server);
  await tab.page.addInitScript((secret) => localStorage.setItem('observatory.api-key', secret), key);
  await tab.goto('/ui/settings');
  await tab.page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await tab.sees('This browser uses it.');
  await tab.page.getByRole('button', { name: 'Revoke only' }).click();
  await tab.sees('the next one is refused');
  await tab.sees('no valid key of project default may admin');
  await tab.sees('the API key was revoked');
  await tab.close();
  await server.stop();
});

test('retention is what the server runs with, and who set it', async () => {
  const server = await Observatory.start({ args: ['--storage-retention-max-age', '30d'] });
  const tab = await stage.open({}, server);
  await tab.goto('/ui/settings');
  const card = tab.page.getByRole('region', { name: 'Retention' });
  await card.getByText('30d', { exact: true }).waitFor();
  await card.getByText('from the flag --storage-retention-max-age').waitFor();
  await card.getByText('any size').waitFor();
  await card.getByText('AO_STORAGE_RETENTION_MAX_BYTES=20GB').waitFor();
  assert.ok(!(await card.innerText()).includes('Everything is kept'));
  tab.assertQuiet();
  await tab.close();
  await server.stop();
  const plain = await Observatory.start();
  const other = await stage.open({}, plain);
  await other.goto('/ui/settings');
  await other.sees('Everything is kept until you delete it.');
  await other.close();
  await plain.stop();
});
