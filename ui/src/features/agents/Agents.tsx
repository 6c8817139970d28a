import { useMemo } from 'react';
import { useAgents } from '../../api/hooks';
import type { AgentRow } from '../../api/types';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { View } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { useCommands } from '../../commands/registry';
import { DataTable, type Column } from '../../components/DataTable';
import { Badge, Button, Empty, ErrorBox, Segments, SkeletonRows, ui } from '../../components/ui';
import { ago, count, duration, exact, percent, plural, usd } from '../../lib/format';
import { runsWhere } from '../../lib/sql';
import { dateTime, kDefaultSince, type Zone } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import { AgentPanel } from './AgentPanel';
import { DelegationMap } from './DelegationMap';
import { healthOf, sorted, successOf, type SortKey } from './health';
import css from './Agents.module.css';

type Shape = 'list' | 'map' | 'table';
const kShapes = [['list', 'Agents'], ['map', 'Delegation map'], ['table', 'Delegation table']] as const satisfies readonly (readonly [Shape, string])[];
const faint = (text: string, quiet: boolean) => <span className={quiet ? css.faint : undefined}>{text}</span>;

function Success({ agent }: { agent: AgentRow }) {
  const health = healthOf(agent);
  if (health === 'unseen') return <Badge title="no call of its own in this range">not called</Badge>;
  return <Badge tone={health === 'well' ? 'ok' : 'bad'} title={`${exact(agent.errors)} of ${exact(agent.invocations)} calls failed; the target is 98 %`}>{percent(successOf(agent))}</Badge>;
}

function columnsOf(zone: Zone, now: number): Column<AgentRow>[] {
  return [
    { id: 'agent', title: 'Agent', width: 220, grow: true, sort: 'agent', cell: ({ agent }) => <span title={agent} style={{ fontWeight: 500 }}>{oneLine(agent)}</span> },
    { id: 'success', title: 'Success', width: 92, right: true, sort: 'success', hint: 'share of its calls that did not fail', cell: (agent) => <Success agent={agent} /> },
    { id: 'calls', title: 'Calls', width: 76, right: true, sort: 'calls', hint: 'spans of its own', cell: ({ invocations }) => exact(invocations) },
    { id: 'p95', title: 'p95', width: 80, right: true, sort: 'p95', cell: ({ duration_ms: ms }) => duration(ms?.p95) },
    { id: 'tokens', title: 'Tokens', width: 84, right: true, sort: 'tokens', hint: 'without those of agents that it called', cell: ({ tokens }) => faint(count(tokens.total), tokens.total === 0) },
    { id: 'cost', title: 'Cost', width: 84, right: true, sort: 'cost', hint: 'without that of agents that it called', cell: ({ cost_usd: cost }) => faint(usd(cost), cost === 0) },
    { id: 'last', title: 'Last seen', width: 104, right: true, sort: 'last', cell: ({ last }) => <span title={dateTime(Date.parse(last), zone)}>{ago(Date.parse(last), now)}</span> },
    { id: 'runs', title: 'Runs', width: 76, right: true, sort: 'runs', hint: 'in which it took part', cell: ({ runs }) => exact(runs) },
    { id: 'failed', title: 'Failed runs', width: 96, right: true, cell: ({ failed_runs: n }) => faint(exact(n), n === 0) },
    { id: 'p50', title: 'p50', width: 80, right: true, cell: ({ duration_ms: ms }) => duration(ms?.p50) },
    { id: 'models', title: 'Model calls', width: 94, right: true, cell: ({ model_calls: n }) => faint(exact(n), n === 0) },
    { id: 'versions', title: 'Versions', width: 82, right: true, cell: ({ versions }) => faint(exact(versions.length), versions.length < 2) },
  ];
}

// What each agent did, how well, in which version, and who called whom.
export function Agents() {
  const [search, set] = useUrl();
  const { range, setRange, from, to } = useRange();
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const width = to - from;
  const list = useAgents({ since: search.since || kDefaultSince, until: search.until });
  const before = useAgents({ since: new Date(from - width).toISOString(), until: new Date(from).toISOString() }, Boolean(search.agent));
  const sort = (search.sort ?? 'last') as SortKey;
  const order = search.order === 'asc' ? 'asc' : 'desc';
  const rows = useMemo(() => sorted(list.data?.agents ?? [], sort, order), [list.data, sort, order]);
  const columns = useMemo(() => columnsOf(zone, now), [zone, now]);
  const shape = (kShapes.find(([id]) => id === search.view)?.[0] ?? 'list') as Shape;
  const chosen = rows.find(({ agent }) => agent === search.agent);
  const at = chosen ? rows.indexOf(chosen) : -1;
  const pick = (agent: string) => set({ agent });
  const move = (by: number) => { const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))]; if (row) pick(row.agent); };
  useCommands([
    { id: 'agents.next', title: 'Next agent', group: 'Agents', keys: 'j', run: () => move(1) },
    { id: 'agents.previous', title: 'Previous agent', group: 'Agents', keys: 'k', run: () => move(-1) },
    { id: 'agents.close', title: 'Close the details', group: 'Agents', keys: 'Escape', run: () => pick('') },
  ]);
  const shapes = <Segments label="What is shown" value={shape} options={kShapes} onChange={(view) => set({ view: view === 'list' ? '' : view }, true)} />;
  const onSort = (next: string) => set({ sort: next === 'last' ? '' : next, order: sort === next && order === 'desc' ? 'asc' : '' });
  const body = () => {
    if (list.isPending) return <SkeletonRows rows={10} />;
    if (list.isError && !list.data) return <div className={css.scroll}><ErrorBox error={list.error} onRetry={() => void list.refetch()} /></div>;
    if (rows.length === 0) {
      return (
        <Empty title="No agents in this time range" actions={<Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button>}>
          A span is an agent’s when it carries <code>gen_ai.agent.name</code> or what other instrumentations send in its place.
        </Empty>);
    }
    if (shape !== 'list') return <DelegationMap agents={rows} where={runsWhere({ from, to, open: range.until === '' })} shape={shape} tools={shapes} onAgent={pick} selected={search.agent ?? ''} />;
    return (
      <>
        <div className={css.tools}>{shapes}<span className={`${ui.faint} ${css.right}`} role="status">{plural(list.data?.total ?? 0, 'agent')}</span></div>
        {list.isError && <div style={{ padding: '12px 16px' }}><ErrorBox error={list.error} onRetry={() => void list.refetch()} /></div>}
        <div className={css.fill}><DataTable label="Agents" rows={rows} columns={columns} keyOf={({ agent }) => agent} selected={search.agent} sort={sort} order={order} onSort={onSort}
                                             onPick={({ agent }) => pick(agent === search.agent ? '' : agent)} /></div>
      </>
    );
  };
  return (
    <View title="Agents">
      <div className={css.area}>
        <div className={css.main}>{body()}</div>
        {chosen && <AgentPanel agent={chosen} before={before.data?.agents.find(({ agent }) => agent === chosen.agent)} onClose={() => pick('')} />}
      </div>
    </View>
  );
}
