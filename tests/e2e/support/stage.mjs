// What tests of the C++ agents share: a server, the model server, agents as processes, and what is
// read back from the server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startModelServer } from '../../../examples/model-server/start.mjs';
import { findBinary, makeFolder, Observatory } from './observatory.mjs';

export const kPrograms = join(dirname(findBinary()), 'examples');

// What is to be ended with the test file, the last first.
export const stops = [];
after(async () => { for (const stop of stops.reverse()) await stop(); });

// A server and the model server with the example's script.
export async function makeStage(example) {
  const server = await Observatory.start();
  stops.push(() => server.stop());
  const script = join(kPrograms, example, 'model.yaml');
  const model = await startModelServer({ args: ['--script', script, '--no-wait'] });
  stops.push(() => model.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: server.http, OPENAI_BASE_URL: model.url,
                OPENAI_API_KEY: 'none', OPENAI_MODEL: 'small-1' };
  return { example, server, model, env };
}

function logLines(errors) {
  return errors.split('\n').filter((line) => line.startsWith('{')).map(JSON.parse);
}

// Lets the agent do `jobs`, one after the other. Resolves to its answers, once it has sent all it knows.
export function runJobs({ example, env }, jobs) {
  const child = spawn(join(kPrograms, example, example), ['--jobs'],
                      { env: { ...process.env, ...env }, stdio: 'pipe' });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => { output += chunk; });
  child.stderr.on('data', (chunk) => { errors += chunk; });
  child.stdin.end(jobs.map((job) => `${JSON.stringify(job)}\n`).join(''));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`${example} ended with ${code}: ${errors}`));
      return resolve({ answers: output.trim().split('\n').map(JSON.parse), lines: logLines(errors) });
    });
  });
}

// Starts a program of the example that is there for others, and awaits that it is ready. `stop`
// resolves to its exit code, `lines` are what it has logged.
export async function startProgram({ example, env }, args, added = {}) {
  const folder = makeFolder();
  const readyFile = join(folder, 'ready.json');
  const child = spawn(join(kPrograms, example, example), [...args, '--ready-file', readyFile],
                      { env: { ...process.env, ...env, ...added }, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => { errors += chunk; });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = (signal = 'SIGTERM') => { child.kill(signal); return ended; };
  stops.push(() => stop());
  for (const deadline = Date.now() + 100_000; !existsSync(readyFile); await sleep(10)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${args.join(' ')} did not start: ${errors}`);
    }
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8'));
  return { ready, folder, stop, lines: () => logLines(errors) };
}

// Starts an agent that serves others over HTTP.
export async function startService(stage, role) {
  const { ready, stop } = await startProgram(stage, ['--role', role, '--listen', '127.0.0.1:0']);
  return { url: `http://${ready.http}`, stop };
}

// The trace as indented names: each span above its children, these by their start.
export async function outlineOf(server, traceId) {
  const { spans } = await server.get(`/api/traces/${traceId}`);
  const ids = new Set(spans.map((span) => span.spanId));
  const below = (parent, depth) => spans
    .filter(({ parentSpanId: id }) => (parent === null ? !ids.has(id) : id === parent))
    .flatMap(({ name, spanId: id }) => ['  '.repeat(depth) + name, ...below(id, depth + 1)]);
  return below(null, 0);
}

export function attribute(span, key) {
  return span.attributes.find((entry) => entry.key === key)?.value;
}

export async function assertFiguresAgree({ server, model }, answers, lines) {
  const told = answers.reduce((sum, { tokens }) => sum + tokens, 0);
  const usage = await (await fetch(new URL('/usage', model.url))).json();
  assert.equal(told, usage.models['small-1'].total_tokens, 'the agent and the model server');
  const [{ traced }] = await server.sql('SELECT sum(total_tokens)::BIGINT AS traced FROM runs');
  assert.equal(Number(traced), told, 'traces');
  const logged = lines.filter((line) => line.event_type === 'llm_call');
  assert.equal(logged.reduce((sum, line) => sum + line.total_tokens, 0), told, 'log lines');
  assert.ok(logged.every((line) => /^[0-9a-f]{32}$/.test(line.trace_id)));
  const [{ stored }] = await server.sql(
    `SELECT sum((body->>'$.total_tokens')::BIGINT)::BIGINT AS stored FROM logs
     WHERE event_name = 'llm_call'`);
  assert.equal(Number(stored), told, 'stored logs');
  const [{ counted }] = await server.sql(
    `SELECT sum(last)::BIGINT AS counted FROM (
       SELECT max(value) AS last FROM metric_points JOIN metric_series USING (series_id)
       WHERE name = 'agent.tokens.total' GROUP BY series_id)`);
  assert.equal(Number(counted), told, 'metrics');
}
