import { expect, it } from 'vitest';
import { fillBuckets, integerBins, stack } from './prepare';

it('keeps gaps as gaps', () => {
  expect(fillBuckets([{ t: 60, v: 5 }], 0, 180, 60, ({ v }) => v as number | null, null)).toEqual({ times: [0, 60, 120], values: [null, 5, null] });
});
it('stacks', () => expect(stack([[1, 2], [3, 4]])).toEqual([[1, 2], [4, 6]]));
it('makes round bins that lose nothing', () => {
  const bins = integerBins([{ value: 1, n: 2 }, { value: 37, n: 1 }, { value: 40, n: 5 }], 10);
  expect(bins[0]).toEqual({ from: 0, to: 5, count: 2 });
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(8);
  expect(integerBins([], 10)).toEqual([]);
});
