// One trace through services in C++, JavaScript and Python, over HTTP headers: traceparent,
// tracestate and baggage, and the spans of all as the server has them.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { findBinary, Observatory } from './support/observatory.mjs';
import { makeExporter } from './support/otel.mjs';

const kHop = join(process.env.OBSERVATORY_SDK_EXAMPLES ?? dirname(findBinary()), 'observatory_hop');
const kHere = (path) => fileURLToPath(new URL(path, import.meta.url));
// Without a comma, because cpp-httplib decodes what is in headers before anybody can read it, and
// without a blank, which Python sends as a plus sign.
const kUser = 'grüße=u-1';

// A Python that has the SDK: of ./dev setup, or the system's; else why there is none.
function findPython() {
  const candidates = [process.env.OBSERVATORY_TEST_PYTHON, kHere('../../build/python/bin/python'), 'python3'];
  for (const python of candidates.filter(Boolean)) {
    try {
      execFileSync(python, ['-c', 'import opentelemetry.sdk, opentelemetry.exporter.otlp.proto.http'], { stdio: 'ignore' });
      return { python };
    } catch { /* the next */ }
  }
  return { skip: 'no Python has opentelemetry-sdk: run ./dev setup where PyPI is reachable' };
}
const kPython = findPython();
const kSkip = existsSync(kHop) ? false : 'observatory_hop is not built';

let server, provider, tracer, js, env;
const services = [];

before(async () => {
  server = await Observatory.start();
  env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: server.http, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' };
  provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'hop-js' }),
    spanProcessors: [new BatchSpanProcessor(await makeExporter('trace', 'http/protobuf', server))],
  });
  provider.register();
  tracer = trace.getTracer('hop');
  js = createServer(serveHop);
  await new Promise((resolve) => js.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  js.close();
  assert.equal(await server.stop(), 0);
});

const jsUrl = () => `http://127.0.0.1:${js.address().port}/hop`;

function line() {
  const span = trace.getActiveSpan().spanContext();
  const user = propagation.getActiveBaggage()?.getEntry('user.id')?.value ?? '';
  return `js ${span.traceId} ${user} ${span.traceState?.serialize() ?? ''}\n`;
}

async function forward(way) {
  if (!way) return '';
  const [url, ...rest] = way.split(' ');
  return tracer.startActiveSpan('ask', { kind: SpanKind.CLIENT }, async (span) => {
    const headers = { 'content-type': 'text/plain' };
    propagation.inject(context.active(), headers);
    const answer = await fetch(url, { method: 'POST', headers, body: rest.join(' ') });
    span.end();
    return answer.text();
  });
}

async function serveHop(request, response) {
  let way = '';
  for await (const chunk of request) way += chunk;
  const parent = propagation.extract(context.active(), request.headers);
  await context.with(parent, () => tracer.startActiveSpan('hop-js', { kind: SpanKind.SERVER }, async (span) => {
    const body = line() + await forward(way);
    span.end();
    response.end(body);
  }));
}

// Starts a service; resolves to its URL. end() lets it send what it has and waits for that.
async function startService(command, args) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const port = await new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(Number(chunk)));
    child.once('close', () => reject(new Error(`${command} ended`)));
  });
  services.push(async () => {
    child.stdin.end();
    assert.equal(await ended, 0);
  });
  return `http://127.0.0.1:${port}/hop`;
}
async function endServices() {
  for (const end of services.splice(0)) await end();
  await provider.forceFlush();
}

// The services of a trace from its root on, each span below the one that asked.
async function chainOf(traceId) {
  const { spans } = await server.get(`/api/traces/${traceId}`);
  const roots = spans.filter((span) => !spans.some((other) => other.spanId === span.parentSpanId));
  assert.equal(roots.length, 1, JSON.stringify(spans));
  const names = [];
  for (let span = roots[0]; span; span = spans.find((other) => other.parentSpanId === span.spanId)) names.push(span.name);
  assert.equal(names.length, spans.length);
  return names;
}

function check(answer, languages, state = '') {
  const lines = answer.trimEnd().split('\n');
  const traceId = lines[0].split(' ')[1];
  assert.deepEqual(lines.map((each) => each.trimEnd()),
                   languages.map((language) => `${language} ${traceId} ${kUser} ${state}`.trimEnd()));
  return traceId;
}

test('a trace of JavaScript goes on in C++, and back', { skip: kSkip }, async () => {
  const cpp = await startService(kHop, ['serve']);
  const remote = propagation.extract(context.active(), {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=kept,other=x:1',
  });
  const withUser = propagation.setBaggage(remote, propagation.createBaggage({ 'user.id': { value: kUser } }));
  const answer = await context.with(withUser, () => tracer.startActiveSpan('root', async (span) => {
    const text = line() + await forward([cpp, jsUrl(), cpp].join(' '));
    span.end();
    return text;
  }));
  await endServices();
  const traceId = check(answer, ['js', 'cpp', 'js', 'cpp'], 'vendor=kept,other=x:1');
  assert.equal(traceId, '0af7651916cd43dd8448eb211c80319c');
  assert.deepEqual(await chainOf(traceId),
                   ['root', 'ask', 'agent.execute', 'agent.delegate.next', 'hop-js', 'ask', 'agent.execute']);
});

test('a trace of C++ goes on in JavaScript, and back', { skip: kSkip }, async () => {
  const cpp = await startService(kHop, ['serve']);
  const { stdout } = await promisify(execFile)(kHop, ['start', jsUrl(), cpp], { env });
  await endServices();
  assert.deepEqual(await chainOf(check(stdout, ['cpp', 'js', 'cpp'])),
                   ['agent.run', 'agent.delegate.next', 'hop-js', 'ask', 'agent.execute']);
});

test('a trace of C++ goes on in Python, and back', { skip: kSkip || kPython.skip }, async () => {
  const cpp = await startService(kHop, ['serve']);
  const python = await startService(kPython.python, [kHere('clients-python/hop.py'), 'serve']);
  const { stdout } = await promisify(execFile)(kHop, ['start', python, cpp, jsUrl()], { env });
  await endServices();
  assert.deepEqual(await chainOf(check(stdout, ['cpp', 'python', 'cpp', 'js'])),
                   ['agent.run', 'agent.delegate.next', 'hop-python', 'ask', 'agent.execute', 'agent.delegate.next', 'hop-js']);
});

test('a trace of Python goes on in C++', { skip: kSkip || kPython.skip }, async () => {
  const cpp = await startService(kHop, ['serve']);
  const { stdout } = await promisify(execFile)(kPython.python, [kHere('clients-python/hop.py'), 'start', cpp, jsUrl()], { env });
  await endServices();
  assert.deepEqual(await chainOf(check(stdout, ['python', 'cpp', 'js'])),
                   ['root', 'ask', 'agent.execute', 'agent.delegate.next', 'hop-js']);
});
