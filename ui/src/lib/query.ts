// The search language of the Runs view: `agent:researcher model:gpt-4o* cost>0.10 steps>8
// status:error "text"`. Parsed here into the parameters of /api/v1/runs; the text itself is what
// stands in the URL, so that a server that understands the language may get it as it is.

export interface Field { key: string; parameter: string; kind: 'text' | 'number' | 'duration' | 'status'; hint: string }

export const kFields: readonly Field[] = [
  { key: 'agent', parameter: 'agent', kind: 'text', hint: 'agent at the root' },
  { key: 'status', parameter: 'status', kind: 'status', hint: 'ok, error or live' },
  { key: 'model', parameter: 'model', kind: 'text', hint: 'a model it called' },
  { key: 'tool', parameter: 'tool', kind: 'text', hint: 'a tool it called' },
  { key: 'service', parameter: 'service', kind: 'text', hint: 'service.name' },
  { key: 'environment', parameter: 'environment', kind: 'text', hint: 'deployment environment' },
  { key: 'session', parameter: 'session', kind: 'text', hint: 'session id' },
  { key: 'user', parameter: 'user', kind: 'text', hint: 'user id' },
  { key: 'query_type', parameter: 'query_type', kind: 'text', hint: 'kind of request' },
  { key: 'duration', parameter: 'duration', kind: 'duration', hint: 'duration>1.5s' },
  { key: 'cost', parameter: 'cost', kind: 'number', hint: 'USD: cost>0.10' },
  { key: 'tokens', parameter: 'tokens', kind: 'number', hint: 'tokens>4000' },
  { key: 'steps', parameter: 'steps', kind: 'number', hint: 'LLM calls: steps>8' },
];

export interface Term { field: string; operator: ':' | '>' | '<' | '>=' | '<='; value: string; start: number; end: number }
export interface ParsedQuery { terms: Term[]; text: string; parameters: Record<string, string>; problems: string[] }

const kToken = /([a-z_]+)(:|>=|<=|>|<)("(?:[^"\\]|\\.)*"?|[^\s"]+)|"((?:[^"\\]|\\.)*)"?|(\S+)/gi;

const unquote = (text: string) =>
  (text.startsWith('"') ? text.slice(1).replace(/"$/, '').replace(/\\(.)/g, '$1') : text);

export function quote(value: string): string {
  return /^[^\s"\\]+$/.test(value) ? value : `"${value.replace(/(["\\])/g, '\\$1')}"`;
}

// Strict bounds become inclusive ones: the next integer, or the next representable amount.
function bound(field: Field, operator: string, value: string): string {
  const number = Number(value);
  if (operator.endsWith('=') || Number.isNaN(number) || field.kind === 'duration') return value;
  if (field.key === 'cost') return String(operator === '>' ? number + 1e-9 : number - 1e-9);
  return String(operator === '>' ? Math.floor(number) + 1 : Math.ceil(number) - 1);
}

function apply(term: Term, parsed: ParsedQuery) {
  const field = kFields.find(({ key }) => key === term.field);
  if (!field) {
    parsed.problems.push(`there is no field “${term.field}”`);
    return;
  }
  if (term.operator === ':') {
    if (field.kind === 'number' || field.kind === 'duration') {
      parsed.problems.push(`compare ${term.field} with > or <, as in ${field.hint.split(': ').at(-1)}`);
    } else if (parsed.parameters[field.parameter] != null) {
      parsed.problems.push(`${term.field} is given twice`);
    } else {
      parsed.parameters[field.parameter] = term.value;
    }
    return;
  }
  if (field.kind === 'text' || field.kind === 'status') {
    parsed.problems.push(`${term.field} is a text: write ${term.field}:value`);
    return;
  }
  if (field.kind === 'number' && Number.isNaN(Number(term.value))) {
    parsed.problems.push(`${term.field} needs a number, not “${term.value}”`);
    return;
  }
  const side = term.operator.startsWith('>') ? 'min' : 'max';
  parsed.parameters[`${side}_${field.parameter}`] = bound(field, term.operator, term.value);
}

export function parseQuery(source: string): ParsedQuery {
  const parsed: ParsedQuery = { terms: [], text: '', parameters: {}, problems: [] };
  const words: string[] = [];
  for (const match of source.matchAll(kToken)) {
    const [, key, operator, value, quoted, word] = match;
    if (key && operator && value && !/^\/\//.test(value)) {
      const term: Term = { field: key.toLowerCase(), operator: operator as Term['operator'],
                           value: unquote(value), start: match.index, end: match.index + match[0].length };
      parsed.terms.push(term);
      apply(term, parsed);
    } else {
      words.push(quoted != null ? quoted.replace(/\\(.)/g, '$1') : word ?? match[0]);
    }
  }
  parsed.text = words.join(' ');
  if (parsed.text) parsed.parameters.q = parsed.text;
  return parsed;
}

export function hasTerm(source: string, field: string, value: string): boolean {
  return parseQuery(source).terms.some((term) => term.field === field && term.value === value);
}

export function withoutField(source: string, field: string): string {
  const { terms } = parseQuery(source);
  let result = source;
  for (const term of [...terms].reverse()) {
    if (term.field === field) result = result.slice(0, term.start) + result.slice(term.end);
  }
  return result.replace(/\s+/g, ' ').trim();
}

// Sets `field:value` in place of what the query says about the field, or takes it away again.
export function toggleTerm(source: string, field: string, value: string): string {
  const rest = withoutField(source, field);
  return hasTerm(source, field, value) ? rest : `${rest} ${field}:${quote(value)}`.trim();
}

export interface Completion { insert: string; label: string; hint: string }

// What may follow at the caret: fields, then the values of a field.
export function complete(source: string, caret: number, values: Record<string, string[]>): { from: number; options: Completion[] } {
  const before = source.slice(0, caret);
  const from = before.search(/\S*$/);
  const word = before.slice(from).toLowerCase();
  const match = /^([a-z_]+):(.*)$/.exec(word);
  if (match) {
    const known = match[1] === 'status' ? ['ok', 'error', 'live'] : values[match[1]!] ?? [];
    const options = known.filter((value) => value.toLowerCase().includes(match[2]!.replace(/"/g, '')) && value !== match[2])
      .slice(0, 8).map((value) => ({ insert: `${match[1]}:${quote(value)} `, label: value, hint: match[1]! }));
    return { from, options };
  }
  const options = kFields.filter(({ key }) => key.startsWith(word))
    .map((field) => ({ insert: field.key + (field.kind === 'number' || field.kind === 'duration' ? '>' : ':'),
                       label: field.key, hint: field.hint }));
  return { from, options };
}
