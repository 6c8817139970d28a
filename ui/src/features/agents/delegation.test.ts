import { expect, it } from 'vitest';
import type { AgentRow } from '../../api/types';
import { buildMap, type Call } from './delegation';

const call = (source: string, target: string): Call => ({ source, target, evidence: 'parent', handoff: false, runs: 1, calls: 1, errors: 0, usd: null });

it('places callers left of those they call, and agents without calls too', () => {
  const { nodes, edges } = buildMap([{ agent: 'alone' } as AgentRow, { agent: 'b' } as AgentRow], [call('a', 'b'), call('b', 'c'), call('c', 'a')]);
  expect([...nodes.keys()].sort()).toEqual(['a', 'alone', 'b', 'c']);
  expect(nodes.get('a')!.x).toBeLessThan(nodes.get('b')!.x);
  expect(edges.filter(({ back }) => back).map(({ from, to }) => `${from}${to}`)).toEqual(['ca']);
  expect(nodes.get('b')!.row).toBeDefined();
});
