// The command line against a running server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeFolder, Observatory, runBinary } from './support/observatory.mjs';

const kData = new URL('../data/otlp/', import.meta.url);
const kTraces = ['otel-sdk', 'openinference-openai', 'traceloop-openai', 'ai-sdk', 'ai-sdk-legacy',
                 'openinference-langchain', 'langfuse', 'otel-openai'];

function recorded(name) {
  return readFileSync(fileURLToPath(new URL(`${name}.json`, kData)), 'utf8');
}

async function load(server, signal, name) {
  const response = await server.postOtlp(signal, recorded(name));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {}, name);
}

async function cli(args, target = server) {
  const { code, stdout, stderr } = await target.cli(args);
  assert.equal(code, 0, `observatory ${args.join(' ')}: ${stderr}`);
  return stdout;
}

let server;
let traceId;
before(async () => {
  server = await Observatory.start();
  for (const name of kTraces) await load(server, 'traces', `${name}-traces`);
  await load(server, 'logs', 'otel-sdk-logs');
  await load(server, 'metrics', 'otel-sdk-metrics');
  traceId = JSON.parse(recorded('openinference-openai-traces')).resourceSpans[0].scopeSpans[0].spans[0].traceId;
});
after(async () => { if (server.exit === undefined) assert.equal(await server.stop(), 0); });

test('runs: a line for each, and JSON', async () => {
  const lines = (await cli(['runs', '--limit', '100', '--since', '3650d'])).trim().split('\n');
  assert.ok(lines.filter((line) => line.includes('\t')).length >= kTraces.length);
  assert.ok(lines.some((line) => line.includes(traceId)));
  const runs = JSON.parse(await cli(['runs', '--limit', '100', '--since', '3650d', '--json']));
  assert.equal(runs.length, kTraces.length);
});

test('run show: the waterfall names every span', async () => {
  const text = await cli(['run', 'show', traceId]);
  for (const name of ['assistant', 'OpenAI Chat Completions', 'weather']) assert.ok(text.includes(name), name);
});

test('logs', async () => {
  assert.match(await cli(['logs', '--since', '3650d']), /an order was placed/);
});

test('sql', async () => {
  const rows = JSON.parse(await cli(['sql', 'SELECT count(*) AS n FROM spans', '--json']));
  assert.ok(Number(rows[0].n) > 20);
  const { code, stderr } = await server.cli(['sql', 'SELECT FROM nowhere']);
  assert.notEqual(code, 0);
  assert.match(stderr, /^error: /);
});

// Ids of all spans, and one payload, as a server shows them.
async function contents(target) {
  const spans = await target.sql('SELECT trace_id, span_id, name, start_ns FROM spans ORDER BY ALL');
  const logs = (await target.get('/api/v1/logs?limit=1000')).logs;
  const series = await target.sql(`SELECT s.name, p.value, p.count, p.sum, p.detail
    FROM metric_points p JOIN metric_series s USING (series_id) ORDER BY ALL`);
  return { spans, logs, series, trace: await target.get(`/api/traces/${traceId}`) };
}

test('export and import into a second server: nothing is lost', async () => {
  const folder = join(makeFolder(), 'backup');
  await cli(['export', '--out', folder]);
  const second = await Observatory.start();
  await cli(['import', folder], second);
  const before = await contents(server);
  assert.ok(before.spans.length > 20);
  assert.deepEqual(await contents(second), before);
  await cli(['import', folder], second);  // twice is once
  assert.deepEqual((await contents(second)).spans, before.spans);
  assert.equal(await second.stop(), 0);
});

test('send: the sample becomes a run', async () => {
  const sent = (await cli(['send'])).trim();
  const run = await server.get(`/api/v1/runs/${sent}`);
  assert.deepEqual([run.steps, run.tool_calls, run.errors], [2, 1, 0]);
});

test('tail: a run is printed when it ends', { timeout: 60_000 }, async () => {
  const tail = cli(['tail', '--limit', '1', '--json']);
  // The stream tells of later changes only: send until it was connected in time.
  let ended = false;
  tail.finally(() => { ended = true; });
  while (!ended) {
    await cli(['send']);
    await Promise.race([tail, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  const run = JSON.parse(await tail);
  assert.notEqual(run.status, 'live');
  assert.ok(run.spans > 0);
});

test('version and help need no server; unknown commands are usage errors', async () => {
  assert.match((await runBinary(['version'])).stdout, /\d+\.\d+/);
  assert.equal((await runBinary(['runs', '--help'])).code, 0);
  const { code, stderr } = await runBinary(['rnus']);
  assert.equal(code, 2);
  assert.match(stderr, /runs/);
});

test('doctor finds nothing wrong in a stopped store', async () => {
  assert.equal(await server.stop(), 0);
  const { code, stdout, stderr } = await runBinary(['doctor', '--data-dir', join(server.dataDir, 'store')]);
  assert.equal(code, 0, stdout + stderr);
});
