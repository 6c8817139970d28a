// What the UI believes of the server is true: paths and parameters, tables of SQL, any base path.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Observatory } from '../e2e/support/observatory.mjs';
import { generate } from '../../ui/scripts/generate-api.mjs';
import { resourceSpans, Trace } from './support/agents.mjs';
import { launch, Tab } from './support/browser.mjs';

const read = (path) => readFileSync(new URL(`../../ui/src/${path}`, import.meta.url), 'utf8');

let server;
before(async () => { server = await Observatory.start(); });
after(() => server.stop());

// Every operation that the generated file has must be there with its parameters; the server may know
// more than the UI.
test('the generated types say what the server can do', async () => {
  const known = generate(JSON.parse(await (await server.request('/api/v1/openapi.json')).text()));
  const members = (text) => new Map([...text.matchAll(/^ {2}'([^']+)': (.*);$/gm)].map(([, name, type]) => [name, [...type.matchAll(/(\w+)\?:/g)].map(([, member]) => member)]));
  const now = members(known);
  for (const [operation, parameters] of members(read('api/openapi.generated.ts'))) {
    assert.ok(now.has(operation), `${operation}: run ui/scripts/generate-api.mjs`);
    for (const parameter of parameters) assert.ok(now.get(operation).includes(parameter), `${operation} ${parameter}`);
  }
});

test('the tables beside the SQL editor exist, column by column', async () => {
  const tables = [...read('features/sql/schema.ts').matchAll(/\{ name: '(\w+)', columns: \[([\s\S]*?)\]\] \}/g)];
  assert.equal(tables.length, 6);
  for (const [, name, columns] of tables) {
    const names = [...columns.matchAll(/\['(\w+)',/g)].map(([, column]) => `"${column}"`);
    await server.sql(`SELECT ${names.join(', ')} FROM ${name} LIMIT 1`);
  }
});

test('the UI works behind a proxy that adds a prefix', async (t) => {
  const trace = new Trace('prefix');
  trace.add({ name: 'agent.run', start: Date.now() - 1000, end: Date.now(), attributes: { 'user.input': 'behind a proxy' } });
  await server.postOtlp('traces', resourceSpans('proxied', 'prod', trace.spans));
  const target = new URL(server.http);
  const proxy = http.createServer((request, response) => {
    if (!request.url.startsWith('/some/prefix/')) {
      response.writeHead(404).end();
      return;
    }
    const forward = http.request({ host: target.hostname, port: target.port, method: request.method, headers: request.headers, path: request.url.slice('/some/prefix'.length) }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forward);
  });
  proxy.unref();
  await new Promise((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
  const browser = await launch();
  t.after(() => Promise.all([browser.close(), proxy.closeAllConnections(), proxy.close()]));
  const tab = await Tab.open(browser, `http://127.0.0.1:${proxy.address().port}/some/prefix`);
  await tab.goto(`/ui/runs/${trace.traceId}`);
  await tab.sees('behind a proxy');
  await tab.page.getByRole('link', { name: 'Sessions', exact: true }).click();
  await tab.page.waitForURL('**/some/prefix/ui/sessions');
  await tab.goto('/');
  await tab.sees('Success rate');
  tab.assertQuiet();
});
