#!/usr/bin/env node
// node main.mjs [--port N] [--seed N] [--latency-ms N] [--scenarios FILE.json]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startModelServer } from './server.mjs';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    seed: { type: 'string', default: '1' },
    'latency-ms': { type: 'string', default: '0' },
    scenarios: { type: 'string' },
  },
});
const server = await startModelServer({
  port: Number(values.port),
  seed: Number(values.seed),
  latencyMs: Number(values['latency-ms']),
  scenarios: values.scenarios ? JSON.parse(readFileSync(values.scenarios, 'utf8')) : [],
});
console.log(`model server: ${server.url}`);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close().then(() => process.exit(0)));
