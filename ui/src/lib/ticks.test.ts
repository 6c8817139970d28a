import { expect, it } from 'vitest';
import { tickLabel } from './format';
import { ticksOf } from './ticks';

it('stands at round times', () => {
  expect(ticksOf(0, 5930, 6)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  expect(ticksOf(0, 0.5, 6)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
  expect(ticksOf(310, 990, 5)).toEqual([400, 600, 800]);
  expect(ticksOf(0, 200_000, 6)).toEqual([0, 60_000, 120_000, 180_000]);
  expect(ticksOf(0, 10 * 86_400_000, 6)).toHaveLength(5);
  expect(ticksOf(5, 5, 6)).toEqual([]);
  for (const to of [1e-6, 0.37, 12, 499, 501, 999, 59_000, 3.7e6, 9e9]) expect(ticksOf(0, to, 6).length, `${to}`).toBeGreaterThan(1);
  for (const to of [1e-6, 0.37, 12, 499, 501, 999, 59_000, 3.7e6, 9e9]) expect(ticksOf(0, to, 6).length, `${to}`).toBeLessThan(8);
});
it('is written without zeros that say nothing', () => {
  expect([0, 500, 1500, 2000, 10_000, 60_000, 90_000, 3_600_000, 0.2].map(tickLabel)).toEqual(['0 ms', '500 ms', '1.5 s', '2 s', '10 s', '1 m', '1 m 30 s', '1 h', '200 µs']);
});
