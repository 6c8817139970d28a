import { expect, it } from 'vitest';
import { cellsOf, fillBins, fillBuckets, stack } from './prepare';

it('keeps gaps as gaps', () => {
  expect(fillBuckets([{ t: 60, v: 5 }], 0, 180, 60, ({ v }) => v as number | null, null)).toEqual({ times: [0, 60, 120], values: [null, 5, null] });
});
it('stacks', () => expect(stack([[1, 2], [3, 4]])).toEqual([[1, 2], [4, 6]]));
it('puts back the bins without runs', () => {
  expect(fillBins([{ from: 0, to: 5, runs: 2, errors: 1 }, { from: 15, to: 20, runs: 1, errors: 0 }]).map(({ from, to, count }) => [from, to, count])).toEqual([[0, 5, 2], [5, 10, 0], [10, 15, 0], [15, 20, 1]]);
  expect(fillBins([])).toEqual([]);
});
it('leaves out cells of nothing, which a logarithmic axis cannot show', () => {
  expect(cellsOf({ bins: [{ from: 0, to: 0 }, { from: 1, to: 2 }], cells: [{ start: '1970-01-01T00:01:00Z', bin: 0, runs: 3, errors: 0 }, { start: '1970-01-01T00:01:00Z', bin: 1, runs: 4, errors: 1 }] }))
    .toEqual([{ t: 60, low: 1, high: 2, count: 4, errors: 1 }]);
});
