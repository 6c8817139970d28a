// Sample runs in the shapes that instrumentations send: OpenTelemetry's conventions, OpenInference and
// OpenLLMetry. The service names say that they are samples.
import { attributesOf, nanos, resourceSpans, SampleTrace } from './otlp';

type Random = () => number;
interface Sample { service: string; version: string; scope: string; trace: SampleTrace; at: number }

// mulberry32: the same samples every time, but for ids and times.
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const text = (content: string) => [{ type: 'text', content }];
const kTickets = [['My parcel has not moved since Tuesday', 'in transit', 'It is in transit and should arrive tomorrow.'], ['I was charged twice for one order', 'paid twice', 'You were charged twice; a refund of 42.50 EUR is on its way.'],
                  ['Please change my delivery address', 'packed', 'The parcel is packed already, so the address cannot be changed any more.'], ['The lamp arrived broken', 'delivered', 'I am sorry. A new lamp leaves the warehouse today.']] as const;
const kQuestions = [['How deep is the harbour of Gdynia?', 'The fairway of Gdynia is **15.5 m** deep; ships of up to 13.5 m draught can enter.'], ['What changed in the battery rules?', 'Two things:\n\n1. Collection targets rose to 63 %.\n2. Every cell needs a passport.'],
                    ['Which heat pump fits a house of 1960?', 'An air-source unit of about 8 kW, after insulating the loft.']] as const;
const kUsers = ['sample-amira', 'sample-jonas', 'sample-mei', 'sample-priya'];

