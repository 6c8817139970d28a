// One trace of any size, as OTLP/JSON requests of at most 10,000 spans.
import { attributesOf, randomFrom, resourceSpans } from './agents.mjs';

const kPerRequest = 10_000;
const kKinds = [['agent', 'invoke_agent'], ['llm', 'chat'], ['tool', 'execute_tool']];
const hex = (value, digits) => value.toString(16).padStart(digits, '0');

function spanOf(traceId, index, parent, start, ms, random) {
  const [kind, operation] = index === 0 ? kKinds[0] : kKinds[1 + Math.floor(random() * 1.999)];
  return { traceId, spanId: hex(index + 1, 16), parentSpanId: parent < 0 ? '' : hex(parent + 1, 16), kind: 1,
           name: kind === 'tool' ? `search ${index % 7}` : kind === 'llm' ? 'chat gpt-4o' : 'invoke_agent crawler',
           startTimeUnixNano: `${Math.round(start * 1000)}000`, endTimeUnixNano: `${Math.round((start + ms) * 1000)}000`,
           status: random() < 0.01 ? { code: 2, message: 'timeout' } : {},
           attributes: attributesOf({ 'gen_ai.operation.name': operation, 'gen_ai.agent.name': index === 0 ? 'crawler' : undefined,
                                      ...(kind === 'llm' ? { 'gen_ai.response.model': 'gpt-4o', 'gen_ai.usage.input_tokens': 100 + (index % 900), 'gen_ai.usage.output_tokens': 20 } : { 'gen_ai.tool.name': 'search' }) }) };
}

// shape: "wide" (a few levels, many children) or "deep" (each span below the one before it).
export function* largeTrace({ count, start, shape = 'wide', traceId = hex(count, 32) }) {
  const random = randomFrom(count);
  const ms = [count * 20];
  const starts = [start];
  let spans = [spanOf(traceId, 0, -1, start, ms[0], random)];
  for (let i = 1; i < count; ++i) {
    const parent = shape === 'deep' ? i - 1 : i < 40 ? 0 : Math.floor(random() * Math.min(i, count / 12));
    starts[i] = shape === 'deep' ? starts[parent] + 1 : starts[parent] + random() * ms[parent] * 0.8;
    ms[i] = shape === 'deep' ? Math.max(1, ms[parent] - 2) : Math.max(0.5, random() * (starts[parent] + ms[parent] - starts[i]) * 0.5);
    spans.push(spanOf(traceId, i, parent, starts[i], ms[i], random));
    if (spans.length === kPerRequest) {
      yield resourceSpans('crawler', 'prod', spans);
      spans = [];
    }
  }
  if (spans.length > 0) yield resourceSpans('crawler', 'prod', spans);
}
