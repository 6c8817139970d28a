// What was acknowledged stays, whole, through restarts, kill -9 and odd payloads.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeFolder, Observatory } from './support/observatory.mjs';

function makeId(bytes) {
  return randomBytes(bytes).toString('hex');
}

function nowNanos(offsetMs = 0) {
  return `${Date.now() + offsetMs}000000`;
}

function makeSpan(fields = {}) {
  return { traceId: makeId(16), spanId: makeId(8), name: 'work', kind: 1,
           startTimeUnixNano: nowNanos(-10), endTimeUnixNano: nowNanos(), ...fields };
}

function requestOf(spans, service = 'durability') {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] };
}

async function post(server, spans) {
  const response = await server.postOtlp('traces', requestOf(spans));
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body;
}

async function snapshot(server, spans) {
  const paths = spans.flatMap(({ traceId, spanId }) => [
    `/api/v1/traces/${traceId}/spans/${spanId}`, `/api/traces/${traceId}`]);
  return Promise.all(paths.map((path) => server.get(path)));
}

function variedSpans(count) {
  return Array.from({ length: count }, (_, i) => makeSpan({
    attributes: [
      { key: 'i', value: { intValue: String(i) } },
      { key: 'prompt', value: { stringValue: `question ${i} `.repeat(1 + 40 * i) } },
      { key: 'nested', value: { kvlistValue: { values: [
        { key: 'list', value: { arrayValue: { values: [{ doubleValue: 0.5 }, { boolValue: true }] } } }] } } },
    ],
    events: [{ name: 'event', timeUnixNano: nowNanos(), attributes: [] }],
  }));
}

for (const how of ['stop', 'kill9']) {
  test(`${how}, then a restart: everything is as before`, async () => {
    const dataDir = makeFolder();
    const spans = variedSpans(50);
    let server = await Observatory.start({ dataDir });
    await post(server, spans.slice(0, 25));
    await post(server, spans.slice(25));
    const before = await snapshot(server, spans);
    const result = await server[how]();
    if (how === 'stop') assert.equal(result, 0);

    server = await Observatory.start({ dataDir });
    assert.deepEqual(await snapshot(server, spans), before);
    const { total } = await server.get('/api/v1/runs?service=durability');
    assert.equal(total, 50);
    await post(server, spans);  // delivered again by a client that saw no answer
    const [{ n }] = await server.sql('SELECT count(*) AS n FROM spans');
    assert.equal(Number(n), 50);
    assert.equal(await server.stop(), 0);
  });
}

test('SIGTERM while clients send: exit 0, nothing acknowledged is lost', async () => {
  const dataDir = makeFolder();
  let server = await Observatory.start({ dataDir });
  const acknowledged = [];
  const sender = async () => {
    try {
      while (true) {
        const spans = Array.from({ length: 20 }, () => makeSpan());
        const response = await server.postOtlp('traces', requestOf(spans));
        if (response.status === 200) acknowledged.push(...spans);
        await response.arrayBuffer();
      }
    } catch { /* the connection was closed */ }
  };
  const senders = [sender(), sender(), sender()];
  while (acknowledged.length < 200) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await server.stop(), 0);
  await Promise.all(senders);

  server = await Observatory.start({ dataDir });
  const rows = await server.sql('SELECT span_id AS id FROM spans');
  const stored = new Set(rows.map(({ id }) => id));
  assert.deepEqual(acknowledged.filter(({ spanId }) => !stored.has(spanId)), []);
  assert.equal(await server.stop(), 0);
});

test('a 40 MB prompt comes back byte for byte, also after a restart', async () => {
  const dataDir = makeFolder();
  let server = await Observatory.start({ dataDir });
  const line = 'All of this – every wörd, 字 and 🌍 – is part of the prompt. ';
  let prompt = '';
  for (let i = 0; Buffer.byteLength(prompt) < 40_000_000; ++i) prompt += `${i}: ${line.repeat(1000)}\n`;
  const span = makeSpan({ attributes: [{ key: 'input.value', value: { stringValue: prompt } }] });
  const response = await server.postOtlp('traces', gzipSync(JSON.stringify(requestOf([span]))),
                                         { 'content-encoding': 'gzip' });
  assert.equal(response.status, 200, await response.text());
  const path = `/api/v1/traces/${span.traceId}/spans/${span.spanId}`;
  assert.ok((await server.get(path)).attributes['input.value'] === prompt, 'the text differs');
  assert.equal(await server.stop(), 0);
  server = await Observatory.start({ dataDir });
  assert.ok((await server.get(path)).attributes['input.value'] === prompt, 'the text differs after a restart');
  assert.equal(await server.stop(), 0);
});

test('bad spans are rejected one by one and reported as partial success', async () => {
  const server = await Observatory.start();
  const good = makeSpan();
  const bad = [makeSpan({ traceId: '' }), makeSpan({ spanId: '0'.repeat(16) })];
  const body = await post(server, [bad[0], good, bad[1]]);
  assert.equal(Number(body.partialSuccess.rejectedSpans), 2);
  assert.match(body.partialSuccess.errorMessage, /id/);
  const [{ n }] = await server.sql('SELECT count(*) AS n FROM spans');
  assert.equal(Number(n), 1);
  assert.deepEqual(await post(server, [makeSpan()]), {});
  assert.equal(await server.stop(), 0);
});

test('types stay what they were', async () => {
  const server = await Observatory.start();
  const span = makeSpan({ attributes: [
    { key: 'integral_double', value: { doubleValue: 5 } },
    { key: 'int', value: { intValue: '5' } },
    { key: 'large', value: { intValue: '9223372036854775807' } },
    { key: 'bytes', value: { bytesValue: Buffer.from([0, 255, 16]).toString('base64') } },
    { key: 'infinite', value: { doubleValue: 'Infinity' } },
    { key: 'nothing', value: {} },
  ] });
  await post(server, [span]);
  const response = await server.request(`/api/v1/traces/${span.traceId}/spans/${span.spanId}`);
  const text = await response.text();
  assert.match(text, /"integral_double":5\.0[,}]/);
  assert.match(text, /"int":5[,}]/);
  assert.match(text, /"large":9223372036854775807[,}]/);
  assert.match(text, /"bytes":\{"\$bytes":"AP8Q"\}/);
  assert.match(text, /"infinite":\{"\$double":"Infinity"\}/);
  assert.match(text, /"nothing":null/);
  assert.equal(await server.stop(), 0);
});
