// The five agents of examples/insurance-claims on a Redis and a RabbitMQ of their own: one trace a
// claim across all processes, figures that agree to the token, and no claim lost with its agent.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertFiguresAgree, attribute, kPrograms, makeStage, outlineOf, runJobs, startProgram, stops }
  from './support/stage.mjs';

const kExample = 'insurance-claims';
const kProgram = join(kPrograms, kExample, kExample);

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}
function isInstalled(...command) {
  try {
    execFileSync(command[0], command.slice(1), { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
if (!existsSync(kProgram)) skip('insurance-claims is not built; install libhiredis-dev and librabbitmq-dev');
if (!isInstalled('redis-server', '--version')) skip('there is no Redis; install redis-server');
if (!existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')) skip('there is no RabbitMQ; install rabbitmq-server');

const buses = {};
let stage;  // of the test that runs
before(async () => {
  const start = async (bus) => { buses[bus] = await startProgram({ example: kExample, env: {} }, ['--bus', bus]); };
  await Promise.all([start('redis'), start('rabbitmq')]);
});

const kRoles = ['coverage', 'fraud', 'valuation', 'settlement'];
const startAgent = (role, added) => startProgram(stage, ['--role', role], added);

// A server, a model, and the agents that serve.
async function open(roles = kRoles) {
  stage = await makeStage(kExample);
  stage.env.REDIS_URL = buses.redis.ready.url;
  stage.env.RABBITMQ_URL = buses.rabbitmq.ready.url;
  stage.agents = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await startAgent(role)])));
}
// Ends them, so that they send what they still hold; resolves to what they have logged.
async function close() {
  const agents = Object.values(stage.agents);
  assert.deepEqual(await Promise.all(agents.map(({ stop }) => stop())), agents.map(() => 0));
  return agents.flatMap(({ lines }) => lines());
}

function claim(id, policy, damage, estimate) {
  const type = { M: 'motor', H: 'home', T: 'travel' }[policy[0]];
  return { input: `Claim ${id} by Ines Costa, policy ${policy}: ${type}, ${damage}, estimate ${estimate} EUR`,
           query_type: type, user: 'u1', session: 's1' };
}
const kPaid = claim(4711, 'M-1011', 'broken windscreen', 640);

// A hop: the message is sent, taken and worked on.
const hop = (role, ...steps) => [
  `agent.delegate.${role}`, '  agent.consume', '    agent.execute', ...steps.map((step) => `      ${step}`)];
const indented = (lines) => lines.map((line) => `  ${line}`);
const kSettlement = hop('settlement', 'llm.call', 'tool.call.book_payment', 'agent.answer');
const kFraud = hop('fraud', 'tool.call.claim_history', 'tool.call.score', 'llm.call', 'agent.delegate.settlement');
const kValuation = hop('valuation', 'tool.call.price_list', 'tool.call.work_out', 'llm.call', ...kSettlement);
const kCoverage = hop('coverage', 'tool.call.policy_lookup', 'retrieval', 'llm.call', ...kFraud, ...kValuation);
const kTrace = ['agent.run',
                ...indented(['tool.call.read_claim', 'llm.call', ...kCoverage, 'agent.consume'])];

// The newest values of a counter, added up by one of its attributes.
async function sumsOf(metric, attribute) {
  const rows = await stage.server.sql(
    `SELECT (attributes->>'$."${attribute}"') AS name, sum(last)::INTEGER AS total FROM (
       SELECT attributes, max(value) AS last FROM metric_points JOIN metric_series USING (series_id)
       WHERE name = '${metric}' GROUP BY series_id, attributes) GROUP BY ALL ORDER BY 1`);
  return Object.fromEntries(rows.map(({ name, total }) => [name, total]));
}

const serviceOf = (role) => `claims-${role}`;
const kServices = ['intake', ...kRoles].map(serviceOf).sort();

test('one claim is one trace across five processes and two buses', async () => {
  await open();
  const { answers: [answer], lines } = await runJobs(stage, [kPaid]);
  const all = [...lines, ...await close()];
  assert.equal(answer.outcome, 'paid', JSON.stringify(answer));
  const { server } = stage;
  assert.deepEqual(await outlineOf(server, answer.trace_id), kTrace);

  const { spans } = await server.get(`/api/traces/${answer.trace_id}`);
  assert.ok(spans.every((span) => attribute(span, 'session.id') === 's1'), 'baggage crosses every hop');
  const hops = await server.sql(
    `SELECT kind, (attributes->>'$."messaging.system"') AS bus,
            (attributes->>'$."messaging.destination.name"') AS queue, count(*)::INTEGER AS spans
     FROM spans WHERE trace_id = '${answer.trace_id}' AND bus IS NOT NULL
     GROUP BY ALL ORDER BY queue, kind`);
  assert.deepEqual(hops.map(({ kind, bus, queue }) => `${kind} ${bus} ${queue}`.toLowerCase()), [
    'consumer redis claims.answers', 'producer redis claims.answers',
    'consumer rabbitmq claims.fraud', 'producer rabbitmq claims.fraud',
    'producer redis claims.fraud_reports',  // joined with the valuation: a link
    'consumer redis claims.opened', 'producer redis claims.opened',
    'consumer rabbitmq claims.valuation', 'producer rabbitmq claims.valuation',
    'consumer rabbitmq claims.valued', 'producer rabbitmq claims.valued']);

  const run = await server.get(`/api/v1/runs/${answer.trace_id}`);
  assert.deepEqual(run.edges.map(({ from, to, evidence, calls, errors }) =>
    `${from} > ${to}: ${evidence} ${calls} ${errors}`), [
    'coverage > fraud: message 1 0', 'coverage > valuation: message 1 0',
    'fraud > settlement: message 1 0', 'intake > coverage: message 1 0',
    'settlement > intake: message 1 0', 'valuation > settlement: message 1 0']);
  assert.deepEqual([run.outcome, run.tokens.total, run.steps], ['paid', answer.tokens, 5]);
  const services = await server.sql(
    `SELECT DISTINCT service FROM spans WHERE trace_id = '${answer.trace_id}' ORDER BY 1`);
  assert.deepEqual(services.map(({ service }) => service), kServices);
  await assertFiguresAgree(stage, [answer], all);
});

test('fan-in: settlement is below the valuation and linked to the fraud report', async () => {
  await open();
  const { answers: [answer] } = await runJobs(stage, [kPaid]);
  await close();
  const spans = await stage.server.sql(
    `SELECT service, name, span_id, parent_span_id, links::VARCHAR AS links FROM spans
     WHERE trace_id = '${answer.trace_id}'`);
  const service = (role) => spans.filter((span) => span.service === serviceOf(role));
  const [taken] = service('settlement').filter(({ name }) => name === 'agent.consume');
  const [sent] = service('valuation').filter(({ name }) => name === 'agent.delegate.settlement');
  const [report] = service('fraud').filter(({ name }) => name === 'agent.delegate.settlement');
  assert.equal(taken.parent_span_id, sent.span_id);
  assert.deepEqual(JSON.parse(taken.links).map(({ span_id: id }) => id), [report.span_id]);
});

test('silent failures change decisions and sums, and a loud one fails', async () => {
  await open();
  const excluded = claim(1, 'M-1011', 'worn brakes', 320);
  const { answers } = await runJobs(stage, [
    kPaid, excluded,
    { command: { lose_wordings: true } }, excluded,
    { command: { load_prices: 'prices-2019.csv' } }, kPaid,
    { command: { stop_policies: true } }, kPaid,
    { command: { load_prices: 'nowhere.csv' } }]);
  await close();
  const [paid, denied, , lost, , old, , failed, refused] = answers;
  assert.deepEqual([paid, denied, lost, old].map(({ outcome }) => outcome), ['paid', 'denied', 'paid', 'paid']);
  const sum = ({ output }) => Number(/(\d+) EUR/.exec(output)[1]);
  assert.ok(sum(old) < sum(paid) / 1.5, `${old.output} | ${paid.output}`);
  assert.deepEqual(await outlineOf(stage.server, denied.trace_id), [
    'agent.run', '  tool.call.read_claim', '  llm.call',
    ...indented(hop('coverage', 'tool.call.policy_lookup', 'retrieval', 'llm.call', 'agent.answer')),
    '  agent.consume']);
  assert.match(failed.error, /coverage: policy store: 503/);
  assert.match(refused.error, /valuation: cannot read .*nowhere.csv/);
  const [{ errors }] = await stage.server.sql(
    `SELECT count(*)::INTEGER AS errors FROM runs WHERE error AND trace_id <> '${failed.trace_id}'`);
  assert.equal(errors, 0, 'the silent ones show no error');
  assert.deepEqual(await sumsOf('claims.settled', 'outcome'), { denied: 1, failed: 1, paid: 3 });
  assert.deepEqual(await sumsOf('claims.handled', 'agent'),
                   { coverage: 5, fraud: 3, settlement: 3, valuation: 3 });
});

// A model that embeds, but never answers a question: who asks it stays in the middle of its work.
async function startSilentModel(real) {
  let asked;
  const question = new Promise((resolve) => { asked = resolve; });
  const server = createServer(async (request, response) => {
    if (request.url.endsWith('/chat/completions')) return asked();
    const body = Buffer.concat(await request.toArray());
    const answer = await fetch(new URL(request.url, real), { method: request.method, body });
    return response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => { server.closeAllConnections?.(); server.close(); });
  return { question, env: { OPENAI_BASE_URL: `http://127.0.0.1:${server.address().port}/v1` } };
}

test('a claim outlives agents that are killed in the middle of it, on either bus', async () => {
  await open([]);
  const models = {};
  for (const role of kRoles) {
    models[role] = await startSilentModel(stage.model.url);
    stage.agents[role] = await startAgent(role, models[role].env);
  }
  const working = runJobs(stage, [kPaid]);
  for (const role of kRoles) {
    await models[role].question;
    await stage.agents[role].stop('SIGKILL');
    stage.agents[role] = await startAgent(role);
  }
  const { answers: [answer] } = await working;
  await close();
  assert.equal(answer.outcome, 'paid', JSON.stringify(answer));
  assert.deepEqual(await outlineOf(stage.server, answer.trace_id), kTrace, 'every step once');
  const run = await stage.server.get(`/api/v1/runs/${answer.trace_id}`);
  assert.equal(run.tokens.total, answer.tokens);
  const redelivered = await stage.server.sql(
    `SELECT DISTINCT service FROM spans WHERE trace_id = '${answer.trace_id}'
       AND (attributes->>'$."messaging.message.redelivered"') = 'true' ORDER BY 1`);
  assert.deepEqual(redelivered.map(({ service }) => service), kRoles.map(serviceOf).sort());
  assert.deepEqual(await sumsOf('claims.redelivered', 'agent'),
                   { coverage: 1, fraud: 1, settlement: 1, valuation: 1 });
});

function run(args, env) {
  return spawnSync(kProgram, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
}

test('what is missing is said, with what to do', () => {
  for (const bus of ['redis', 'rabbitmq']) {
    const { status, stderr } = run(['--bus', bus], { PATH: '/nonexistent' });
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`cannot start ${bus}: there is no .*apt-get install .*${bus}-server`, 'i'));
  }
  const { status, stderr } = run(['--role', 'coverage'], { REDIS_URL: 'redis://127.0.0.1:1' });
  assert.equal(status, 1);
  assert.match(stderr, /cannot reach Redis at redis:\/\/127.0.0.1:1: Connection refused/);
});

async function awaitNobodyAt({ port, hostname }) {
  for (const deadline = Date.now() + 30_000; ; await sleep(10)) {
    const taken = await new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    });
    if (!taken) return;
    assert.ok(Date.now() < deadline, `somebody still listens on ${port}`);
  }
}

test('a bus ends with its program, in order or killed', async () => {
  for (const [bus, signal] of [['redis', 'SIGTERM'], ['rabbitmq', 'SIGKILL']]) {
    const { ready, stop, folder } = buses[bus];
    assert.equal(await stop(signal), signal === 'SIGTERM' ? 0 : null);
    await awaitNobodyAt(new URL(ready.url.replace(/^\w+:/, 'http:')));
    if (signal === 'SIGTERM') assert.deepEqual(readdirSync(folder), ['ready.json']);
  }
});
