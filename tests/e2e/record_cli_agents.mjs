#!/usr/bin/env node
// node record_cli_agents.mjs FOLDER [AGENT...]: records tests/data/otlp/{codex,gemini-cli,
// claude-code}-*.json anew: each agent is asked for the weather and answered by a local model.
// FOLDER holds their npm packages (npm install --prefix FOLDER @openai/codex @google/gemini-cli
// @anthropic-ai/claude-code) and their home directories. What says on which machine that was, and
// the agents' own long texts, is replaced.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startCliModels } from './clients/cli_models.mjs';
import { startSink } from './sink.mjs';

const kData = fileURLToPath(new URL('../data/otlp/', import.meta.url));
const kAsk = 'weather in Oslo';
const kLongest = 300;
const kReplaced = {
  'host.name': 'host', 'process.owner': 'user', 'process.pid': '1', 'process.command': 'agent',
  'process.command_args': 'agent', 'process.executable.path': 'node', 'os_release': '6.1.0',
  'process.executable.name': 'node', 'installation.id': '00000000-0000-4000-8000-000000000000',
  'user.id': 'user', 'os.version': '6.1.0',
};

const [folder, ...wanted] = process.argv.slice(2);
const sink = await startSink();
const model = await startCliModels();

const kAgents = {
  codex: (home) => {
    mkdirSync(`${home}/.codex`, { recursive: true });
    writeFileSync(`${home}/.codex/config.toml`, `
model = "gpt-5-codex"
model_provider = "local"
[model_providers.local]
name = "Local"
base_url = "${model.url}/v1"
wire_api = "responses"
env_key = "LOCAL_KEY"
[otel]
log_user_prompt = true
exporter = { otlp-http = { endpoint = "${sink.http}/v1/logs", protocol = "json" } }
`);
    return { set: { LOCAL_KEY: 'none' }, command: ['codex', 'exec', '--skip-git-repo-check',
      '--dangerously-bypass-approvals-and-sandbox', kAsk] };
  },
  'gemini-cli': (home) => {
    mkdirSync(`${home}/.gemini`, { recursive: true });
    writeFileSync(`${home}/.gemini/settings.json`, JSON.stringify({
      security: { auth: { selectedType: 'gemini-api-key' } },
      telemetry: { enabled: true, target: 'local', otlpEndpoint: sink.http, otlpProtocol: 'http',
                   logPrompts: true } }));
    return { command: ['gemini', '-m', 'gemini-2.5-pro', '--yolo', '-p', kAsk], set: {
      GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: model.url,
      GEMINI_CLI_TRUST_WORKSPACE: 'true' } };
  },
  'claude-code': () => ({
    command: ['claude', '-p', kAsk, '--allowedTools', 'Bash', '--model',
              'claude-sonnet-4-5-20250929'],
    set: {
      ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'none', CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.http, OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_LOG_USER_PROMPTS: '1' },
  }),
};

function cleaned(value, key) {
  if (key in kReplaced) return { stringValue: kReplaced[key] };
  if (Array.isArray(value)) return value.map((item) => cleaned(item));
  if (typeof value === 'string' && value.length > kLongest) {
    return `(${value.length} characters left out)`;
  }
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.key === 'string' && value.value !== undefined) {
    return { key: value.key, value: cleaned(value.value, value.key) };
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cleaned(item)]));
}

// All requests of a signal as one.
function joined(requests) {
  const bodies = requests.map(({ body }) => JSON.parse(body));
  const [member] = Object.keys(bodies[0]);
  return { [member]: cleaned(bodies.flatMap((body) => body[member])) };
}

function run(home, { command: [name, ...args], set }) {
  return new Promise((resolve, reject) => {
    const child = execFile(`${folder}/node_modules/.bin/${name}`, args, {
      cwd: `${home}/work`, timeout: 120_000,
      env: { PATH: process.env.PATH, TERM: 'dumb', HOME: home, ...set },
    }, (error, out, errors) => (error ? reject(new Error(errors.slice(-1000))) : resolve()));
    child.stdin.end();
  });
}

for (const [name, prepare] of Object.entries(kAgents)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  sink.requests.length = 0;
  const home = `${folder}/home-${name}`;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(`${home}/work`, { recursive: true });
  await run(home, prepare(home));
  for (const signal of ['logs', 'traces']) {
    const requests = sink.requests.filter((request) => request.signal === signal);
    if (requests.length === 0) continue;
    const text = JSON.stringify(joined(requests)).replaceAll(home, '/home/user');
    writeFileSync(`${kData}${name}-${signal}.json`, text);
    console.log(`${name}-${signal}.json: ${text.length} bytes`);
  }
}
await sink.close();
await model.close();
