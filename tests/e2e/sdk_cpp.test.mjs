// Programs of the C++ SDK against the real server. They are built with the tests.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { findBinary, Observatory } from './support/observatory.mjs';

const folder = process.env.OBSERVATORY_SDK_EXAMPLES ?? dirname(findBinary());
const built = (name) => existsSync(join(folder, `observatory_example_${name}`));

let server;
before(async () => { server = await Observatory.start(); });
after(async () => { assert.equal(await server.stop(), 0); });

async function run(name, env = {}) {
  const { stdout, stderr } = await promisify(execFile)(join(folder, `observatory_example_${name}`), [], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: server.http, ...env },
  });
  assert.equal(stderr, '');
  return stdout;
}

async function spansOf(traceId) {
  return (await server.get(`/api/traces/${traceId}`)).spans;
}

test('a trace of the SDK is a run with its model, tokens and outcome',
     { skip: !built('first_trace') }, async () => {
  const [, traceId] = (await run('first_trace')).match(/trace ([0-9a-f]{32})/);
  const spans = await spansOf(traceId);
  assert.deepEqual(spans.map((span) => [span.name, span.depth]).sort(),
                   [['agent.run', 0], ['llm.call', 1], ['retrieval', 1]]);
  const summary = await server.get(`/api/v1/runs/${traceId}`);
  const text = JSON.stringify(summary);
  assert.match(text, /gpt-4o/);
  assert.match(text, /loan-agent/);
  assert.match(text, /427|"input_tokens":420/);
});

test('delegation keeps one trace with the hierarchy of a multi-agent request',
     { skip: !built('delegation') }, async () => {
  const [, traceId] = (await run('delegation')).match(/one trace: ([0-9a-f]{32})/);
  const spans = await spansOf(traceId);
  const parent = (name) => {
    const span = spans.find((each) => each.name === name);
    return spans.find((each) => each.spanId === span.parentSpanId)?.name;
  };
  assert.equal(parent('agent.plan'), 'agent.run');
  assert.equal(parent('agent.delegate.researcher'), 'agent.run');
  assert.equal(parent('agent.execute'), 'agent.delegate.researcher');
  assert.equal(parent('llm.call'), 'agent.execute');
  assert.equal(parent('agent.consume'), 'agent.delegate.researcher');
  assert.equal(parent('agent.synthesize'), 'agent.run');
});

test('traces, logs and metrics arrive over gRPC', { skip: !built('over_grpc') }, async () => {
  const [, traceId] = (await run('over_grpc', {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: `http://${server.grpc}`,
    OTEL_SERVICE_NAME: 'over-grpc', OTEL_RESOURCE_ATTRIBUTES: 'transport=grpc',
  })).match(/"trace_id":\s*"([0-9a-f]{32})"/);
  assert.deepEqual((await spansOf(traceId)).map(({ name }) => name), ['agent.run']);
  const { logs } = await server.get(`/api/v1/logs?trace_id=${traceId}`);
  assert.equal(logs.length, 3);
  const points = await server.sql(`SELECT DISTINCT name FROM metric_series JOIN metric_points USING (series_id)
    WHERE name LIKE 'loans.%' ORDER BY name`);
  assert.deepEqual(points.map(({ name }) => name), ['loans.amount', 'loans.decisions']);
});

test('without the component, grpc is said to be missing, and HTTP used', { skip: !built('first_trace') }, async () => {
  const program = join(folder, 'observatory_example_first_trace');
  const { stdout, stderr } = await promisify(execFile)(program, [], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: server.http },
  });
  assert.match(stderr, /^observatory: cannot use OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' .*link observatory::grpc/);
  const [, traceId] = stdout.match(/trace ([0-9a-f]{32})/);
  assert.equal((await spansOf(traceId)).length, 3);
});
