// How well an agent does, from its own calls. Pure.
import type { AgentRow } from '../../api/types';

export const kTarget = 0.98;

export type Health = 'well' | 'failing' | 'unseen';

export function successOf({ invocations, errors }: Pick<AgentRow, 'invocations' | 'errors'>): number | null {
  return invocations === 0 ? null : 1 - errors / invocations;
}

// Against the same target as Home's success rate.
export function healthOf(agent: Pick<AgentRow, 'invocations' | 'errors'>): Health {
  const success = successOf(agent);
  return success == null ? 'unseen' : success >= kTarget ? 'well' : 'failing';
}

export type SortKey = 'last' | 'agent' | 'success' | 'runs' | 'calls' | 'p95' | 'tokens' | 'cost';

const kValues: Record<SortKey, (agent: AgentRow) => number | string> = {
  last: ({ last }) => last, agent: ({ agent }) => agent, success: (agent) => successOf(agent) ?? 2, runs: ({ runs }) => runs, calls: ({ invocations }) => invocations,
  p95: ({ duration_ms: ms }) => ms?.p95 ?? -1, tokens: ({ tokens }) => tokens.total, cost: ({ cost_usd: cost }) => cost,
};

export function sorted(agents: readonly AgentRow[], key: SortKey, order: 'asc' | 'desc'): AgentRow[] {
  const value = kValues[key] ?? kValues.last;
  const sign = order === 'asc' ? 1 : -1;
  return [...agents].sort((a, b) => { const [x, y] = [value(a), value(b)]; return x < y ? -sign : x > y ? sign : a.agent < b.agent ? -1 : 1; });
}
