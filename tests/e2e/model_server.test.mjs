// The model server as the OpenAI client from npm sees it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { startModelServer } from '../../examples/model-server/start.mjs';
import { runBinary } from './support/observatory.mjs';

const kScenarios = [
  { when: '^weather in (\\w+) and (\\w+)', turns: [
    { tools: [{ name: 'weather', arguments: { city: '$1' } },
              { name: 'weather', arguments: { city: '$2' } }] },
    { say: 'It rains in $1 and in $2.' },
  ] },
  { when: '^fail', turns: [{ status: 429, error: 'slow down', type: 'rate_limit_error' }] },
];
const kTools = [{ type: 'function', function: {
  name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];

let server;
let client;
before(async () => {
  server = await startModelServer({ seed: 7, scenarios: kScenarios });
  client = new OpenAI({ baseURL: server.url, apiKey: 'none', maxRetries: 0 });
});
after(() => server.close());

const user = (content) => [{ role: 'user', content }];
const ask = (content, more = {}) =>
  client.chat.completions.create({ model: 'small-1', messages: user(content), ...more });
const setFaults = (faults) => fetch(new URL('/faults', server.url), {
  method: 'PUT', body: JSON.stringify(faults) });

test('calls tools in parallel, then answers', async () => {
  const { choices: [{ message, finish_reason: reason }] } =
    await ask('weather in Oslo and Rome', { tools: kTools });
  assert.equal(reason, 'tool_calls');
  assert.deepEqual(message.tool_calls.map((call) => JSON.parse(call.function.arguments)),
                   [{ city: 'Oslo' }, { city: 'Rome' }]);
  const results = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'rain' }));
  const { choices: [answer] } = await client.chat.completions.create({
    model: 'small-1', messages: [...user('weather in Oslo and Rome'), message, ...results] });
  assert.equal(answer.message.content, 'It rains in Oslo and in Rome.');
  assert.equal(answer.finish_reason, 'stop');
});

test('streams what it would answer at once, with the same usage', async () => {
  const whole = await ask('weather in Oslo and Rome', { tools: kTools });
  const stream = client.chat.completions.stream({
    model: 'small-1', messages: user('weather in Oslo and Rome'), tools: kTools,
    stream_options: { include_usage: true } });
  const streamed = await stream.finalChatCompletion();
  assert.deepEqual(streamed.choices[0].message.tool_calls.map((call) => call.function.arguments),
                   whole.choices[0].message.tool_calls.map((call) => call.function.arguments));
  assert.deepEqual((await stream.totalUsage()).total_tokens, whole.usage.total_tokens);
});

test('embeddings are unit vectors, near for similar texts', async () => {
  const { data } = await client.embeddings.create({ model: 'embed-1', input: [
    'the policy for personal loans', 'what is the loan policy?', 'a recipe for fish soup'] });
  const [policy, question, soup] = data.map(({ embedding }) => embedding);
  const near = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  assert.ok(Math.abs(near(policy, policy) - 1) < 1e-5);
  assert.ok(near(policy, question) > near(policy, soup) + 0.2);
});

test('lists models', async () => {
  const models = [];
  for await (const { id } of client.models.list()) models.push(id);
  assert.ok(models.includes('small-1'));
});

test('failures are the errors that the client knows', async () => {
  await assert.rejects(ask('fail now'), (error) => error instanceof OpenAI.RateLimitError &&
    error.type === 'rate_limit_error' && /slow down/.test(error.message));
  await assert.rejects(client.chat.completions.create({ model: 'small-1', messages: [] }),
                       (error) => error instanceof OpenAI.BadRequestError && error.param === 'messages');
  await assert.rejects(client.models.retrieve('nothing'), OpenAI.NotFoundError);
});

test('faults are met by the client as they are in production', async () => {
  await setFaults({ rate_limit: { retry_after_s: 3 } });
  await assert.rejects(ask('hello'), (error) => error instanceof OpenAI.RateLimitError &&
    error.headers.get('retry-after') === '3');
  await setFaults({ server_error: { status: 503 } });
  await assert.rejects(ask('hello'), OpenAI.InternalServerError);
  await setFaults({ malformed_json: {} });
  await assert.rejects(ask('hello'), SyntaxError);
  await setFaults({});
  assert.ok((await ask('hello')).choices[0].message.content.length > 0);
});

test('problems of the command line are said', async () => {
  const { code, stderr } = await runBinary(['model-server', '--script', 'nowhere.yaml']);
  assert.notEqual(code, 0);
  assert.match(stderr, /nowhere\.yaml/);
});
