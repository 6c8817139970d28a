// What the model says. A scenario is {when, turns}: `when` is a regular expression tried on the
// first user message; turn i answers the i-th call of that conversation (the number of assistant
// messages so far), the last turn answers every later one. A turn is one of
//   {say: "text"}                             an answer
//   {tools: [{name, arguments}], say?}        tool calls
//   {status: 429, error: "text", type?}       a failure of the provider
// and may carry usage: [prompt tokens, completion tokens] instead of counted ones.
// "$1" in texts and arguments is the first group of `when`, and so on. Conversations that match no
// scenario get an answer made from the request's hash: zero to two tool calls, then a text.

function textOf(message) {
  const { content } = message;
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

function fill(value, groups) {
  if (typeof value === 'string') return value.replace(/\$(\d)/g, (_, n) => groups[n] ?? '');
  if (Array.isArray(value)) return value.map((item) => fill(item, groups));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, groups)]));
}

function exampleValue(schema, text) {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'integer':
    case 'number': return 3;
    case 'boolean': return true;
    case 'array': return [exampleValue(schema.items ?? {}, text)];
    case 'object': return exampleObject(schema, text);
    default: return text;
  }
}

function exampleObject(schema, text) {
  const entries = Object.entries(schema?.properties ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, exampleValue(value, text)]));
}

const kOpenings = ['In short', 'As far as the sources say', 'To answer the question', 'Briefly'];
const kClosings = ['nothing else needs to be done.', 'a person should confirm the details.',
                   'the figures agree with each other.', 'the rest follows from the above.'];

function improvise(body, question, turn, hash) {
  const tools = body.tools ?? [];
  if (turn < hash[1] % 3 && tools.length > 0 && body.tool_choice !== 'none') {
    const tool = tools[hash[2] % tools.length].function;
    const topic = question.split(/\s+/).slice(-6).join(' ');
    return { tools: [{ name: tool.name, arguments: exampleObject(tool.parameters, topic) }] };
  }
  const opening = kOpenings[hash[3] % kOpenings.length];
  const closing = kClosings[hash[4] % kClosings.length];
  return { say: `${opening}: ${question.slice(0, 160)} ${closing}` };
}

export function chooseTurn(body, scenarios, hash) {
  const first = body.messages.findIndex((message) => message.role === 'user');
  const question = first < 0 ? '' : textOf(body.messages[first]);
  const turn = body.messages.filter((message) => message.role === 'assistant').length;
  for (const { when, turns } of scenarios) {
    const groups = new RegExp(when).exec(question);
    if (groups) return fill(turns[Math.min(turn, turns.length - 1)], groups);
  }
  return improvise(body, question, turn, hash);
}
