// A local model for coding agents: answers requests of the Gemini, OpenAI Responses and Anthropic
// Messages APIs, first with a shell command (when the agent offers a tool for it), then with text.
import { createServer } from 'node:http';

const kAnswer = 'Oslo: 7 degrees, light rain.';
const kCommand = 'echo rain in Oslo';

function sendJson(response, value) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function sendEvents(response, events) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const data of events) {
    const name = data.type === undefined ? '' : `event: ${data.type}\n`;
    response.write(`${name}data: ${JSON.stringify(data)}\n\n`);
  }
  response.end();
}

function answerGemini(url, body, response) {
  if (url.includes('countTokens')) return sendJson(response, { totalTokens: 1200 });
  const done = JSON.stringify(body.contents).includes('functionResponse');
  const tool = (body.tools ?? []).flatMap((t) => t.functionDeclarations ?? [])
    .find(({ name }) => name === 'run_shell_command');
  const args = { command: kCommand, description: 'looks' };
  const parts = done || !tool ? [{ text: kAnswer }]
                              : [{ functionCall: { name: tool.name, args } }];
  const chunk = {
    candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 1200, cachedContentTokenCount: 800,
                     candidatesTokenCount: 30, thoughtsTokenCount: 10, totalTokenCount: 1240 },
    modelVersion: 'gemini-2.5-pro', responseId: `resp-${done ? 2 : 1}`,
  };
  return url.includes('stream') ? sendEvents(response, [chunk]) : sendJson(response, chunk);
}

function answerOpenAi(body, response) {
  const done = JSON.stringify(body.input).includes('function_call_output');
  const tool = (body.tools ?? []).find(({ name }) => /shell|exec_command/.test(name ?? ''));
  const args = { exec_command: { cmd: kCommand }, shell_command: { command: kCommand } }[tool?.name]
    ?? { command: ['bash', '-lc', kCommand] };
  const item = done || !tool
    ? { type: 'message', role: 'assistant', id: 'msg_1',
        content: [{ type: 'output_text', text: kAnswer }] }
    : { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: tool.name,
        arguments: JSON.stringify(args) };
  const id = `resp_${done ? 2 : 1}`;
  const usage = { input_tokens: 1200, input_tokens_details: { cached_tokens: 800 },
                  output_tokens: 40, output_tokens_details: { reasoning_tokens: 10 },
                  total_tokens: 1240 };
  sendEvents(response, [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { id, status: 'completed', output: [item], usage } },
  ]);
}

function answerAnthropic(url, body, response) {
  if (url.includes('count_tokens')) return sendJson(response, { input_tokens: 1200 });
  const done = JSON.stringify(body.messages).includes('tool_result');
  const calls = !done && (body.tools ?? []).some(({ name }) => name === 'Bash');
  const usage = {
    input_tokens: 400, cache_creation_input_tokens: 300, cache_read_input_tokens: 500,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    output_tokens: 1, service_tier: 'standard',
  };
  const message = { id: `msg_${done ? 2 : 1}`, type: 'message', role: 'assistant', content: [],
                    model: body.model, stop_reason: null, stop_sequence: null, usage };
  if (!body.stream) {
    return sendJson(response, { ...message, content: [{ type: 'text', text: kAnswer }],
                                stop_reason: 'end_turn', usage: { ...usage, output_tokens: 40 } });
  }
  const block = calls ? { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} }
                      : { type: 'text', text: '' };
  const args = JSON.stringify({ command: kCommand, description: 'Looks' });
  const delta = calls ? { type: 'input_json_delta', partial_json: args }
                      : { type: 'text_delta', text: kAnswer };
  return sendEvents(response, [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', usage: { output_tokens: 40 },
      delta: { stop_reason: calls ? 'tool_use' : 'end_turn', stop_sequence: null } },
    { type: 'message_stop' },
  ]);
}

// Resolves to {url, close()}.
export async function startCliModels() {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url, method } = request;
    const text = Buffer.concat(chunks).toString();
    const body = text.startsWith('{') ? JSON.parse(text) : {};
    if (method === 'POST' && /enerateContent|countTokens/.test(url)) {
      answerGemini(url, body, response);
    } else if (method === 'POST' && url.endsWith('/responses')) {
      answerOpenAi(body, response);
    } else if (method === 'POST' && url.includes('/v1/messages')) {
      answerAnthropic(url, body, response);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`,
           close: () => new Promise((resolve) => server.close(resolve)) };
}
