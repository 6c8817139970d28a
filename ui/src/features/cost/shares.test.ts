import { expect, it } from 'vitest';
import type { CostAnswer } from '../../api/types';
import { overTime } from './shares';

const part = (model: string, usd: number) => ({ key: { model }, usd, runs: 1 });

it('keeps the dearest groups and adds up the rest', () => {
  const answer = { groups: [part('a', 1), part('b', 6), part('c', 2)], buckets: [
    { start: '1970-01-01T00:01:00Z', usd: 9, runs: 3, groups: [part('a', 1), part('b', 6), part('c', 2)] }, { start: '1970-01-01T00:02:00Z', usd: 0, runs: 0, groups: [] }] } as unknown as CostAnswer;
  expect(overTime(answer, 2)).toEqual({ names: ['b', 'c', 'others'], rows: [{ t: 60, values: [6, 2, 1] }, { t: 120, values: [0, 0, 0] }] });
  expect(overTime(answer, 3).names).toEqual(['b', 'c', 'a']);
});
