import { describe, expect, it } from 'vitest';
import type { Trace } from '../api/types';
import { buildTrace, matchRows, visibleRows } from './trace';

function trace(parents: number[], extra: Partial<Trace['columns']> = {}): Trace {
  const ids = parents.map((_, i) => `s${i}`);
  return { trace_id: 't', run: {} as Trace['run'], span_count: ids.length, base: '2026-01-01T00:00:00Z', columns: {
    span_id: ids, parent_span_id: parents.map((p) => (p < 0 ? null : ids[p] ?? 'gone')), parent_row: parents,
    start_ns: parents.map((_, i) => i * 1e6), duration_ns: parents.map(() => 4e6),
    name: { dictionary: ['span'], index: parents.map(() => 0) }, ...extra } };
}

describe('the tree of a trace', () => {
  it('is walked depth first in order of start', () => {
    const model = buildTrace(trace([-1, 0, 0, 1, 1]));
    expect([...model.order]).toEqual([0, 1, 3, 4, 2]);
    expect([...model.depth]).toEqual([0, 1, 1, 2, 2]);
    expect([...model.size]).toEqual([5, 3, 1, 1, 1]);
  });
  it('takes parents that come later, and survives cycles', () => {
    expect([...buildTrace(trace([1, -1])).order]).toEqual([1, 0]);
    expect(buildTrace(trace([1, 0, -1])).order).toHaveLength(3);
    expect(new Set(buildTrace(trace([1, 0, 0])).order).size).toBe(3);
  });
  it('subtracts the time that children cover, once', () => {
    expect([...buildTrace(trace([-1, 0, 0])).selfMs]).toEqual([1, 4, 4]);
  });
  it('folds subtrees and filters with ancestors', () => {
    const model = buildTrace(trace([-1, 0, 0, 1, 1], { name: { dictionary: ['a', 'needle'], index: [0, 0, 0, 1, 0] } }));
    expect([...visibleRows(model, new Set([1]), null)]).toEqual([0, 1, 2]);
    expect([...visibleRows(model, new Set(), matchRows(model, { text: 'NEED', errors: false, op: '' }))]).toEqual([0, 1, 3]);
  });
  it('needs no column that has no values', () => {
    const single = trace([-1]);
    delete single.columns.parent_span_id;
    expect(buildTrace(single)).toMatchObject({ count: 1, orphans: 0 });
  });
  it('holds 100,000 spans in a chain', () => {
    const model = buildTrace(trace(Array.from({ length: 100_000 }, (_, i) => i - 1)));
    expect(model.depth[99_999]).toBe(99_999);
    expect(model.size[0]).toBe(100_000);
  });
});
