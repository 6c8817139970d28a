import { expect, it } from 'vitest';
import type { SqlResult } from '../../api/types';
import { barsOf, choicesOf, pointsOf, seconds } from './plot';

const result = { columns: [{ name: 'n', type: 'BIGINT' }, { name: 'agent', type: 'VARCHAR' }, { name: 'at', type: 'TIMESTAMP' }, { name: 'tools', type: 'VARCHAR[]' }],
                 rows: [[2, 'a', '1970-01-01 00:02:00', []], [3, 'b', '1970-01-01 00:01:00', []], ['4', 'a', '1970-01-01 00:02:00', []], [null, null, null, []]] } as unknown as SqlResult;

it('finds axes and figures', () => {
  const { xs, ys } = choicesOf(result);
  expect(xs.map(({ name }) => name)).toEqual(['at', 'agent', 'n']);
  expect(ys.map(({ name }) => name)).toEqual(['n']);
});
it('orders times and adds up what falls together', () => {
  const { xs: [at, agent], ys: [n] } = choicesOf(result);
  expect(pointsOf(result, at!, n!)).toEqual({ times: [60, 120], values: [3, 6], step: 60 });
  expect(barsOf(result, agent!, n!)).toEqual([{ name: 'a', value: 6 }, { name: 'b', value: 3 }, { name: '(null)', value: 0 }]);
});
it('reads times as UTC', () => expect([seconds('1970-01-01 00:01:00'), seconds('1970-01-01T00:01:00Z'), seconds('1970-01-02'), seconds('x')]).toEqual([60, 60, 86_400, null]));
