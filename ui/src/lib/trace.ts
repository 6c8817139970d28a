// The tree of a trace, built once from the columns of /api/v1/traces/{id}. Typed arrays and loops
// only: a trace may have 100,000 spans or be 10,000 deep.
import type { Trace, TraceColumns } from '../api/types';

export interface TraceModel {
  count: number;
  columns: TraceColumns;
  startMs: Float64Array;     // from the beginning of the trace
  durationMs: Float64Array;
  selfMs: Float64Array;      // without the time in which a child runs
  parent: Int32Array;        // row, -1 for roots
  order: Int32Array;         // rows in depth-first order
  depth: Int32Array;         // per row
  size: Int32Array;          // rows of the subtree, itself included
  errorsBelow: Int32Array;   // failed spans in the subtree, itself included
  childCount: Int32Array;
  totalMs: number;
  row: Map<string, number>;  // by span id
  orphans: number;           // spans whose parent is not stored
}

export function text(column: { dictionary: string[]; index: number[] } | undefined, row: number): string {
  return column ? column.dictionary[column.index[row]!] ?? '' : '';
}

export const opOf = (model: TraceModel, row: number) => text(model.columns.op, row) || 'other';
// Its end is missing or before its start, so nothing is known of its duration.
export const isEndless = ({ columns }: TraceModel, row: number) => columns.times_adjusted?.[row] === true;
export const nameOf = (model: TraceModel, row: number) => text(model.columns.name, row);
export const isError = (model: TraceModel, row: number) => text(model.columns.status, row) === 'error';
// What was reported as the total, else the sum of what went in and out.
export function tokensAt({ columns }: TraceModel, row: number): number {
  return columns.total_tokens?.[row] ?? (columns.input_tokens?.[row] ?? 0) + (columns.output_tokens?.[row] ?? 0);
}

export const numberAt = (column: (number | null)[] | undefined, row: number) => column?.[row] ?? null;

// Parents that would close a cycle are cut; their spans become roots.
function safeParents(raw: number[]): Int32Array {
  const parent = Int32Array.from(raw);
  const state = new Uint8Array(parent.length);  // 0 new, 1 on the path, 2 done
  for (let start = 0; start < parent.length; ++start) {
    const path: number[] = [];
    let row = start;
    while (row >= 0 && state[row] === 0) {
      state[row] = 1;
      path.push(row);
      row = parent[row]!;
    }
    if (row >= 0 && state[row] === 1) parent[row] = -1;
    for (const seen of path) state[seen] = 2;
  }
  return parent;
}

function depthFirst(model: TraceModel) {
  const { count, parent, order, depth } = model;
  const first = new Int32Array(count).fill(-1);
  const next = new Int32Array(count).fill(-1);
  const roots: number[] = [];
  for (let row = count - 1; row >= 0; --row) {  // backwards, so that lists are in order of start
    const up = parent[row]!;
    if (up < 0) {
      roots.push(row);
    } else {
      next[row] = first[up]!;
      first[up] = row;
      ++model.childCount[up]!;
    }
  }
  const stack = roots;
  let filled = 0;
  while (stack.length > 0) {
    const row = stack.pop()!;
    order[filled++] = row;
    const up = parent[row]!;
    depth[row] = up < 0 ? 0 : depth[up]! + 1;
    if (next[row]! >= 0) stack.push(next[row]!);
    if (first[row]! >= 0) stack.push(first[row]!);
  }
}

function sums(model: TraceModel) {
  const { order, parent, size, errorsBelow } = model;
  for (let i = order.length - 1; i >= 0; --i) {
    const row = order[i]!;
    size[row]! += 1;
    if (isError(model, row)) ++errorsBelow[row]!;
    const up = parent[row]!;
    if (up >= 0) {
      size[up]! += size[row]!;
      errorsBelow[up]! += errorsBelow[row]!;
    }
  }
}

