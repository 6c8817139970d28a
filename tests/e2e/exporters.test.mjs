// The three exporters of the OpenTelemetry JS SDK, for each signal: what was sent can be read as
// soon as the export is acknowledged.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { Observatory } from './support/observatory.mjs';
import { exportNow, kProtocols, makeExporter, SeededIds } from './support/otel.mjs';
import { kAttributes, makeLogs, makeMetrics, makeSpans } from './support/sample.mjs';

const kSecondAgo = Date.now() - 1000;
let server;
before(async () => { server = await Observatory.start(); });
after(async () => assert.equal(await server.stop(), 0));

function newSpans(service) {
  return makeSpans({ service, ids: new SeededIds(randomUUID()), at: kSecondAgo });
}

async function send(signal, protocol, items, options) {
  const exporter = await makeExporter(signal, protocol, server, options);
  await exportNow(exporter, items);
  return exporter.shutdown();
}

function nanos(ms) {
  return `${ms}000000`;
}

async function readSpan(span) {
  const { traceId, spanId } = span.spanContext();
  return server.get(`/api/v1/traces/${traceId}/spans/${spanId}`);
}

async function assertParent(spans) {
  const parent = spans.find(({ name }) => name === 'parent');
  const read = await readSpan(parent);
  assert.deepEqual(read.attributes, kAttributes);
  assert.equal(read.kind, 'server');
  assert.equal(read.start_unix_nano, nanos(kSecondAgo));
  assert.equal(read.end_unix_nano, nanos(kSecondAgo + 40));
  assert.equal(read.parent_span_id, null);
  assert.deepEqual(read.events.map(({ name, time_unix_nano, attributes }) => [name, time_unix_nano, attributes]),
                   [['checkpoint', nanos(kSecondAgo + 5), { reached: true, count: 3 }]]);
  assert.deepEqual(read.links.map(({ trace_id, span_id, attributes }) => [trace_id, span_id, attributes]),
                   [['ab'.repeat(16), 'cd'.repeat(8), { reason: 'retry of', attempt: 2 }]]);
  assert.equal(read.resource.attributes['service.version'], '1.2.3');
  assert.deepEqual([read.scope.name, read.scope.version], ['sample', '0.1.0']);
}

async function assertFailedChild(spans) {
  const read = await readSpan(spans.find(({ name }) => name === 'child.bad'));
  assert.deepEqual(read.status, { code: 'error', message: 'no answer after 10 s' });
  assert.equal(read.events[0].name, 'exception');
  assert.equal(read.events[0].attributes['exception.type'], 'TimeoutError');
}

async function assertTrace(spans, service) {
  const { traceId } = spans[0].spanContext();
  const trace = await server.get(`/api/v1/traces/${traceId}`);
  assert.equal(trace.span_count, 3);
  assert.deepEqual(trace.columns.start_ns, [0, 10e6, 20e6]);
  assert.deepEqual(trace.columns.duration_ns, [40e6, 10e6, 10e6]);
  assert.deepEqual(trace.columns.parent_row, [-1, 0, 0]);

  const flat = (await server.get(`/api/traces/${traceId}`)).spans;
  assert.deepEqual(flat.map(({ name, depth, status }) => [name, depth, status]),
                   [['parent', 0, 'UNSET'], ['child.good', 1, 'OK'], ['child.bad', 1, 'ERROR']]);
  assert.equal(flat[0].startTimeUnixNano, nanos(kSecondAgo));
  assert.equal(flat[0].attributes.find(({ key }) => key === 'whole').value, 42);

  const { runs, total } = await server.get(`/api/v1/runs?service=${service}`);
  assert.equal(total, 1);
  assert.equal(runs[0].trace_id, traceId);
  assert.deepEqual([runs[0].root_name, runs[0].spans, runs[0].errors, runs[0].duration_ms],
                   ['parent', 3, 1, 40]);
  const { usage, edges, versions, tool_usage, ...row } = await server.get(`/api/v1/runs/${traceId}`);
  assert.deepEqual(row, runs[0]);
  assert.deepEqual([usage, edges, versions, tool_usage], [[], [], [], []]);
}

