// The C++ agents of examples/: their traces, read back from the server, have the promised
// hierarchy, and traces, logs, metrics and the model server's own count agree to the token.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder, Observatory, runBinary } from './support/observatory.mjs';
import { assertFiguresAgree, attribute, kPrograms, makeStage, outlineOf, runJobs, startService, stops }
  from './support/stage.mjs';

if (!existsSync(join(kPrograms, 'supervisor/supervisor'))) {
  console.log('skipped: the agents are not built; build the target `agents`');
  process.exit(77);
}

const kApplication = 'Application 4711 from Maria Keller: a car loan of 12000 over 48 months. ' +
  'Income 4000 a month, debts 300 a month, credit score 720.';

test('loan-approval: retrieval decides, and a reindex changes every decision', async () => {
  const stage = await makeStage('loan-approval');
  const { answers, lines } = await runJobs(stage, [
    { input: kApplication, query_type: 'car', user: 'u1', session: 's1' },
    { command: { reindex: 'policies-2019' } },
    { input: kApplication, query_type: 'car', user: 'u1', session: 's2' }]);
  assert.deepEqual(answers.map(({ ok }) => ok), [true, true, true]);
  const [before, , afterwards] = answers;
  assert.equal(before.outcome, 'approved');
  assert.equal(afterwards.outcome, 'declined');
  for (const { trace_id: id } of [before, afterwards]) {
    assert.deepEqual(await outlineOf(stage.server, id), [
      'agent.run', '  tool.call.debt_to_income', '  retrieval', '  llm.call']);
  }
  const versionOf = async ({ trace_id: id }) => {
    const { spans } = await stage.server.get(`/api/traces/${id}`);
    assert.ok(spans.every(({ status }) => !/error/i.test(JSON.stringify(status))), 'no error anywhere');
    return attribute(spans.find(({ name }) => name === 'retrieval'), 'retrieval.documents');
  };
  assert.match(JSON.stringify(await versionOf(before)), /policies-current/);
  assert.match(JSON.stringify(await versionOf(afterwards)), /policies-2019/);
  const run = await stage.server.get(`/api/v1/runs/${before.trace_id}`);
  assert.equal(run.outcome, 'approved');
  assert.equal(run.query_type, 'car');
  assert.equal(run.session, 's1');
  await assertFiguresAgree(stage, [before, afterwards], lines);
});

test('loan-approval: what is no application fails, and is an error in its trace', async () => {
  const stage = await makeStage('loan-approval');
  const { answers: [answer] } = await runJobs(stage, [{ input: 'hello', query_type: 'car' }]);
  assert.equal(answer.ok, false);
  assert.match(answer.error, /no application/);
  const run = await stage.server.get(`/api/v1/runs/${answer.trace_id}`);
  assert.match(JSON.stringify(run), /no application/);
});

test('research-assistant: parallel tools, then a calculation, then the answer', async () => {
  const stage = await makeStage('research-assistant');
  const { answers, lines } = await runJobs(stage, [
    { input: 'How many times longer is the Danube than the Rhine?', query_type: 'compare' },
    { input: 'What does the handbook say about citing sources?', query_type: 'handbook' }]);
  const [compare, handbook] = answers;
  assert.match(compare.output, /2\.31/);
  assert.match(handbook.output, /names its source/);
  assert.deepEqual(await outlineOf(stage.server, compare.trace_id), [
    'agent.run', '  llm.call', '  tool.call', '  tool.call', '  llm.call', '  tool.call', '  llm.call']);
  assert.deepEqual(await outlineOf(stage.server, handbook.trace_id), [
    'agent.run', '  llm.call', '  tool.call', '    retrieval', '  llm.call']);
  const run = await stage.server.get(`/api/v1/runs/${compare.trace_id}`);
  assert.deepEqual([run.steps, run.tool_calls, run.tools], [3, 3, ['calculator', 'web_search']]);
  await assertFiguresAgree(stage, answers, lines);
});

