// observatory scenario: the runner, with an agent that is ten lines of Node.js.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder, runBinary } from './support/observatory.mjs';

const kAgent = `#!/usr/bin/env node
const lines = require('node:readline').createInterface({ input: process.stdin });
let broken = false;
lines.on('line', async (line) => {
  const { command, input, at_ns: at } = JSON.parse(line.replace(/"at_ns":(\\d+)/, '"at_ns":"$1"'));
  if (command) { broken = command.break; return console.log('{"ok": true}'); }
  const messages = [{ role: 'user', content: input }];
  const response = await fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST', body: JSON.stringify({ model: process.env.OPENAI_MODEL, messages }) });
  const { usage } = await response.json();
  console.log(JSON.stringify({ ok: response.ok, trace_id: at, outcome: broken ? 'no' : 'yes',
                               tokens: usage?.total_tokens, steps: 1, duration_ms: 5 }));
});
`;
const kScenario = `
summary: It says no.
agent: fake
duration: 10h
traffic: [{query_type: a, per_hour: 6, inputs: ["say {1..9}"]}]
faults:
  - {name: down, at: 3h, until: 4h, model: {server_error: {status: 503}},
     truth: {silent: false, kind: model_errors, cause: the provider is down}}
  - {name: contrary, at: 6h, command: {break: true},
     truth: {silent: true, kind: drift, cause: a switch, signals: [outcome]}}
`;

function makeScenario(text) {
  const folder = join(makeFolder(), 'fake');
  mkdirSync(folder);
  writeFileSync(join(folder, 'fake'), kAgent);
  chmodSync(join(folder, 'fake'), 0o755);
  writeFileSync(join(folder, 'scenario.yaml'), text);
  return folder;
}

test('plays traffic and faults, and reports the truth beside what was detected', async () => {
  const { code, stdout, stderr } = await runBinary(['scenario', 'run', makeScenario(kScenario), '--json']);
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  assert.equal(report.scenario, 'fake');
  assert.equal(Date.parse(report.ended_at) - Date.parse(report.started_at), 10 * 3600_000);
  assert.ok(report.runs.sent > 30);
  assert.equal(report.runs.stored, 0);
  const [down, contrary] = report.faults;
  assert.equal(down.truth.silent, false);
  assert.ok(down.during.runs > 0);
  assert.equal(down.during.failed, down.during.runs);
  assert.equal(down.before.failed, 0);
  assert.equal(report.runs.failed, down.during.failed);
  assert.deepEqual(Object.keys(contrary.before.outcomes), ['yes']);
  assert.deepEqual(Object.keys(contrary.during.outcomes), ['no']);
  assert.deepEqual(contrary.truth.signals, ['outcome']);
  for (const column of ['detected', 'detected_at', 'delay_s', 'detected_cause']) {
    assert.equal(contrary[column], null, column);
  }
  assert.equal(report.detection.available, false);
  assert.deepEqual(report.detection.incidents, []);
});

test('an agent that ends, and a file that is wrong, are named', async () => {
  const folder = makeScenario(kScenario);
  writeFileSync(join(folder, 'fake'), '#!/bin/sh\nexit 3\n');
  const ended = await runBinary(['scenario', 'run', folder]);
  assert.notEqual(ended.code, 0);
  assert.match(ended.stderr, /cannot (write to|read from) fake: it has ended/);
  assert.match(ended.stderr, /agent\.log/);
  const wrong = await runBinary(['scenario', 'check', makeScenario('summary: x\nagnet: y\n')]);
  assert.match(wrong.stderr, /scenario\.yaml:2:1: a scenario has no 'agnet'/);
});

test('demo plays, says what to look at, and ends with --once', async () => {
  const { code, stdout, stderr } = await runBinary([
    'demo', '--scenario', makeScenario(`${kScenario}look_at: [observatory runs]\n`), '--once',
    '--http-listen', '127.0.0.1:0', '--grpc-listen', '127.0.0.1:0']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /contrary \(silent, from /);
  assert.match(stdout, /before {4}100 % yes/);
  assert.match(stdout, /observatory runs --server http:/);
});
