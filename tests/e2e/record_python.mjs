#!/usr/bin/env node
// node record_python.mjs FOLDER [CLIENT...]: writes the Python payloads of tests/data/otlp/ anew.
// FOLDER holds one virtual environment for each file of clients-python/requirements
// (FOLDER/env-<name>); those that are missing are made with pip.
import { execFileSync, execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startModelServer } from '../../examples/model-server/start.mjs';
import { kScenarios } from './clients/scenario.mjs';
import { startSink } from './sink.mjs';

const kHere = fileURLToPath(new URL('clients-python/', import.meta.url));
const kData = fileURLToPath(new URL('../data/otlp/', import.meta.url));

// A crew asks in its own words.
const kCrew = { when: 'weather in Oslo', turns: kScenarios[0].turns.map((turn) => turn.tools
  ? { ...turn, tools: [{ name: 'weather', arguments: { city: 'Oslo' } }] } : turn) };

const kClients = [
  { name: 'pydantic-ai', script: 'pydantic_ai_agent.py', env: 'pydantic-ai' },
  { name: 'pydantic-ai-v2', script: 'pydantic_ai_agent.py', env: 'pydantic-ai',
    set: { PYDANTIC_AI_INSTRUMENTATION: '2' } },
  ...['openinference', 'traceloop'].map((instrumentation) => ({
    name: `openai-agents-${instrumentation}`, script: 'openai_agents.py', env: 'openai-agents',
    set: { INSTRUMENTATION: instrumentation } })),
  ...['openinference', 'traceloop', 'langsmith'].map((instrumentation) => ({
    name: `langgraph-${instrumentation}`, script: 'langgraph_agent.py', env: 'langgraph',
    set: { INSTRUMENTATION: instrumentation } })),
  { name: 'mlflow', script: 'mlflow_agent.py', env: 'langgraph' },
  { name: 'google-adk', script: 'google_adk_agent.py', env: 'google-adk' },
  ...['openinference', 'traceloop'].map((instrumentation) => ({
    name: `crewai-${instrumentation}`, script: 'crewai_crew.py', env: 'crewai',
    set: { INSTRUMENTATION: instrumentation } })),
  { name: 'semantic-kernel', script: 'semantic_kernel_agent.py', env: 'microsoft' },
  { name: 'autogen', script: 'autogen_agent.py', env: 'microsoft' },
  { name: 'agent-framework', script: 'agent_framework_agent.py', env: 'agent-framework' },
  { name: 'mcp', script: 'mcp_tool.py', env: 'mcp' },
];

function pythonOf(folder, env) {
  const python = `${folder}/env-${env}/bin/python`;
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', `${folder}/env-${env}`]);
    execFileSync(python, ['-m', 'pip', 'install', '-q', '-r', `${kHere}requirements/${env}.txt`]);
  }
  return python;
}

const [folder, ...wanted] = process.argv.slice(2);
const sink = await startSink();
const model = await startModelServer({ scenarios: [...kScenarios, kCrew] });
let failed = 0;
for (const { name, script, env, set } of kClients) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  sink.requests.length = 0;
  try {
    await promisify(execFile)(pythonOf(folder, env), [kHere + script], { timeout: 180_000, env: {
      ...process.env, ...set, OTEL_SERVICE_NAME: name, OTEL_EXPORTER_OTLP_ENDPOINT: sink.http,
      OPENAI_BASE_URL: model.url.endsWith('/v1') ? model.url : `${model.url}/v1`, OPENAI_API_KEY: 'none',
      PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore',
    } });
  } catch (error) {
    console.log(`${name}: ${error.stderr?.split('\n').slice(-12).join('\n') ?? error}`);
    failed += 1;
  }
  const traces = sink.requests.filter(({ signal }) => signal === 'traces');
  traces.forEach(({ body }, index) => {
    const path = `${name}${index === 0 ? '' : `-${index + 1}`}-traces.pb`;
    writeFileSync(kData + path, body);
    console.log(`${path}: ${body.length} bytes`);
  });
  if (traces.length === 0) console.log(`${name}: nothing arrived`);
}
await sink.close();
await model.close();
process.exitCode = failed > 0 ? 1 : 0;
