// What a model was told and answered, from whatever the instrumentation recorded. The server's own
// `messages` win; the shapes below are read where it has none.
import type { Attributes, Document, Message, MessagePart, Messages, Span } from '../api/types';

export type Origin = 'server' | 'recorded' | 'text';
export interface Conversation extends Messages { origin: Origin; source: string }

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export function parseMaybe(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const trimmed = value.trimStart();
  if (!/^[[{"]/.test(trimmed)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const asText = (value: unknown): string =>
  (value == null ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2));

function mediaPart(type: 'image' | 'file', uri: unknown, mime?: unknown): MessagePart {
  const source = asText(uri);
  const data = /^data:([^;,]+)/.exec(source);
  return { type, uri: source, mime_type: data?.[1] ?? (typeof mime === 'string' ? mime : undefined), size: source.length };
}

function toolCall(value: Json): MessagePart {
  const fn = isObject(value.function) ? value.function : value;
  return { type: 'tool_call', id: asText(value.id ?? value.toolCallId ?? value.tool_call_id),
           name: asText(fn.name ?? value.toolName),
           arguments: parseMaybe(fn.arguments ?? value.input ?? value.args ?? value.arguments) };
}

// One part of a content list, in the shapes of OpenTelemetry, OpenAI, Anthropic and the AI SDK.
function toPart(raw: unknown): MessagePart {
  if (!isObject(raw)) return { type: 'text', text: asText(raw) };
  const type = asText(raw.type);
  if (isObject(raw.message_content)) return toPart(raw.message_content);
  switch (type) {
    case 'tool_call': case 'tool-call': case 'tool_use': case 'function':
      return toolCall(raw);
    case 'tool_call_response': case 'tool-result': case 'tool_result':
      return { type: 'tool_result', id: asText(raw.id ?? raw.toolCallId ?? raw.tool_use_id), name: asText(raw.toolName ?? raw.name),
               result: parseMaybe(raw.response ?? raw.result ?? unwrapOutput(raw.output) ?? raw.content) };
    case 'reasoning': case 'thinking':
      return { type: 'reasoning', text: asText(raw.content ?? raw.text ?? raw.thinking) };
    case 'image_url': case 'input_image': case 'image': {
      const image = raw.image_url ?? raw.image ?? raw.source ?? raw.url;
      return mediaPart('image', isObject(image) ? image.url ?? image.data : image, raw.mediaType ?? raw.mime_type);
    }
    case 'blob': case 'uri': case 'file': case 'input_audio':
      return mediaPart(asText(raw.modality) === 'image' ? 'image' : 'file', raw.uri ?? raw.content ?? raw.data ?? raw.file,
                       raw.mime_type ?? raw.mediaType);
    default: {
      const content = raw.text ?? raw.content;
      return content == null ? { type: 'json', content: raw } : { type: 'text', text: asText(content) };
    }
  }
}

const unwrapOutput = (output: unknown) => (isObject(output) && 'value' in output ? output.value : output);

// A message object of any of the known shapes.
function toMessage(raw: unknown, role = 'user'): Message {
  if (!isObject(raw)) return { role, parts: [{ type: 'text', text: asText(raw) }] };
  if (isObject(raw.message)) return toMessage(raw.message, role);
  const message: Message = { role: normalRole(asText(raw.role ?? raw.type) || role), parts: [] };
  if (typeof raw.name === 'string') message.name = raw.name;
  if (typeof raw.finish_reason === 'string') message.finish_reason = raw.finish_reason;
  const content = raw.parts ?? raw.content ?? raw.contents;
  const toolId = raw.tool_call_id ?? raw.toolCallId;
  if (message.role === 'tool' && !Array.isArray(content)) {
    message.parts.push({ type: 'tool_result', id: asText(toolId), name: asText(raw.name), result: parseMaybe(content) });
  } else if (Array.isArray(content)) {
    message.parts.push(...content.map(toPart));
  } else if (content != null && content !== '') {
    message.parts.push({ type: 'text', text: asText(content) });
  }
  if (raw.reasoning_content) message.parts.unshift({ type: 'reasoning', text: asText(raw.reasoning_content) });
  for (const call of Array.isArray(raw.tool_calls) ? raw.tool_calls : []) {
    const inner = isObject(call) && isObject(call.tool_call) ? call.tool_call : call;
    if (isObject(inner)) message.parts.push(toolCall(inner));
  }
  return message;
}

function normalRole(role: string): string {
  const known: Record<string, string> = { human: 'user', ai: 'assistant', model: 'assistant', developer: 'system', function: 'tool', message: 'user' };
  return known[role.toLowerCase()] ?? role.toLowerCase();
}

const toMessages = (value: unknown, role: string): Message[] => {
  const parsed = parseMaybe(value);
  return parsed == null || parsed === '' ? [] : Array.isArray(parsed) ? parsed.map((item) => toMessage(item, role)) : [toMessage(parsed, role)];
};

// `prefix.0.a.b` keys as nested lists and objects; null when there are none.
export function unflatten(attributes: Attributes, prefix: string): unknown {
  const root = Object.create(null) as Json;  // keys come from outside: no prototype to meet
  let found = false;
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(`${prefix}.`)) continue;
    found = true;
    const path = key.slice(prefix.length + 1).split('.');
    let node = root;
    path.forEach((name, i) => {
      if (i === path.length - 1) node[name] = value;
      else node = (isObject(node[name]) ? node[name] : (node[name] = Object.create(null) as Json)) as Json;
    });
  }
  return found ? listify(root) : null;
}

function listify(node: unknown): unknown {
  if (!isObject(node)) return node;
  const keys = Object.keys(node);
  const numeric = keys.length > 0 && keys.every((key) => /^\d{1,6}$/.test(key));
  if (numeric) return keys.map(Number).sort((a, b) => a - b).map((key) => listify(node[key]));
  return Object.fromEntries(keys.map((key) => [key, listify(node[key])]));
}

type Reader = (attributes: Attributes) => { input?: Message[]; output?: Message[]; source: string } | null;

const kReaders: Reader[] = [
  (a) => a['gen_ai.input.messages'] == null && a['gen_ai.output.messages'] == null ? null : {
    source: 'gen_ai.input.messages',
    input: [...toMessages(a['gen_ai.system_instructions'], 'system').map(asSystem), ...toMessages(a['gen_ai.input.messages'], 'user')],
    output: toMessages(a['gen_ai.output.messages'], 'assistant') },
  (a) => {
    const input = unflatten(a, 'llm.input_messages');
    const output = unflatten(a, 'llm.output_messages');
    return input || output ? { source: 'llm.input_messages', input: toMessages(input, 'user'), output: toMessages(output, 'assistant') } : null;
  },
  (a) => {
    const input = unflatten(a, 'gen_ai.prompt');
    const output = unflatten(a, 'gen_ai.completion');
    return input || output ? { source: 'gen_ai.prompt', input: toMessages(input, 'user'), output: toMessages(output, 'assistant') } : null;
  },
  (a) => a['ai.prompt.messages'] == null && a['ai.prompt'] == null ? null : {
    source: a['ai.prompt.messages'] == null ? 'ai.prompt' : 'ai.prompt.messages',
    input: a['ai.prompt.messages'] == null ? fromRequest(parseMaybe(a['ai.prompt'])) : toMessages(a['ai.prompt.messages'], 'user'),
    output: aiSdkOutput(a) },
  (a) => a['llm.prompt'] == null && a['llm.completion'] == null ? null : {
    source: 'llm.prompt', input: toMessages(a['llm.prompt'], 'user'), output: toMessages(a['llm.completion'], 'assistant') },
  (a) => pair(a, 'input.value', 'output.value'),
  (a) => pair(a, 'langfuse.observation.input', 'langfuse.observation.output'),
  (a) => pair(a, 'traceloop.entity.input', 'traceloop.entity.output'),
];

function asSystem(message: Message): Message {
  return { ...message, role: 'system' };
}

function aiSdkOutput(a: Attributes): Message[] {
  const parts: MessagePart[] = [];
  if (a['ai.response.reasoning']) parts.push({ type: 'reasoning', text: asText(a['ai.response.reasoning']) });
  if (a['ai.response.text']) parts.push({ type: 'text', text: asText(a['ai.response.text']) });
  if (a['ai.response.object']) parts.push({ type: 'json', content: parseMaybe(a['ai.response.object']) });
  const calls = parseMaybe(a['ai.response.toolCalls']);
  if (Array.isArray(calls)) parts.push(...calls.filter(isObject).map(toolCall));
  return parts.length > 0 ? [{ role: 'assistant', parts }] : [];
}

// A request body: {messages}, {system, prompt}, {input}, or a text.
function fromRequest(value: unknown): Message[] {
  if (!isObject(value)) return toMessages(value, 'user');
  const messages: Message[] = [];
  if (value.system) messages.push(toMessage({ role: 'system', content: value.system }));
  if (value.instructions) messages.push(toMessage({ role: 'system', content: value.instructions }));
  const rest = value.messages ?? value.input ?? value.prompt ?? value.args;
  if (rest == null) return [{ role: 'user', parts: [{ type: 'json', content: value }] }];
  return [...messages, ...toMessages(rest, 'user')];
}

function fromResponse(value: unknown): Message[] {
  if (!isObject(value)) return toMessages(value, 'assistant');
  if (Array.isArray(value.choices)) return value.choices.map((choice) => toMessage(choice, 'assistant'));
  if (Array.isArray(value.output)) return value.output.map((item) => toMessage(item, 'assistant'));
  if (value.role || value.content || value.message) return [toMessage(value, 'assistant')];
  return [{ role: 'assistant', parts: [{ type: 'json', content: value }] }];
}

function pair(a: Attributes, input: string, output: string) {
  if (a[input] == null && a[output] == null) return null;
  return { source: input, input: a[input] == null ? [] : fromRequest(parseMaybe(a[input])),
           output: a[output] == null ? [] : fromResponse(parseMaybe(a[output])) };
}

// The conversation of an LLM or agent span; null when nothing was recorded.
export function conversationOf(span: Span): Conversation | null {
  if (span.messages && span.messages.input.length + span.messages.output.length > 0) {
    return { ...span.messages, origin: 'server', source: 'messages' };
  }
  const sets = [span.attributes, ...span.events.map(({ attributes }) => attributes)];
  for (const attributes of sets) {
    for (const read of kReaders) {
      const found = read(attributes);
      if (found && (found.input?.length || found.output?.length)) {
        return { input: found.input ?? [], output: found.output ?? [], origin: 'recorded', source: found.source };
      }
    }
  }
  const input = span.attributes['user.input'];
  const output = span.attributes['result.preview'];
  if (input == null && output == null) return null;
  return { input: toMessages(input, 'user'), output: toMessages(output, 'assistant'), origin: 'text', source: 'user.input' };
}

export interface ToolIo { arguments: unknown; result: unknown }

// What a tool or another step was called with and gave back.
export function toolIoOf(span: Span): ToolIo | null {
  const first = (...keys: string[]) => keys.map((key) => span.attributes[key]).find((value) => value != null);
  const io = {
    arguments: parseMaybe(first('gen_ai.tool.call.arguments', 'tool.arguments', 'ai.toolCall.args', 'tool.parameters', 'input.value',
                                'langfuse.observation.input', 'traceloop.entity.input')),
    result: parseMaybe(first('gen_ai.tool.call.result', 'tool.result', 'ai.toolCall.result', 'result.preview', 'output.value',
                             'langfuse.observation.output', 'traceloop.entity.output')),
  };
  return io.arguments == null && io.result == null ? null : io;
}

export function documentsOf(span: Span): Document[] {
  if (span.documents?.length) return span.documents;
  const list = unflatten(span.attributes, 'retrieval.documents') ?? parseMaybe(span.attributes['retrieval.documents']);
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((item) => (isObject(item.document) ? item.document : item) as Document);
}

// Ids, names and texts; instrumentations write the rest differently from call to call.
const keyOf = ({ role, parts }: Message) =>
  JSON.stringify([role, parts.map(({ type, text, name, id, result }) => [type, text?.trim(), name, id, result ?? null])]);

// How many messages at the front of `next` were already in the previous call of the same agent,
// its answer included.
export function inherited(previous: Messages, next: Message[]): number {
  const known = [...previous.input, ...previous.output];
  let same = 0;
  while (same < known.length && same < next.length && keyOf(known[same]!) === keyOf(next[same]!)) ++same;
  return same;
}
