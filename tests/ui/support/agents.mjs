// A day of telemetry of three agents, as OTLP/JSON: the same for the same end. For tests that need
// views full of data, and for the pictures of the documentation.
import { createHash } from 'node:crypto';

const kMinute = 60_000;

// mulberry32
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const hash = (text, digits) => createHash('sha256').update(text).digest('hex').slice(0, digits);

function toValue(value) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Number.isInteger(value)) return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toValue) } };
  return { kvlistValue: { values: Object.entries(value).map(([key, inner]) => ({ key, value: toValue(inner) })) } };
}

export const attributesOf = (object) => Object.entries(object).filter(([, value]) => value != null).map(([key, value]) => ({ key, value: toValue(value) }));
const nanos = (ms) => `${Math.round(ms * 1000)}000`;

// Spans of one run, added in any order; ids follow from `seed`.
export class Trace {
  constructor(seed) {
    this.traceId = hash(`trace ${seed}`, 32);
    this.seed = seed;
    this.spans = [];
  }

  add({ name, parent, start, end, attributes = {}, error, kind = 1, events = [] }) {
    const spanId = hash(`span ${this.seed} ${this.spans.length}`, 16);
    this.spans.push({
      traceId: this.traceId, spanId, parentSpanId: parent ?? '', name, kind,
      startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(end), attributes: attributesOf(attributes),
      status: error ? { code: 2, message: error } : {},
      events: events.map(({ name: eventName, at, ...rest }) => ({ name: eventName, timeUnixNano: nanos(at), attributes: attributesOf(rest.attributes ?? {}) })),
    });
    return spanId;
  }
}

export function resourceSpans(service, environment, spans) {
  return { resourceSpans: [{
    resource: { attributes: attributesOf({ 'service.name': service, 'deployment.environment.name': environment, 'service.version': '2.4.1' }) },
    scopeSpans: [{ scope: { name: 'agents', version: '1.0.0' }, spans }] }] };
}

const text = (content) => [{ type: 'text', content }];
const kPrices = { 'gpt-4o': [2.5e-6, 1e-5], 'gpt-4o-mini': [1.5e-7, 6e-7], 'claude-sonnet': [3e-6, 1.5e-5] };

function llm(trace, { parent, start, ms, model, input, output, tokensIn, tokensOut, error, finish = 'stop', agent }) {
  const [priceIn, priceOut] = kPrices[model];
  return trace.add({ name: `chat ${model}`, parent, start, end: start + ms, kind: 3, error, attributes: {
    'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': model.startsWith('claude') ? 'anthropic' : 'openai', 'gen_ai.request.model': model, 'gen_ai.response.model': model,
    'gen_ai.agent.name': agent, 'gen_ai.input.messages': JSON.stringify(input), 'gen_ai.output.messages': error ? undefined : JSON.stringify(output),
    'gen_ai.response.finish_reasons': [finish], 'gen_ai.usage.input_tokens': tokensIn, 'gen_ai.usage.output_tokens': error ? 0 : tokensOut,
    'gen_ai.usage.cost': tokensIn * priceIn + (error ? 0 : tokensOut * priceOut) } });
}

function tool(trace, { parent, start, ms, name, id, args, result, error }) {
  return trace.add({ name: `execute_tool ${name}`, parent, start, end: start + ms, error, attributes: {
    'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name, 'gen_ai.tool.call.id': id,
    'gen_ai.tool.call.arguments': JSON.stringify(args), 'gen_ai.tool.call.result': error ? undefined : JSON.stringify(result) },
    events: error ? [{ name: 'exception', at: start + ms, attributes: { 'exception.type': 'TimeoutError', 'exception.message': error, 'exception.stacktrace': `TimeoutError: ${error}\n    at request (client.js:41:11)\n    at ${name} (tools.js:12:5)` } }] : [] });
}

function agentSpan(trace, { name, parent, start, end, attributes, error }) {
  return trace.add({ name: `invoke_agent ${name}`, parent, start, end, error, attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name, ...attributes } });
}

