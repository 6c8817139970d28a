import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startModelServer } from './server.mjs';

const kScenarios = [
  { when: '^weather in (\\w+)', turns: [
    { tools: [{ name: 'weather', arguments: { city: '$1' } }] },
    { say: 'It rains in $1.' },
  ] },
  { when: '^fail', turns: [{ status: 429, error: 'slow down', type: 'rate_limit_error' }] },
];
let server;
before(async () => { server = await startModelServer({ seed: 7, scenarios: kScenarios }); });
after(() => server.close());

function post(path, body) {
  return fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
}
function ask(content, extra = {}) {
  return post('/chat/completions', { model: 'small-1', messages: [{ role: 'user', content }], ...extra });
}

test('the same request gives the same answer', async () => {
  const [a, b] = [await (await ask('hello there')).text(), await (await ask('hello there')).text()];
  assert.equal(a, b);
  assert.equal(JSON.parse(a).choices[0].finish_reason, 'stop');
});

test('a scenario calls a tool, then answers', async () => {
  const first = (await (await ask('weather in Oslo')).json()).choices[0];
  assert.equal(first.finish_reason, 'tool_calls');
  assert.equal(first.message.tool_calls[0].function.arguments, '{"city":"Oslo"}');
  const messages = [{ role: 'user', content: 'weather in Oslo' }, first.message,
                    { role: 'tool', tool_call_id: first.message.tool_calls[0].id, content: 'rain' }];
  const second = await (await post('/chat/completions', { model: 'small-1', messages })).json();
  assert.equal(second.choices[0].message.content, 'It rains in Oslo.');
});

test('streams deltas, then usage, then DONE', async () => {
  const text = await (await ask('weather in Rome', { stream: true, stream_options: { include_usage: true } })).text();
  const events = text.trim().split('\n\n').map((line) => line.slice('data: '.length));
  assert.equal(events.at(-1), '[DONE]');
  assert.ok(JSON.parse(events.at(-2)).usage.total_tokens > 0);
  const calls = events.slice(0, -1).map((event) => JSON.parse(event).choices[0]?.delta.tool_calls?.[0]);
  assert.equal(calls.map((call) => call?.function.arguments ?? '').join(''), '{"city":"Rome"}');
});

test('a scripted failure has the status and error body of the API', async () => {
  const response = await ask('fail now');
  assert.equal(response.status, 429);
  assert.equal((await response.json()).error.type, 'rate_limit_error');
});

test('embeddings are unit vectors, as floats and as base64', async () => {
  const floats = (await (await post('/embeddings', { model: 'embed-1', input: ['a', 'b'] })).json()).data;
  assert.equal(floats.length, 2);
  assert.ok(Math.abs(Math.hypot(...floats[0].embedding) - 1) < 1e-6);
  const packed = (await (await post('/embeddings', { model: 'embed-1', input: 'a', encoding_format: 'base64' })).json()).data;
  const bytes = Buffer.from(packed[0].embedding, 'base64');
  assert.ok(Math.abs(bytes.readFloatLE(0) - floats[0].embedding[0]) < 1e-6);
});

test('bad requests are refused with a reason', async () => {
  assert.equal((await fetch(`${server.url}/chat/completions`, { method: 'POST', body: '{' })).status, 400);
  assert.equal((await post('/chat/completions', { messages: [] })).status, 400);
  assert.equal((await fetch(`${server.url}/nowhere`)).status, 404);
});