async function assertLogs(service, span) {
  const { logs } = await server.get(`/api/v1/logs?service=${service}&order=asc`);
  assert.equal(logs.length, 3);
  const info = logs.find(({ severity_number: number }) => number === SeverityNumber.INFO);
  assert.equal(info.body, 'an order was placed');
  assert.equal(info.event_name, 'order.placed');
  assert.deepEqual(info.attributes, kAttributes);
  assert.equal(info.time_unix_nano, nanos(kSecondAgo));
  assert.equal(info.observed_unix_nano, nanos(kSecondAgo + 1));
  assert.equal(info.span_id, span.spanId);
  const error = logs.find(({ severity }) => severity === 'error');
  assert.deepEqual(error.body, { structured: { depth: 2, list: [1, 'two', null] }, ok: false });
  const plain = logs.find(({ trace_id: id }) => id === null);
  assert.equal(plain.body, 'neither severity nor span');
  const ofTrace = await server.get(`/api/v1/logs?trace_id=${span.traceId}`);
  assert.equal(ofTrace.logs.filter((log) => log.service === service).length, 2);
}

async function assertMetrics(service) {
  const rows = await server.sql(
    `SELECT s.name, s.unit, s.type, p.value, p.count, p.sum
     FROM metric_points p JOIN metric_series s USING (series_id)
     WHERE s.service = '${service}' ORDER BY s.name, p.value`);
  const points = rows.map(({ name, value, count, sum }) => [name, value, count === null ? null : Number(count), sum]);
  assert.deepEqual(points.map(([name]) => name),
                   ['sample.counter', 'sample.counter', 'sample.exponential', 'sample.gauge',
                    'sample.histogram', 'sample.updown']);
  const of = (name) => points.filter((point) => point[0] === name);
  assert.deepEqual(of('sample.counter').map(([, value]) => value), [3, 4]);
  assert.equal(of('sample.gauge')[0][1], 21.5);
  assert.equal(of('sample.updown')[0][1], -2);
  for (const name of ['sample.histogram', 'sample.exponential']) {
    assert.deepEqual(of(name)[0].slice(2), [3, 551], name);
  }
  assert.equal(rows.find(({ name }) => name === 'sample.histogram').unit, 'ms');
}

for (const protocol of kProtocols) {
  const label = protocol.replace('/', '-');

  test(`${protocol}: traces are readable at once, whole`, async () => {
    const spans = newSpans(`traces-${label}`);
    await send('trace', protocol, spans);
    await assertTrace(spans, `traces-${label}`);
    await assertParent(spans);
    await assertFailedChild(spans);
  });

  test(`${protocol}: the same spans twice are stored once`, async () => {
    const spans = newSpans(`twice-${label}`);
    await send('trace', protocol, spans);
    await send('trace', protocol, spans);
    await assertTrace(spans, `twice-${label}`);
  });

  test(`${protocol}: gzip`, async () => {
    const spans = newSpans(`gzip-${label}`);
    await send('trace', protocol, spans, { compression: 'gzip' });
    await assertTrace(spans, `gzip-${label}`);
  });

  test(`${protocol}: logs are readable at once, with their trace`, async () => {
    const service = `logs-${label}`;
    const span = newSpans(service)[0].spanContext();
    await send('logs', protocol, makeLogs({ service, at: kSecondAgo, span }));
    await assertLogs(service, span);
  });

  test(`${protocol}: metrics are readable at once through SQL`, async () => {
    const service = `metrics-${label}`;
    await send('metrics', protocol, await makeMetrics({ service, at: kSecondAgo }));
    await assertMetrics(service);
  });

  test(`${protocol}: many exports at once lose and double nothing`, async () => {
    const service = `many-${label}`;
    const exporter = await makeExporter('trace', protocol, server);
    const batches = Array.from({ length: 40 }, () => newSpans(service));
    for (let i = 0; i < batches.length; i += 20) {
      await Promise.all(batches.slice(i, i + 20).map((batch) => exportNow(exporter, batch)));
      const stored = await server.sql(`SELECT count(*) AS n FROM spans WHERE service = '${service}'`);
      assert.equal(Number(stored[0].n), 3 * (i + 20));
    }
    await exporter.shutdown();
  });
}
