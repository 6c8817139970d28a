// Real agent instrumentations: the run of each shows what its conversation held, counted by hand.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startModelServer } from '../../examples/model-server/start.mjs';
import { kAnswer, kExpected, kQuestion, kScenarios, kSession } from './clients/scenario.mjs';
import { kClients, runClient } from './support/clients.mjs';
import { Observatory } from './support/observatory.mjs';
import { kProtocols } from './support/otel.mjs';

const kExamples = new URL('../../examples/', import.meta.url);
const kDemoSkip = existsSync(new URL('node_modules', kExamples))
  ? false : 'the npm packages of examples/ are not installed; run ./dev setup';
const kDemoRuns = { 'research-assistant': [14, 1], 'support-triage': [16, 1], summariser: [8, 1],
                    planner: [8, 2] };

let server;
let model;
before(async () => {
  server = await Observatory.start();
  model = await startModelServer({ scenarios: kScenarios });
});
after(async () => {
  await model.close();
  assert.equal(await server.stop(), 0);
});

function assertRun(run, client) {
  const { steps, tool_calls, models, tools, tokens } = run;
  assert.deepEqual({ steps, tool_calls, models, tools, tokens }, kExpected);
  assert.equal(run.service, client.name);
  assert.equal(run.session, kSession);
  assert.equal(run.errors, 0);
  if (client.contentInLogs) return;
  assert.match(run.input_preview, new RegExp(kQuestion));
  assert.match(run.output_preview, new RegExp(kAnswer));
}

async function assertContentInLogs(traceId) {
  const { logs } = await server.get(`/api/v1/traces/${traceId}/logs`);
  const text = JSON.stringify(logs);
  assert.ok(text.includes(kQuestion) && text.includes(kAnswer));
}

for (const client of kClients) {
  for (const protocol of kProtocols) {
    test(`${client.name} over ${protocol}`, async () => {
      const { traceId } = await runClient({ ...client, protocol }, server, model.url);
      assertRun(await server.get(`/api/v1/runs/${traceId}`), client);
      if (client.contentInLogs) await assertContentInLogs(traceId);
    });
  }
}

test('the demo agents: runs, failures and sessions', { skip: kDemoSkip }, async () => {
  await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('demo/run.mjs', kExamples)),
    '--otlp-http', server.http, '--otlp-grpc', server.grpc, '--latency-ms', '0']);
  for (const [service, [count, failed]] of Object.entries(kDemoRuns)) {
    const { runs, total } = await server.get(`/api/v1/runs?service=${service}&limit=100`);
    assert.equal(total, count, service);
    assert.equal(runs.filter(({ error_message: message }) => message !== '').length >= failed, true, service);
    assert.ok(runs.every(({ session }) => session !== ''), `${service}: every run has a session`);
  }
});
