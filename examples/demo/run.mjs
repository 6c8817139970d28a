#!/usr/bin/env node
// node run.mjs [--otlp-http URL] [--otlp-grpc ADDR] [--model URL]
// Runs the four demo agents, each in its own process with its own instrumentation and exporter.
// Without --model it starts observatory model-server (OBSERVATORY_BIN, else the one in build/).
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startModelServer } from '../model-server/start.mjs';

const kAgents = [
  { file: 'research.mjs', service: 'research-assistant', protocol: 'http/protobuf' },
  { file: 'triage.mjs', service: 'support-triage', protocol: 'http/json' },
  { file: 'summariser.mjs', service: 'summariser', protocol: 'grpc' },
  { file: 'planner.mjs', service: 'planner', protocol: 'grpc' },
];

const { values: args } = parseArgs({
  options: {
    'otlp-http': { type: 'string', default: 'http://127.0.0.1:4318' },
    'otlp-grpc': { type: 'string', default: '127.0.0.1:4317' },
    model: { type: 'string' },
    'latency-ms': { type: 'string', default: '60' },
  },
});

function runAgent({ file, service, protocol }, modelUrl) {
  const endpoint = protocol === 'grpc'
    ? `http://${args['otlp-grpc'].replace(/^\w+:\/\//, '')}` : args['otlp-http'];
  const env = {
    ...process.env,
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=demo,service.version=1.0.0',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OPENAI_BASE_URL: modelUrl,
    OPENAI_API_KEY: 'none',
    AI_SDK_LOG_WARNINGS: 'false',
  };
  const path = fileURLToPath(new URL(`agents/${file}`, import.meta.url));
  const child = spawn(process.execPath, [path], { env, stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

function readScenarios() {
  return JSON.parse(readFileSync(new URL('scenarios.json', import.meta.url), 'utf8'));
}

const model = args.model ? null
  : await startModelServer({ latencyMs: Number(args['latency-ms']), scenarios: readScenarios() });
const codes = await Promise.all(kAgents.map((agent) => runAgent(agent, args.model ?? model.url)));
await model?.close();
process.exit(Math.max(...codes));
