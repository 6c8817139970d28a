// A small OpenAI-compatible server without a model: chat completions (tools, streaming),
// embeddings and the model list. The same seed and the same request give the same answer, so that
// agents can be run, tested and recorded without a network.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseTurn } from './behaviour.mjs';

const kModels = ['small-1', 'large-1', 'embed-1'];
const kMaxBodyBytes = 128 << 20;
const kCreated = 1750000000; // constant: answers do not depend on the clock

class ApiError extends Error {
  constructor(status, type, message) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

// Roughly what tokenizers of the large providers count for English text.
export function countTokens(text) {
  return Math.ceil(text.length / 4);
}

export function digest(...parts) {
  return createHash('sha256').update(parts.join('\0')).digest();
}

async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > kMaxBodyBytes) throw new ApiError(413, 'invalid_request_error', 'body is too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new ApiError(400, 'invalid_request_error', `cannot parse body: ${error.message}`);
  }
}

function sendJson(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function usageOf(request, message, scripted) {
  const [prompt, completion] = scripted ?? [
    countTokens(JSON.stringify(request.messages) + JSON.stringify(request.tools ?? '')),
    countTokens((message.content ?? '') + JSON.stringify(message.tool_calls ?? '')),
  ];
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

function toMessage(turn, id) {
  if (!turn.tools) return { role: 'assistant', content: turn.say, refusal: null };
  const calls = turn.tools.map((call, index) => ({
    id: `call_${id}_${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  return { role: 'assistant', content: turn.say ?? null, refusal: null, tool_calls: calls };
}

function* streamDeltas(message) {
  yield { role: 'assistant', content: '' };
  for (const piece of (message.content ?? '').match(/\s*\S+|\s+/g) ?? []) yield { content: piece };
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    const { name, arguments: text } = call.function;
    yield { tool_calls: [{ index, id: call.id, type: 'function', function: { name, arguments: '' } }] };
    yield { tool_calls: [{ index, function: { arguments: text } }] };
  }
}

async function streamChat(response, completion, includeUsage, delayMs) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const { id, created, model, choices, usage } = completion;
  const head = { id, object: 'chat.completion.chunk', created, model };
  const write = (chunk) => response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`);
  const deltas = [...streamDeltas(choices[0].message)];
  for (const delta of deltas) {
    write({ choices: [{ index: 0, delta, finish_reason: null }] });
    if (delayMs > 0) await sleep(delayMs / deltas.length);
  }
  write({ choices: [{ index: 0, delta: {}, finish_reason: choices[0].finish_reason }] });
  if (includeUsage) write({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}

async function chat(request, response, options) {
  const body = await readJson(request);
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw new ApiError(400, 'invalid_request_error', 'messages must be a non-empty array');
  }
  const hash = digest(options.seed, body.model, JSON.stringify(body.messages));
  const turn = chooseTurn(body, options.scenarios, hash);
  const message = turn.status ? null : toMessage(turn, hash.toString('hex', 0, 6));
  const delayMs = options.latencyMs * (0.5 + hash[0] / 255);
  if (delayMs > 0) await sleep(body.stream ? delayMs / 4 : delayMs);
  if (turn.status) throw new ApiError(turn.status, turn.type ?? 'server_error', turn.error);
  const completion = {
    id: `chatcmpl-${hash.toString('hex', 0, 12)}`,
    object: 'chat.completion',
    created: kCreated,
    model: body.model,
    choices: [{ index: 0, message, logprobs: null,
                finish_reason: turn.tools ? 'tool_calls' : 'stop' }],
    usage: usageOf(body, message, turn.usage),
  };
  if (body.stream) {
    await streamChat(response, completion, body.stream_options?.include_usage, delayMs);
  } else {
    sendJson(response, 200, completion);
  }
}

function embed(text, seed, dimensions) {
  const vector = new Float32Array(dimensions);
  for (let at = 0, block = 0; at < dimensions; ++block) {
    for (const byte of digest(seed, text, block)) {
      if (at < dimensions) vector[at++] = byte / 127.5 - 1;
    }
  }
  const norm = Math.hypot(...vector) || 1;
  return vector.map((x) => x / norm);
}

async function embeddings(request, response, options) {
  const body = await readJson(request);
  const inputs = [body.input ?? []].flat();
  if (inputs.length === 0) throw new ApiError(400, 'invalid_request_error', 'input is empty');
  const data = inputs.map((text, index) => {
    const vector = embed(String(text), options.seed, body.dimensions ?? 64);
    const embedding = body.encoding_format === 'base64'
      ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
    return { object: 'embedding', index, embedding };
  });
  const tokens = inputs.reduce((sum, text) => sum + countTokens(String(text)), 0);
  sendJson(response, 200, { object: 'list', data, model: body.model,
                            usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

function models(request, response) {
  const data = kModels.map((id) => ({ id, object: 'model', created: kCreated, owned_by: 'local' }));
  sendJson(response, 200, { object: 'list', data });
}

const kRoutes = {
  'POST /v1/chat/completions': chat,
  'POST /v1/embeddings': embeddings,
  'GET /v1/models': models,
};

// Starts a server on 127.0.0.1. Options: port (0 picks a free one), seed, latencyMs (about how
// long a call takes), scenarios (see behaviour.mjs). Resolves to {url, close()}.
export async function startModelServer({ port = 0, seed = 1, latencyMs = 0, scenarios = [] } = {}) {
  const options = { seed, latencyMs, scenarios };
  const server = createServer(async (request, response) => {
    try {
      const route = kRoutes[`${request.method} ${request.url.split('?')[0]}`];
      if (!route) throw new ApiError(404, 'not_found_error', `no route ${request.method} ${request.url}`);
      await route(request, response, options);
    } catch (error) {
      const { status = 500, type = 'server_error', message } = error;
      if (response.headersSent) return response.destroy();
      sendJson(response, status, { error: { message, type, param: null, code: null } });
    }
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