// Children come in order of start, so the union of their times needs one pass.
function selfTimes(model: TraceModel) {
  const { order, parent, startMs, durationMs, selfMs } = model;
  const covered = Float64Array.from(startMs);  // until when children cover the parent
  const hidden = new Float64Array(model.count);
  for (const row of order) {
    const up = parent[row]!;
    if (up < 0) continue;
    const from = Math.max(startMs[row]!, covered[up]!);
    const to = Math.min(startMs[row]! + durationMs[row]!, startMs[up]! + durationMs[up]!);
    if (to > from) {
      hidden[up]! += to - from;
      covered[up] = to;
    }
  }
  for (let row = 0; row < model.count; ++row) selfMs[row] = Math.max(0, durationMs[row]! - hidden[row]!);
}

export function buildTrace(trace: Trace): TraceModel {
  const { columns } = trace;
  const count = columns.span_id.length;
  const model: TraceModel = {
    count, columns,
    startMs: Float64Array.from(columns.start_ns, (ns) => ns / 1e6),
    durationMs: Float64Array.from(columns.duration_ns, (ns) => Math.max(0, ns ?? 0) / 1e6),
    selfMs: new Float64Array(count),
    parent: safeParents(columns.parent_row),
    order: new Int32Array(count), depth: new Int32Array(count), size: new Int32Array(count),
    errorsBelow: new Int32Array(count), childCount: new Int32Array(count),
    totalMs: 0, row: new Map(), orphans: 0,
  };
  for (let row = 0; row < count; ++row) {
    model.row.set(columns.span_id[row]!, row);
    model.totalMs = Math.max(model.totalMs, model.startMs[row]! + model.durationMs[row]!);
    if (columns.parent_span_id?.[row] && columns.parent_row[row]! < 0) ++model.orphans;
  }
  depthFirst(model);
  sums(model);
  selfTimes(model);
  return model;
}

// Rows to show, given what is folded. With `matches`, only matching rows and their ancestors.
export function visibleRows(model: TraceModel, folded: ReadonlySet<number>, matches: Uint8Array | null): Int32Array {
  const rows = new Int32Array(model.count);
  let filled = 0;
  for (let i = 0; i < model.count;) {
    const row = model.order[i]!;
    if (matches && matches[row] === 0) {
      ++i;
      continue;
    }
    rows[filled++] = row;
    i += folded.has(row) ? model.size[row]! : 1;
  }
  return rows.subarray(0, filled);
}

export interface SpanFilter { text: string; errors: boolean; op: string }

// 2 where a span matches, 1 where only a descendant does, 0 otherwise; null without a filter.
export function matchRows(model: TraceModel, filter: SpanFilter): Uint8Array | null {
  const wanted = filter.text.trim().toLowerCase();
  if (wanted === '' && !filter.errors && filter.op === '') return null;
  const { columns } = model;
  const marks = new Uint8Array(model.count);
  const dictionaries = [columns.name, columns.tool, columns.model, columns.agent, columns.status_message]
    .filter((column) => column != null)
    .map((column) => ({ index: column.index, hit: column.dictionary.map((word) => word.toLowerCase().includes(wanted)) }));
  for (let i = model.count - 1; i >= 0; --i) {
    const row = model.order[i]!;
    const hit = (!filter.errors || isError(model, row)) && (filter.op === '' || opOf(model, row) === filter.op) &&
      (wanted === '' || columns.span_id[row]!.startsWith(wanted) || dictionaries.some(({ index, hit: hits }) => hits[index[row]!]));
    if (hit) marks[row] = 2;
    const up = model.parent[row]!;
    if (marks[row]! > 0 && up >= 0 && marks[up] === 0) marks[up] = 1;
  }
  return marks;
}

export function foldedToDepth(model: TraceModel, depth: number): Set<number> {
  const folded = new Set<number>();
  for (let row = 0; row < model.count; ++row) {
    if (model.depth[row]! >= depth && model.childCount[row]! > 0) folded.add(row);
  }
  return folded;
}

export function unfoldTo(model: TraceModel, folded: ReadonlySet<number>, row: number): Set<number> {
  const open = new Set(folded);
  for (let up = model.parent[row]!; up >= 0; up = model.parent[up]!) open.delete(up);
  return open;
}
