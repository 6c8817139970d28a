// The search language of the Runs view (docs/search.md). The server reads it; here its terms are
// found so that facets can set and clear them, and completed while they are typed.

export interface Field { key: string; kind: 'text' | 'number' | 'duration' | 'status'; hint: string }

export const kFields: readonly Field[] = [
  { key: 'agent', kind: 'text', hint: 'an agent that took part' },
  { key: 'status', kind: 'status', hint: 'ok, error or live' },
  { key: 'model', kind: 'text', hint: 'a model it called' },
  { key: 'tool', kind: 'text', hint: 'a tool it called' },
  { key: 'service', kind: 'text', hint: 'service.name' },
  { key: 'environment', kind: 'text', hint: 'deployment environment' },
  { key: 'session', kind: 'text', hint: 'session id' },
  { key: 'user', kind: 'text', hint: 'user id' },
  { key: 'query_type', kind: 'text', hint: 'kind of request' },
  { key: 'outcome', kind: 'text', hint: 'what it came to' },
  { key: 'name', kind: 'text', hint: 'name of the root span' },
  { key: 'error', kind: 'text', hint: 'text in the error message' },
  { key: 'version', kind: 'text', hint: 'of the service or an agent' },
  { key: 'duration', kind: 'duration', hint: 'duration>1.5s' },
  { key: 'cost', kind: 'number', hint: 'USD: cost>0.10' },
  { key: 'tokens', kind: 'number', hint: 'tokens>4k' },
  { key: 'steps', kind: 'number', hint: 'LLM calls: steps>8' },
  { key: 'tool_calls', kind: 'number', hint: 'tool_calls>3' },
  { key: 'errors', kind: 'number', hint: 'failed spans: errors>0' },
  { key: 'spans', kind: 'number', hint: 'spans>100' },
];

export interface Term { field: string; value: string; start: number; end: number }

const kToken = /([a-z_]+)(?::|!=|>=|<=|>|<|=)("(?:[^"\\]|\\.)*"?|[^\s"()]+)|"(?:[^"\\]|\\.)*"?|[^\s"()]+/gi;

const unquote = (text: string) =>
  (text.startsWith('"') ? text.slice(1).replace(/"$/, '').replace(/\\(.)/g, '$1') : text);

export function quote(value: string): string {
  return /^[^\s"\\()*]+$/.test(value) ? value : `"${value.replace(/(["\\])/g, '\\$1')}"`;
}

function termsOf(source: string): Term[] {
  const terms: Term[] = [];
  for (const match of source.matchAll(kToken)) {
    const [whole, field, value] = match;
    if (field && value) terms.push({ field: field.toLowerCase(), value: unquote(value), start: match.index, end: match.index + whole.length });
  }
  return terms;
}

export function hasTerm(source: string, field: string, value: string): boolean {
  return termsOf(source).some((term) => term.field === field && term.value === value);
}

export function withoutField(source: string, field: string): string {
  let result = source;
  for (const term of termsOf(source).reverse()) {
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
