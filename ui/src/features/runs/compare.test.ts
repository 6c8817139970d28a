import { expect, it } from 'vitest';
import type { Run } from '../../api/types';
import { changeOf, compareRuns } from './compare';

const run = (duration: number, cost: number) => ({ duration_ms: duration, cost_usd: cost, tokens: { total: 1, input: 1, output: 0 }, steps: 2, tool_calls: 0, retrievals: 0, spans: 3, errors: 0 }) as Run;

it('finds least, greatest and mean', () => {
  const [duration, cost, tokens] = compareRuns([run(100, 1), run(50, 4), run(300, 1)]);
  expect(duration).toMatchObject({ values: [100, 50, 300], mean: 150, best: 1, worst: 2 });
  expect(cost).toMatchObject({ best: 0, worst: 1, mean: 2 });
  expect(tokens).toMatchObject({ best: -1, worst: -1 });
});
it('writes changes as people read them', () => {
  expect([[140, 100], [50, 100], [101, 100], [5000, 100], [5, 0], [7, 7]].map(([value, first]) => changeOf(value!, first!))).toEqual(['+40 %', '−50 %', '+1.0 %', '50 ×', '', '']);
});