test('research-assistant: a search that finds nothing runs into the cap of 15 steps', async () => {
  const stage = await makeStage('research-assistant');
  const { answers: [, answer] } = await runJobs(stage, [
    { command: { break_search: 'true' } }, { input: 'How long is the Elbe?', query_type: 'lookup' }]);
  assert.equal(answer.outcome, 'gave up');
  assert.equal(answer.steps, 15);
});

test('supervisor: four processes, one trace, the hierarchy of a delegation', async () => {
  const stage = await makeStage('supervisor');
  const services = [];
  for (const role of ['retriever', 'researcher', 'writer']) {
    const service = await startService(stage, role);
    services.push(service);
    stage.env[`${role.toUpperCase()}_URL`] = service.url;
  }
  const { answers: [answer] } = await runJobs(stage, [
    { input: 'Write a brief about oxygen', query_type: 'nature', session: 's1', user: 'u1' }]);
  assert.equal(answer.ok, true, answer.error);
  assert.match(answer.output, /4 mg of oxygen/);
  for (const { stop } of services) await stop();  // they send what they still hold
  assert.deepEqual(await outlineOf(stage.server, answer.trace_id), [
    'agent.run',
    '  agent.plan',
    '    llm.call',
    '  agent.delegate.researcher',
    '    agent.execute',
    '      llm.call',
    '      agent.delegate.retriever',
    '        agent.execute',
    '          tool.call.search_library',
    '            retrieval',
    '      tool.call.list_figures',
    '  agent.delegate.writer',
    '    agent.execute',
    '      llm.call',
    '      tool.call.count_words',
    '  agent.synthesize',
    '    llm.call']);
  const { spans } = await stage.server.get(`/api/traces/${answer.trace_id}`);
  const delegation = spans.find(({ name }) => name === 'agent.delegate.researcher');
  assert.equal(attribute(delegation, 'agent.child.name'), 'researcher');
  assert.equal(attribute(delegation, 'agent.child.status'), 'completed');
  const services4 = await stage.server.sql(
    `SELECT DISTINCT service FROM spans WHERE trace_id = '${answer.trace_id}' ORDER BY 1`);
  assert.deepEqual(services4.map(({ service }) => service),
                   ['researcher', 'retriever', 'supervisor', 'writer']);
  const run = await stage.server.get(`/api/v1/runs/${answer.trace_id}`);
  assert.equal(run.tokens.total, answer.tokens);
});

test('summariser: answers shrink without an error', async () => {
  const stage = await makeStage('summariser');
  const input = 'Report: One thing came. Two things went. Three stayed. Four slept. Five ate. Six left.';
  const [long] = (await runJobs(stage, [{ input, query_type: 'report' }])).answers;
  await fetch(new URL('/faults', stage.model.url), { method: 'PUT', body: '{"verbosity": {"factor": 0.4}}' });
  const [short] = (await runJobs(stage, [{ input, query_type: 'report' }])).answers;
  assert.ok(short.ok && short.output.length < long.output.length * 0.7, `${long.output} | ${short.output}`);
  assert.deepEqual(await outlineOf(stage.server, short.trace_id), ['agent.run', '  llm.call']);
});

