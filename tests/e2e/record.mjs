#!/usr/bin/env node
// node record.mjs: writes tests/data/otlp/ anew from the real clients.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startModelServer } from '../../examples/model-server/start.mjs';
import { kScenarios } from './clients/scenario.mjs';
import { startSink } from './sink.mjs';
import { kClients, runClient } from './support/clients.mjs';
import { exportNow, kProtocols, makeExporter, SeededIds } from './support/otel.mjs';
import { makeLogs, makeMetrics, makeSpans } from './support/sample.mjs';

const kFolder = new URL('../data/otlp/', import.meta.url);
const kAt = Date.UTC(2025, 0, 2, 3, 4, 5);  // of the SDK samples

const sink = await startSink();
const model = await startModelServer({ scenarios: kScenarios });

function save(name, { type, body }) {
  const path = fileURLToPath(new URL(`${name}.${type}`, kFolder));
  writeFileSync(path, type === 'json' ? `${JSON.stringify(JSON.parse(body), null, 1)}\n` : body);
  console.log(`${name}.${type}: ${body.length} bytes`);
}

// What arrived while `action` ran: one request for each signal.
async function record(name, action) {
  sink.requests.length = 0;
  await action();
  const signals = sink.requests.map(({ signal }) => signal);
  if (signals.length === 0 || new Set(signals).size !== signals.length) {
    throw new Error(`${name}: unexpected requests: ${signals}`);
  }
  for (const request of sink.requests) save(`${name}-${request.signal}`, request);
}

for (const client of kClients) {
  for (const protocol of ['http/protobuf', 'http/json']) {
    await record(client.name, () => runClient({ ...client, protocol }, sink, model.url, client.name));
  }
}

const spans = makeSpans({ service: 'sample', ids: new SeededIds('sample'), at: kAt });
const samples = {
  trace: spans,
  logs: makeLogs({ service: 'sample', at: kAt, span: spans[0].spanContext() }),
  metrics: await makeMetrics({ service: 'sample', at: kAt }),
};
for (const [signal, items] of Object.entries(samples)) {
  for (const protocol of kProtocols) {
    const prefix = protocol === 'grpc' ? 'otel-sdk-grpc' : 'otel-sdk';
    const exporter = await makeExporter(signal, protocol, sink);
    await record(prefix, () => exportNow(exporter, items));
    await exporter.shutdown();
  }
}
await sink.close();
await model.close();

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const versions = Object.entries(dependencies).map(([name, version]) => `- ${name} ${version}`);
const kSeparator = '## Versions\n';
const readme = new URL('README.md', kFolder);
const text = readFileSync(readme, 'utf8');
writeFileSync(readme, `${text.split(kSeparator)[0]}${kSeparator}\n${versions.join('\n')}\n`);