// OpenTelemetry's conventions for generative AI: an agent, two calls and a tool that sometimes fails.
function support(at: number, random: Random, index: number): Sample {
  const [ticket, state, reply] = kTickets[Math.floor(random() * kTickets.length)]!;
  const fails = index % 11 === 4;
  const trace = new SampleTrace();
  const root = trace.add({ name: 'invoke_agent sample-support', start: at, end: at });
  const id = `call_${index}`;
  const system = { role: 'system', parts: text('Answer the customer. Look the order up first.') };
  const history = [system, { role: 'user', parts: text(ticket) }];
  const call = (start: number, ms: number, input: unknown[], output: unknown, tokens: [number, number], finish: string) => trace.add({
    name: 'chat gpt-4o-mini', parent: root, start, end: start + ms, kind: 3, attributes: {
      'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o-mini', 'gen_ai.response.model': 'gpt-4o-mini', 'gen_ai.input.messages': JSON.stringify(input),
      'gen_ai.output.messages': JSON.stringify([output]), 'gen_ai.usage.input_tokens': tokens[0], 'gen_ai.usage.output_tokens': tokens[1], 'gen_ai.response.finish_reasons': [finish] } });
  const asked = { role: 'assistant', parts: [{ type: 'tool_call', id, name: 'find_order', arguments: { ticket } }], finish_reason: 'tool_call' };
  let now = at + 4;
  const first = 300 + random() * 400;
  call(now, first, history, asked, [190, 24], 'tool_call');
  now += first + 3;
  const took = fails ? 2000 : 40 + random() * 120;
  const error = fails ? 'order service: 503 Service Unavailable' : undefined;
  trace.add({ name: 'execute_tool find_order', parent: root, start: now, end: now + took, error, attributes: {
    'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'find_order', 'gen_ai.tool.call.id': id, 'gen_ai.tool.call.arguments': JSON.stringify({ ticket }), 'gen_ai.tool.call.result': fails ? undefined : JSON.stringify({ order: 4000 + index, state }) } });
  now += took + 2;
  if (!fails) {
    const ms = 250 + random() * 500;
    call(now, ms, [...history, { role: 'assistant', parts: asked.parts }, { role: 'tool', parts: [{ type: 'tool_call_response', id, response: { order: 4000 + index, state } }] }],
         { role: 'assistant', parts: text(reply), finish_reason: 'stop' }, [260, 36], 'stop');
    now += ms;
  }
  trace.close(root, now + 2, { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'sample-support', 'gen_ai.conversation.id': `sample-ticket-${index % 7}`, 'user.id': kUsers[index % kUsers.length],
                               'user.input': ticket, 'result.preview': fails ? undefined : reply }, error);
  return { service: 'sample-support', version: index % 3 === 0 ? '1.3.0' : '1.4.0', scope: 'sample.otel', trace, at };
}

// OpenInference: a researcher that searches, and hands the writing to another agent.
function research(at: number, random: Random, index: number): Sample {
  const [question, answer] = kQuestions[Math.floor(random() * kQuestions.length)]!;
  const trace = new SampleTrace();
  const root = trace.add({ name: 'sample-researcher', start: at, end: at });
  const slow = index % 13 === 5 ? 12 : 1;
  let now = at + 3;
  for (let round = 0; round < 1 + Math.floor(random() * 3); ++round) {
    const ms = (500 + random() * 900) * slow;
    trace.add({ name: 'ChatCompletion', parent: root, start: now, end: now + ms, kind: 3, attributes: {
      'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt-4o', 'llm.provider': 'openai', 'llm.input_messages.0.message.role': 'user', 'llm.input_messages.0.message.content': question,
      'llm.output_messages.0.message.role': 'assistant', 'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'search', 'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': JSON.stringify({ query: question, page: round }),
      'llm.token_count.prompt': 320 + 400 * round, 'llm.token_count.completion': 38 } });
    now += ms + 4;
    const took = 80 + random() * 200;
    trace.add({ name: 'search', parent: root, start: now, end: now + took, attributes: {
      'openinference.span.kind': 'RETRIEVER', 'input.value': question, 'retrieval.documents.0.document.id': `note-${round + 1}`, 'retrieval.documents.0.document.score': 0.91 - round * 0.1,
      'retrieval.documents.0.document.content': `Measured values about: ${question}` } });
    now += took + 3;
  }
  const writer = trace.add({ name: 'sample-writer', parent: root, start: now, end: now });
  const ms = (900 + random() * 1200) * slow;
  trace.add({ name: 'ChatCompletion', parent: writer, start: now + 3, end: now + 3 + ms, kind: 3, attributes: {
    'openinference.span.kind': 'LLM', 'llm.model_name': 'claude-sonnet-4-5', 'llm.provider': 'anthropic', 'llm.input_messages.0.message.role': 'system', 'llm.input_messages.0.message.content': 'Write the answer from the notes. Be brief.',
    'llm.input_messages.1.message.role': 'user', 'llm.input_messages.1.message.content': question, 'llm.output_messages.0.message.role': 'assistant', 'llm.output_messages.0.message.content': answer,
    'llm.token_count.prompt': 900 + Math.floor(random() * 500), 'llm.token_count.completion': 160 + Math.floor(random() * 120) } });
  now += ms + 8;
  trace.close(writer, now - 2, { 'openinference.span.kind': 'AGENT', 'agent.name': 'sample-writer' });
  trace.close(root, now, { 'openinference.span.kind': 'AGENT', 'agent.name': 'sample-researcher', 'input.value': question, 'output.value': answer, 'session.id': `sample-research-${index % 5}`, 'user.id': kUsers[(index + 1) % kUsers.length] });
  return { service: 'sample-research', version: '0.9.2', scope: 'openinference.instrumentation.sample', trace, at };
}

// OpenLLMetry: an agent with a tool and one model.
function reviewer(at: number, random: Random, index: number): Sample {
  const trace = new SampleTrace();
  const root = trace.add({ name: 'sample-reviewer.agent', start: at, end: at });
  const files = 2 + Math.floor(random() * 6);
  let now = at + 3;
  for (let file = 1; file <= files; ++file) {
    const task = trace.add({ name: 'read_file.tool', parent: root, start: now, end: now + 10 + random() * 20, attributes: {
      'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'read_file', 'traceloop.entity.input': JSON.stringify({ path: `src/part_${file}.cc` }), 'traceloop.entity.output': JSON.stringify({ lines: 120 + 9 * file }) } });
    now = Number(trace.spans.find(({ spanId }) => spanId === task)!.endTimeUnixNano) / 1e6 + 2;
    const ms = 700 + random() * 1500;
    trace.add({ name: 'anthropic.chat', parent: root, start: now, end: now + ms, kind: 3, attributes: {
      'llm.request.type': 'chat', 'gen_ai.system': 'Anthropic', 'gen_ai.request.model': 'claude-sonnet-4-5', 'gen_ai.response.model': 'claude-sonnet-4-5', 'gen_ai.prompt.0.role': 'user', 'gen_ai.prompt.0.content': `Review src/part_${file}.cc`,
      'gen_ai.completion.0.role': 'assistant', 'gen_ai.completion.0.content': file === files ? 'Sound. An empty list is not tested.' : 'Nothing to remark.', 'gen_ai.usage.input_tokens': 1200 + 700 * file, 'gen_ai.usage.output_tokens': 40 + 10 * file } });
    now += ms + 3;
  }
  trace.close(root, now, { 'traceloop.span.kind': 'agent', 'traceloop.entity.name': 'sample-reviewer', 'gen_ai.agent.name': 'sample-reviewer', 'traceloop.association.properties.user_id': kUsers[index % 2],
                           'user.input': `Review change ${1200 + index}: ${files} files`, 'result.preview': 'Sound. An empty list is not tested.' });
  return { service: 'sample-review', version: '2.0.1', scope: 'opentelemetry.instrumentation.sample', trace, at };
}

const kMinute = 60_000;

// `count` runs in the hour before `end` (Unix milliseconds), the last one a minute ago.
export function sampleRuns(end: number, count = 48): Sample[] {
  const random = randomFrom(11);
  return Array.from({ length: count }, (_, index) => {
    const at = end - kMinute - 58 * kMinute * (1 - (index + random() * 0.8) / count);
    const make = index % 4 === 3 ? reviewer : index % 4 === 1 ? research : support;
    return make(at, random, index);
  });
}

export function sampleTraces(samples: readonly Sample[]) {
  return { resourceSpans: samples.map(({ service, version, scope, trace }) => resourceSpans(service, version, scope, trace.spans)) };
}

export function sampleLogs(samples: readonly Sample[]) {
  return { resourceLogs: samples.map(({ service, trace, at }) => {
    const failed = trace.spans.find(({ status }) => status.code === 2 && status.message);
    const record = (ms: number, severity: number, name: string, body: string) => ({
      timeUnixNano: nanos(ms), severityNumber: severity, severityText: name, body: { stringValue: body }, traceId: trace.traceId, spanId: trace.spans[0]!.spanId, attributes: [] });
    return { resource: { attributes: attributesOf({ 'service.name': service, 'deployment.environment.name': 'sample' }) },
             scopeLogs: [{ scope: { name: 'sample' }, logRecords: [record(at + 1, 9, 'INFO', 'request accepted'), ...(failed ? [record(at + 900, 17, 'ERROR', failed.status.message!)] : [])] }] };
  }) };
}
