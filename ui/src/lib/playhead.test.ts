import { expect, it } from 'vitest';
import { currentRow, neighbour, phaseOf, Playhead, walkMs } from './playhead';
import type { TraceModel } from './trace';

const model = { count: 3, totalMs: 100, startMs: Float64Array.of(0, 10, 60), durationMs: Float64Array.of(100, 30, 20) } as unknown as TraceModel;

it('knows what is later, now and done', () => {
  expect([0, 1, 2].map((row) => phaseOf(model, row, 20))).toEqual(['now', 'now', 'later']);
  expect([0, 1, 2].map((row) => phaseOf(model, row, 50))).toEqual(['now', 'done', 'later']);
});
it('names the innermost span that runs', () => {
  expect([5, 20, 50, 70].map((at) => currentRow(model, at))).toEqual([0, 1, 0, 2]);
});
it('steps from start to start', () => {
  expect([neighbour(model, 0, 1), neighbour(model, 10, 1), neighbour(model, 60, 1)]).toEqual([10, 60, 100]);
  expect([neighbour(model, 100, -1), neighbour(model, 10, -1)]).toEqual([60, 0]);
});
it('takes at most ten seconds', () => {
  expect([walkMs(3_600_000), walkMs(4000), walkMs(5)]).toEqual([10_000, 4000, 2000]);
});
it('stays within the run', () => {
  const head = new Playhead(100);
  expect(head.get().on).toBe(false);
  head.seek(500);
  expect(head.get()).toEqual({ on: true, at: 100, playing: false });
  head.off();
  expect(head.get()).toEqual({ on: false, at: 0, playing: false });
});