// Agents with tools: what they decide, and what they decide after a fault that no error shows.
const kTwoTools = ['agent.run', '  llm.call', '  tool.call', '  tool.call', '  llm.call'];
const kDomains = {
  'order-fulfilment': {
    input: 'Order 1001: 2 of item chair to Oslo', outcome: 'shipped', outline: [...kTwoTools, '  tool.call', '  llm.call'],
    fault: { load_stock: 'stock-last-season.csv' }, afterwards: 'backorder' },
  'devops-monitor': {
    input: 'Alert: disk is high on billing-4', outcome: 'act',
    outline: [...kTwoTools, '  tool.call', '    retrieval', '  llm.call'],
    fault: { as_fraction: 'true' }, afterwards: 'wait' },
  'transaction-auditor': {
    input: 'Payment 100001: 100 EUR from A101 to Kestrel Mineral', outcome: 'held', outline: kTwoTools,
    fault: { empty_watchlist: 'true' }, afterwards: 'cleared' },
  'contract-review': {
    input: 'Review the payment clause of contract Cedar', outcome: 'negotiate',
    outline: ['agent.run', '  llm.call', '  tool.call', '  tool.call', '    retrieval', '  llm.call'],
    fault: { reindex: 'playbook-2021' }, afterwards: 'accept' },
  tutoring: {
    input: 'I say 7 times 8 is 58', outcome: 'incorrect',
    outline: ['agent.run', '  llm.call', '  tool.call', '  llm.call', '  tool.call', '    retrieval', '  llm.call'],
    fault: { tolerance: '5' }, afterwards: 'correct' },
  'clinical-trials': {
    input: 'Patient 1234, aged 50, HbA1c 70, takes nothing, for trial GLYCO-1', outcome: 'eligible',
    outline: ['agent.run', '  llm.call', '  tool.call', '  llm.call'],
    fault: { load_criteria: 'criteria-draft.csv' }, afterwards: 'not eligible' },
};
for (const [example, { input, outcome, outline, fault, afterwards }] of Object.entries(kDomains)) {
  test(`${example}: ${outcome}, and ${afterwards} after a silent fault`, async () => {
    const stage = await makeStage(example);
    const { answers, lines } = await runJobs(stage, [{ input }, { command: fault }, { input }]);
    assert.deepEqual(answers.map(({ ok, outcome: said }) => (ok ? said : 'failed')),
                     [outcome, undefined, afterwards], answers.map((a) => a.output).join(' | '));
    assert.deepEqual(await outlineOf(stage.server, answers[0].trace_id), outline);
    const [{ errors }] = await stage.server.sql('SELECT sum(errors)::BIGINT AS errors FROM runs');
    assert.equal(Number(errors), 0);
    await assertFiguresAgree(stage, [answers[0], answers[2]], lines);
  });
}

// A day of a scenario in seconds: everything is stored at the time at which it was to happen.
test('a scenario has truthful times, and its fault shows in the figures', async () => {
  const folder = join(makeFolder(), 'loan-approval');
  mkdirSync(folder);
  const script = join(kPrograms, 'loan-approval/model.yaml');
  writeFileSync(join(folder, 'scenario.yaml'), `
summary: One afternoon.
agent: loan-approval
model: {script: ${script}, first_token: 2s}
duration: 8h
traffic: [{query_type: car, per_hour: 8, inputs: ["${kApplication}"]}]
faults:
  - {name: reindex, at: 4h, command: {reindex: policies-2019},
     truth: {silent: true, kind: retrieval_drift, cause: old index}}
`);
  const server = await Observatory.start();
  stops.push(() => server.stop());
  const { code, stdout, stderr } = await runBinary(['scenario', 'run', folder, '--to', server.http, '--json']);
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  assert.equal(report.runs.stored, report.runs.sent);
  assert.deepEqual(Object.keys(report.faults[0].before.outcomes), ['approved']);
  assert.deepEqual(Object.keys(report.faults[0].during.outcomes), ['declined']);
  const [{ first, last, shortest, errors }] = await server.sql(
    `SELECT min(start_ns)::VARCHAR AS first, max(start_ns)::VARCHAR AS last,
            min(duration_ms) AS shortest, count(*) FILTER (error) AS errors
     FROM runs WHERE agent <> ''`);
  assert.ok(Number(first) / 1e6 >= Date.parse(report.started_at));
  assert.ok(Number(last) / 1e6 <= Date.parse(report.ended_at));
  assert.ok((Number(last) - Number(first)) / 3.6e12 > 6, 'hours apart');
  assert.ok(shortest > 500, 'the time that the model would take is in the spans');
  assert.equal(Number(errors), 0);
});