const kTopics = [
  ['Which of our Baltic ports can take a 14 m draught vessel in winter?', 'harbours', 'Two of the five can: **Gdynia** (15.5 m) and **Klaipėda** (14.5 m at high water).\n\n| Port | Draught | Ice |\n|---|---|---|\n| Gdynia | 15.5 m | rare |\n| Klaipėda | 14.5 m | ice-free |'],
  ['Summarise what changed in the battery recycling rules this year', 'recycling', 'Three things changed:\n\n1. Collection targets rose to **63 %**.\n2. Recovered lithium must reach 50 %.\n3. Every cell needs a digital passport.'],
  ['Compare heat pumps for a 1960s terraced house', 'heat pumps', 'An air-source unit of 8 kW fits; expect a seasonal COP of about **3.1** with 50 °C flow. Insulating the loft first saves more than a larger unit.'],
  ['Why did tide gauge 7 drift in March?', 'tides', 'The gauge was moved by 12 cm during dredging; readings after 14 March need `+0.12 m`.'],
];
const kTickets = [['Order 4417 arrived broken', 'refund'], ['Where is my parcel? It said Tuesday.', 'ship'], ['I was charged twice for the same thing', 'refund'], ['The app logs me out every hour', 'escalate'], ['Please change the delivery address', 'ship']];
const kUsers = ['amira', 'jonas', 'mei', 'tomás', 'priya', 'lucas'];

function research(trace, at, random, index) {
  const [question, topic, answer] = kTopics[Math.floor(random() * kTopics.length)];
  const slow = random() < 0.04 ? 9 : 1;
  const fails = random() < 0.03;
  const rounds = 1 + Math.floor(random() * 3);
  const system = { role: 'system', parts: text('You are a research assistant. Use the tools, cite the documents, and say when you do not know.') };
  const history = [system, { role: 'user', parts: text(question) }];
  const calls = [];
  let now = at + 4;
  const root = { name: 'researcher', start: at };
  const plan = (parent) => {
    for (let round = 0; round < rounds; ++round) {
      const id = `call_${hash(`${trace.seed} ${round}`, 8)}`;
      const args = { query: round === 0 ? topic : `${topic} details ${round}`, limit: 5 };
      const ms = (420 + random() * 900) * slow;
      const asked = [{ role: 'assistant', parts: [...(round === 0 ? text('I will look this up.') : []), { type: 'tool_call', id, name: 'search', arguments: args }], finish_reason: 'tool_call' }];
      llm(trace, { parent, start: now, ms, model: 'gpt-4o', input: history, output: asked, tokensIn: 320 + 410 * round, tokensOut: 40, finish: 'tool_call', agent: 'researcher' });
      now += ms + 6;
      const found = Array.from({ length: 3 }, (_, i) => ({ id: `${topic}-${i + 1}`, content: `Document ${i + 1} about ${topic}: measured values and their sources.`, score: 0.93 - i * 0.11 - random() * 0.05 }));
      const took = 60 + random() * 240;
      trace.add({ name: 'retrieve search', parent, start: now, end: now + took, attributes: { 'openinference.span.kind': 'RETRIEVER', 'tool.name': 'search', 'input.value': JSON.stringify(args),
        ...Object.fromEntries(found.flatMap((doc, i) => Object.entries(doc).map(([key, value]) => [`retrieval.documents.${i}.document.${key}`, value]))) } });
      now += took + 3;
      history.push({ role: 'assistant', parts: asked[0].parts }, { role: 'tool', parts: [{ type: 'tool_call_response', id, response: found }] });
    }
    calls.push(now);
  };
  const child = agentSpan(trace, { ...root, parent: '', end: at, attributes: {} });
  plan(child);
  const writerStart = now;
  const delegate = trace.add({ name: 'agent.delegate.writer', parent: child, start: now, end: now, attributes: { 'agent.child.name': 'writer' } });
  const writer = agentSpan(trace, { name: 'writer', parent: delegate, start: now + 2, end: now, attributes: {} });
  const ms = (900 + random() * 1600) * slow;
  const error = fails ? 'the model is overloaded (529)' : undefined;
  llm(trace, { parent: writer, start: now + 5, ms, model: 'claude-sonnet', input: [{ role: 'system', parts: text('Write the answer from the notes. Be brief.') }, { role: 'user', parts: text(`${question}\n\nNotes: 3 documents about ${topic}.`) }],
    output: [{ role: 'assistant', parts: [{ type: 'reasoning', content: 'The notes agree; a short answer with the numbers is enough.' }, ...text(answer)], finish_reason: 'stop' }], tokensIn: 900 + Math.floor(random() * 800), tokensOut: 180 + Math.floor(random() * 220), error, agent: 'writer' });
  now += ms + 12;
  const close = (id, end, extra = {}) => { const span = trace.spans.find(({ spanId }) => spanId === id); span.endTimeUnixNano = nanos(end); span.attributes.push(...attributesOf(extra)); if (error) span.status = { code: 2, message: error }; };
  close(writer, now - 4);
  close(delegate, now - 2, {});
  close(child, now, { 'user.input': question, 'result.preview': error ? undefined : answer, 'session.id': `research-${index % 40}`, 'user.id': kUsers[index % kUsers.length], 'agent.query_type': topic === 'tides' ? 'diagnosis' : 'lookup', 'agent.outcome': error ? undefined : 'answered' });
  return { service: 'research-api', environment: index % 9 === 0 ? 'staging' : 'prod', writerStart };
}

