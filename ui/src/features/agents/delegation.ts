// Who called whom over all runs of a window. Pure.
import { layout, type Joined, type Placed } from '../../lib/graph';
import type { AgentRow } from '../../api/types';

export interface Call { source: string; target: string; evidence: string; handoff: boolean; runs: number; calls: number; errors: number; usd: number | null }
export interface MapNode extends Placed { agent: string; row?: AgentRow }
export interface MapEdge extends Joined { id: string; call: Call }

// The cost of an edge is what the called agent itself cost in the runs where it was called this way.
export function callsQuery(where: string): string {
  const runs = `SELECT trace_id, edges, usage FROM runs WHERE ${where} AND len(edges) > 0`;
  return `WITH e AS (SELECT trace_id, unnest(edges) AS e FROM (${runs})),
    per_run AS (SELECT trace_id, e."from" AS source, e."to" AS target, string_agg(DISTINCT e.evidence, ', ' ORDER BY e.evidence) AS evidence,
      bool_or(e.handoff) AS handoff, sum(e.calls) AS calls, sum(e.errors) AS errors FROM e GROUP BY 1, 2, 3),
    cost AS (SELECT trace_id, u.agent AS agent, sum(u.cost_usd) AS usd
      FROM (SELECT trace_id, unnest(usage) AS u FROM (${runs})) GROUP BY 1, 2)
    SELECT source, target, string_agg(DISTINCT per_run.evidence, ', ' ORDER BY per_run.evidence) AS evidence, bool_or(handoff) AS handoff, count(*) AS runs,
      CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(errors) AS BIGINT) AS errors, sum(cost.usd) AS usd
    FROM per_run LEFT JOIN cost ON cost.trace_id = per_run.trace_id AND cost.agent = target GROUP BY 1, 2 ORDER BY calls DESC LIMIT 300`;
}

export interface DelegationMap { nodes: Map<string, MapNode>; edges: MapEdge[]; width: number; height: number }

export function buildMap(agents: readonly AgentRow[], calls: readonly Call[]): DelegationMap {
  const nodes = new Map<string, MapNode>();
  const node = (agent: string) => nodes.set(agent, nodes.get(agent) ?? { id: agent, agent, rank: 0, x: 0, y: 0 });
  for (const { source, target } of calls) {
    node(source);
    node(target);
  }
  for (const row of agents) {
    node(row.agent);
    nodes.get(row.agent)!.row = row;
  }
  const edges = calls.filter(({ source, target }) => source !== target)
    .map((call) => ({ id: `${call.source}\n${call.target}`, from: call.source, to: call.target, back: false, call }));
  return { nodes, edges, ...layout(nodes, edges) };
}
