import { useNavigate } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { useSql } from '../../api/hooks';
import type { AgentRow } from '../../api/types';
import { keepRange } from '../../app/Shell';
import { Figures } from '../../components/Figures';
import { Arrow, GraphCanvas, NodeBox } from '../../components/GraphCanvas';
import { Badge, Button, Empty, ErrorBox, SkeletonRows } from '../../components/ui';
import { count, duration, exact, percent, usd, usdShort } from '../../lib/format';
import { quote } from '../../lib/query';
import { oneLine } from '../../lib/visible';
import { buildMap, callsQuery, type Call } from './delegation';
import { healthOf } from './health';
import css from './Agents.module.css';

const kNote = 'On an edge: calls, those that failed, and what the called agent itself cost in these runs. Calls are known from spans, messages, links and hand-off tools, never from timing.';

function Table({ calls, onPick }: { calls: readonly Call[]; onPick: (call: Call) => void }) {
  return (
    <div className={css.scroll}>
      <Figures label="Calls between agents" rows={calls} keyOf={({ source, target }) => `${source}\n${target}`} columns={[
        { title: 'Caller', cell: ({ source }) => <strong>{oneLine(source, 80)}</strong> },
        { title: 'Called', cell: (call) => <>{oneLine(call.target, 80)}{call.handoff && <> <Badge tone="accent">hand-off</Badge></>}</> },
        { title: 'Known from', cell: ({ evidence }) => evidence }, { title: 'Calls', right: true, cell: ({ calls: n }) => exact(n) },
        { title: 'Failed', right: true, cell: ({ errors, calls: n }) => (errors > 0 ? `${exact(errors)} (${percent(errors / n)})` : '0') },
        { title: 'Cost of the called', right: true, cell: ({ usd: cost }) => usd(cost) },
        { title: 'Runs', right: true, cell: (call) => <Button kind="quiet" onClick={() => onPick(call)}>{exact(call.runs)}</Button> }]} />
    </div>
  );
}

// Who called whom over all runs: traffic, errors and cost on the edges.
export function DelegationMap({ agents, where, shape, tools, onAgent, selected }: {
  agents: readonly AgentRow[]; where: string; shape: 'map' | 'table'; tools: ReactNode; onAgent: (agent: string) => void; selected: string;
}) {
  const navigate = useNavigate();
  const { data, error, refetch } = useSql<Call>('delegation', callsQuery(where));
  const map = useMemo(() => (data ? buildMap(agents, data) : null), [agents, data]);
  const open = ({ source, target }: Call) => void navigate({ to: '/ui/runs', search: ((old: Record<string, string>) => ({ ...keepRange(old), query: `agent:${quote(source)} agent:${quote(target)}` })) as never });
  if (error && !map) return <div className={css.scroll}><ErrorBox error={error} onRetry={() => void refetch()} /></div>;
  if (!map || !data) return <SkeletonRows />;
  if (map.nodes.size === 0) return <Empty title="No agent called another">A delegation shows when one agent’s span lies below another’s, or a hand-off, link or message connects them.</Empty>;
  if (shape === 'table') return <><div className={css.tools}>{tools}</div>{data.length > 0 ? <Table calls={data} onPick={open} /> : <Empty title="No agent called another" />}</>;
  const busiest = Math.max(1, ...data.map(({ calls }) => calls));
  const label = ({ calls, errors, usd: cost }: Call) => [`${count(calls)} ×`, errors > 0 && `${count(errors)} failed`, (cost ?? 0) > 0 && usdShort(cost)].filter(Boolean).join(' · ');
  const facts = (row: AgentRow | undefined) => (row ? `${count(row.invocations)} × · p95 ${duration(row.duration_ms?.p95)} · ${usdShort(row.cost_usd)}` : 'in another trace');
  return (
    <GraphCanvas label="Delegation map" graph={map} tools={tools} note={kNote}>
      {map.edges.map(({ id, from, to, back, call }) => (
        <Arrow key={id} from={map.nodes.get(from)!} to={map.nodes.get(to)!} back={back} label={label(call)} bad={call.errors > 0} weight={1.4 + 1.8 * Math.sqrt(call.calls / busiest)}
               title={`${from} called ${to} ${exact(call.calls)} times in ${exact(call.runs)} runs, ${exact(call.errors)} failed; known from: ${call.evidence}`} />))}
      {[...map.nodes.values()].map((node) => <NodeBox key={node.id} node={node} label={node.agent} facts={facts(node.row)} color="--op-agent" bad={node.row != null && healthOf(node.row) === 'failing'}
                                                      on={node.agent === selected} onPick={() => onAgent(node.agent)} />)}
    </GraphCanvas>
  );
}