function triage(trace, at, random, index) {
  const [ticket, label] = kTickets[Math.floor(random() * kTickets.length)];
  const fails = random() < 0.025;
  const retries = random() < 0.12;
  const system = { role: 'system', parts: text('Triage the ticket. Answer with one of: refund, ship, escalate.') };
  const id = `call_${hash(`${trace.seed}`, 8)}`;
  const root = agentSpan(trace, { name: 'support-triage', start: at, end: at, parent: '', attributes: {} });
  let now = at + 3;
  const asked = [{ role: 'assistant', parts: [{ type: 'tool_call', id, name: 'find_order', arguments: { ticket } }], finish_reason: 'tool_call' }];
  let ms = 240 + random() * 260;
  llm(trace, { parent: root, start: now, ms, model: 'gpt-4o-mini', input: [system, { role: 'user', parts: text(ticket) }], output: asked, tokensIn: 180, tokensOut: 22, finish: 'tool_call', agent: 'support-triage' });
  now += ms + 2;
  if (retries || fails) {
    tool(trace, { parent: root, start: now, ms: 800, name: 'find_order', id, args: { ticket }, error: 'order service: 503 Service Unavailable' });
    now += 810;
  }
  const order = { order: 4000 + (index % 900), state: label === 'ship' ? 'in transit' : 'delivered', total_eur: 42.5 };
  if (!fails) {
    tool(trace, { parent: root, start: now, ms: 30 + random() * 90, name: 'find_order', id, args: { ticket }, result: order });
    now += 130;
    ms = 180 + random() * 300;
    llm(trace, { parent: root, start: now, ms, model: 'gpt-4o-mini', input: [system, { role: 'user', parts: text(ticket) }, { role: 'assistant', parts: asked[0].parts }, { role: 'tool', parts: [{ type: 'tool_call_response', id, response: order }] }],
      output: [{ role: 'assistant', parts: text(label), finish_reason: 'stop' }], tokensIn: 260, tokensOut: 4, agent: 'support-triage' });
    now += ms;
  }
  const span = trace.spans.find(({ spanId }) => spanId === root);
  span.endTimeUnixNano = nanos(now + 2);
  span.attributes.push(...attributesOf({ 'user.input': ticket, 'result.preview': fails ? undefined : label, 'session.id': `ticket-${index}`, 'user.id': `customer-${index % 37}`, 'agent.outcome': fails ? undefined : label }));
  if (fails) span.status = { code: 2, message: 'order service: 503 Service Unavailable' };
  return { service: 'support', environment: 'prod' };
}

