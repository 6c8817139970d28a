// API keys, and what an open port may and may not do.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder, Observatory, runBinary } from './support/observatory.mjs';
import { exportNow, kProtocols, makeExporter, SeededIds } from './support/otel.mjs';
import { makeSpans } from './support/sample.mjs';

async function createKey(dataDir, project) {
  const { code, stdout, stderr } = await runBinary(
    ['keys', 'create', '--project', project, '--data-dir', join(dataDir, 'store'), '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).key;
}

function spansOf(service) {
  return makeSpans({ service, ids: new SeededIds(service), at: Date.now() - 1000 });
}

test('a non-loopback address is refused without keys', async () => {
  const { code, stderr } = await runBinary([
    'serve', '--data-dir', makeFolder(), '--http-listen', '0.0.0.0:0', '--grpc-listen', '127.0.0.1:0']);
  assert.notEqual(code, 0);
  assert.match(stderr, /loopback|key/i);
  const server = await Observatory.start({ args: ['--http-listen', '0.0.0.0:0', '--allow-unauthenticated'] });
  assert.equal(await server.stop(), 0);
});

test('with a key in force requests without it are refused', async () => {
  const dataDir = makeFolder();
  const secret = await createKey(dataDir, 'alpha');
  const server = await Observatory.start({ dataDir });
  for (const path of ['/api/v1/runs', '/api/v1/logs']) {
    const response = await server.request(path);
    assert.equal(response.status, 401, path);
    assert.equal(typeof (await response.json()).error.message, 'string');
  }
  assert.equal((await server.postOtlp('traces', { resourceSpans: [] })).status, 401);
  assert.equal((await server.request('/healthz')).status, 200);

  const basic = Buffer.from(`user:${secret}`).toString('base64');
  for (const headers of [{ authorization: `Bearer ${secret}` }, { 'x-api-key': secret },
                         { authorization: `Basic ${basic}` }]) {
    assert.equal((await server.request('/api/v1/runs', { headers })).status, 200);
  }
  assert.equal((await server.request('/api/v1/runs', { headers: { 'x-api-key': `${secret}x` } })).status, 401);
  assert.equal(await server.stop(), 0);
});

test('projects do not see each other; every exporter can carry a key', async () => {
  const dataDir = makeFolder();
  const [alpha, beta] = [await createKey(dataDir, 'alpha'), await createKey(dataDir, 'beta')];
  const server = await Observatory.start({ dataDir });
  for (const protocol of kProtocols) {
    const spans = spansOf(protocol.replace('/', '-'));
    const refused = await makeExporter('trace', protocol, server);
    await assert.rejects(exportNow(refused, spans), protocol);
    const { Metadata } = await import('@grpc/grpc-js');
    const metadata = new Metadata();
    metadata.set('x-api-key', alpha);
    const exporter = await makeExporter('trace', protocol, server,
                                        protocol === 'grpc' ? { metadata } : { headers: { 'x-api-key': alpha } });
    await exportNow(exporter, spans);
    await Promise.all([refused.shutdown(), exporter.shutdown()]);
  }
  const list = async (key) => (await (await server.request('/api/v1/runs', { headers: { 'x-api-key': key } })).json()).total;
  assert.equal(await list(alpha), kProtocols.length);
  assert.equal(await list(beta), 0);
  assert.equal(await server.stop(), 0);
});
