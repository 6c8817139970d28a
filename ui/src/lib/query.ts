// The search language of the Runs view (docs/search.md). The server reads it; here its terms are
// found so that facets can set and clear them, and completed while they are typed.

// A field as /api/v1/search/fields describes it.
export interface Field { name: string; doc: string; operators: string[]; values: string[]; has_values: boolean }

interface Term { field: string; operator: string; value: string; start: number; end: number }

const kToken = /[()]|([a-z_]+)(:|!=|>=|<=|>|<|=)("(?:[^"\\]|\\.)*"?|[^\s"()]+)|"(?:[^"\\]|\\.)*"?|[^\s"()]+/gi;

const unquote = (text: string) =>
  (text.startsWith('"') ? text.slice(1).replace(/"$/, '').replace(/\\(.)/g, '$1') : text);

export function quote(value: string): string {
  return /^[^\s"\\()*]+$/.test(value) ? value : `"${value.replace(/(["\\])/g, '\\$1')}"`;
}

// The conditions on fields that hold for the whole query: not those of groups and behind NOT.
// `choice`: the query is one of several (a OR b), so that none does.
function standing(source: string): { terms: Term[]; choice: boolean } {
  const terms: Term[] = [];
  let depth = 0;
  let choice = false;
  let before = '';
  for (const match of source.matchAll(kToken)) {
    const [whole, field, operator, value] = match;
    if (whole === '(') ++depth;
    else if (whole === ')') --depth;
    else if (depth === 0 && whole === 'OR') choice = true;
    else if (depth === 0 && field && before !== 'NOT') terms.push({ field: field.toLowerCase(), operator: operator!, value: unquote(value!), start: match.index, end: match.index + whole.length });
    before = whole;
  }
  return choice ? { terms: [], choice } : { terms, choice };
}

export function hasTerm(source: string, field: string, value: string): boolean {
  return standing(source).terms.some((term) => term.field === field && (term.operator === ':' || term.operator === '=') && term.value === value);
}

export function withoutField(source: string, field: string): string {
  let result = source;
  for (const term of standing(source).terms.reverse()) {
    if (term.field === field) result = result.slice(0, term.start) + result.slice(term.end);
  }
  return result.replace(/\s+/g, ' ').trim().replace(/^AND | AND(?= AND |$)/g, '');
}

// Sets `field:value` in place of what the query says about the field, or takes it away again.
export function toggleTerm(source: string, field: string, value: string): string {
  const rest = withoutField(source, field);
  if (hasTerm(source, field, value)) return rest;
  return `${standing(rest).choice ? `(${rest})` : rest} ${field}:${quote(value)}`.trim();
}

// What to ask for the values of each field: a field that the query fixes is asked for without that, so
// that its other values stay to choose from. Fields of the same question stand together.
export function facetQuestions(source: string, fields: readonly string[]): { query: string; fields: string[] }[] {
  const questions = new Map<string, string[]>();
  for (const field of fields) {
    const query = withoutField(source, field);
    questions.set(query, [...(questions.get(query) ?? []), field]);
  }
  return [...questions].map(([query, asked]) => ({ query, fields: asked }));
}

export interface Completion { insert: string; label: string; hint: string }

// The field whose value is being typed at the caret, and what of it is there.
export function valueAt(source: string, caret: number): { field: string; prefix: string } | null {
  const match = /(?:^|[\s(])([a-z_]+):"?([^\s"]*)$/i.exec(source.slice(0, caret));
  return match ? { field: match[1]!.toLowerCase(), prefix: match[2]! } : null;
}

// What may follow at the caret: fields, then the values of a field (`values`, as the server has them).
export function complete(source: string, caret: number, fields: readonly Field[], values: readonly string[]): { from: number; options: Completion[] } {
  const before = source.slice(0, caret);
  const from = before.search(/[^\s(]*$/);
  const word = before.slice(from).toLowerCase();
  const at = valueAt(source, caret);
  if (at) {
    const fixed = fields.find(({ name }) => name === at.field)?.values ?? [];
    const wanted = at.prefix.toLowerCase();
    const options = (fixed.length > 0 ? fixed : values).filter((value) => value.toLowerCase().includes(wanted) && value !== at.prefix)
      .slice(0, 10).map((value) => ({ insert: `${at.field}:${quote(value)} `, label: value, hint: at.field }));
    return { from, options };
  }
  const options = fields.filter(({ name }) => name.startsWith(word))
    .map(({ name, doc, operators }) => ({ insert: name + (operators.includes('>') ? '>' : ':'), label: name, hint: doc }));
  return { from, options };
}