function review(trace, at, random, index) {
  const files = 3 + Math.floor(random() * 9);
  const root = agentSpan(trace, { name: 'code-reviewer', start: at, end: at, parent: '', attributes: {} });
  let now = at + 5;
  const history = [{ role: 'system', parts: text('Review the change. Read every file before judging it.') }, { role: 'user', parts: text(`Review change ${1200 + index}: ${files} files`) }];
  for (let file = 0; file < files; ++file) {
    const id = `call_${hash(`${trace.seed} ${file}`, 8)}`;
    const path = `src/storage/segment_${file + 1}.cc`;
    const ms = 700 + random() * 1800;
    const parts = [{ type: 'tool_call', id, name: file % 4 === 3 ? 'run_tests' : 'read_file', arguments: { path } }];
    llm(trace, { parent: root, start: now, ms, model: 'claude-sonnet', input: history, output: [{ role: 'assistant', parts, finish_reason: 'tool_call' }], tokensIn: 1400 + file * 900, tokensOut: 60, finish: 'tool_call', agent: 'code-reviewer' });
    now += ms + 4;
    const took = file % 4 === 3 ? 1500 + random() * 2500 : 8 + random() * 20;
    const result = file % 4 === 3 ? { passed: 212, failed: 0 } : { path, lines: 180 + file * 7 };
    tool(trace, { parent: root, start: now, ms: took, name: parts[0].name, id, args: { path }, result });
    now += took + 3;
    history.push({ role: 'assistant', parts }, { role: 'tool', parts: [{ type: 'tool_call_response', id, response: result }] });
  }
  const answer = `The change is sound. Two remarks:\n\n- \`segment_2.cc\`: the lock is held while reading.\n- Tests cover ${files} files; an empty segment is missing.`;
  llm(trace, { parent: root, start: now, ms: 2100, model: 'claude-sonnet', input: history, output: [{ role: 'assistant', parts: text(answer), finish_reason: 'stop' }], tokensIn: 1500 + files * 900, tokensOut: 140, agent: 'code-reviewer' });
  now += 2110;
  const span = trace.spans.find(({ spanId }) => spanId === root);
  span.endTimeUnixNano = nanos(now);
  span.attributes.push(...attributesOf({ 'user.input': `Review change ${1200 + index}: ${files} files`, 'result.preview': answer, 'session.id': `change-${1200 + index}`, 'user.id': kUsers[index % 3], 'agent.query_type': 'review', 'agent.outcome': 'approved' }));
  return { service: 'review-bot', environment: 'prod' };
}

// [{service, environment, trace}], `count` runs in the `hours` before `end` (Unix milliseconds).
export function dayOfRuns({ end, count = 600, hours = 24, seed = 7 }) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const share = (index + random() * 0.8) / count;
    const wave = share + 0.035 * Math.sin(share * 12.6);
    const at = end - hours * 60 * kMinute * (1 - Math.min(0.999, Math.max(0, wave)));
    const trace = new Trace(`${seed} ${index}`);
    const pick = random();
    const kind = pick < 0.42 ? triage : pick < 0.82 ? research : review;
    return { trace, at, ...kind(trace, at, random, index) };
  });
}

export function logsOf(runs) {
  return { resourceLogs: runs.filter((_, i) => i % 2 === 0).map(({ trace, at, service, environment }, i) => ({
    resource: { attributes: attributesOf({ 'service.name': service, 'deployment.environment.name': environment }) },
    scopeLogs: [{ scope: { name: 'app' }, logRecords: [
      { timeUnixNano: nanos(at + 3), severityNumber: 9, severityText: 'INFO', body: { stringValue: 'request accepted' }, traceId: trace.traceId, spanId: trace.spans[0].spanId, attributes: attributesOf({ 'http.route': '/v2/agents' }) },
      ...(i % 5 === 0 ? [{ timeUnixNano: nanos(at + 40), severityNumber: 13, severityText: 'WARN', body: { stringValue: 'cache miss, asking the model' }, traceId: trace.traceId }] : []),
      ...(i % 17 === 0 ? [{ timeUnixNano: nanos(at + 90), severityNumber: 17, severityText: 'ERROR', body: { stringValue: 'order service answered 503 after 800 ms' }, traceId: trace.traceId }] : [])] }] })) };
}

// Sends runs and logs; `send(signal, body)` posts one OTLP/JSON request.
export async function sendDay(send, options) {
  const runs = dayOfRuns(options);
  const groups = groupRuns(runs);
  for (const group of groups.values()) {
    for (let i = 0; i < group.length; i += 100) {
      const part = group.slice(i, i + 100);
      await send('traces', resourceSpans(part[0].service, part[0].environment, part.flatMap(({ trace }) => trace.spans)));
    }
  }
  await send('logs', logsOf(runs));
  return runs;
}

function groupRuns(runs) {
  const groups = new Map();
  for (const run of runs) {
    const key = `${run.service}\n${run.environment}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return groups;
}
