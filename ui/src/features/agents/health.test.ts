import { expect, it } from 'vitest';
import type { AgentRow } from '../../api/types';
import { healthOf, sorted } from './health';

it('holds agents against 98 %, and does not judge those that were not called', () => {
  expect([[100, 2], [100, 3], [0, 0]].map(([invocations, errors]) => healthOf({ invocations: invocations!, errors: errors! }))).toEqual(['well', 'failing', 'unseen']);
});
it('sorts, by name where the figures are equal', () => {
  const agents = [['b', 1], ['a', 1], ['c', 5]].map(([agent, cost_usd]) => ({ agent, cost_usd }) as AgentRow);
  expect(sorted(agents, 'cost', 'desc').map(({ agent }) => agent)).toEqual(['c', 'a', 'b']);
});
