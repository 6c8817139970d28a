import { useNavigate } from '@tanstack/react-router';
import { useSql } from '../../api/hooks';
import { keepRange, View } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { BarList } from '../../charts/Bars';
import { fillBuckets } from '../../charts/prepare';
import { TimeChart } from '../../charts/TimeChart';
import { Button, Card, Empty, ErrorBox, Segments, SkeletonRows } from '../../components/ui';
import { count, exact, percent, usd } from '../../lib/format';
import { quote } from '../../lib/query';
import { queries, runsWhere } from '../../lib/sql';
import { bucketSeconds } from '../../lib/time';
import css from './Cost.module.css';

interface Row { name: string; n: number; tokens: number | null; input?: number | null; output?: number | null; cost: number | null }

const kBy = [['agent', 'Agent'], ['model', 'Model'], ['service', 'Service'], ['user', 'User'], ['session', 'Session'], ['query_type', 'Query type']] as const;
type By = (typeof kBy)[number][0];
const kColumns: Record<By, string> = { agent: 'agent', model: 'model', service: 'service', user: 'user_id', session: 'session', query_type: 'query_type' };

function rowsQuery(by: By, where: string): string {
  return by === 'model' ? `SELECT name, calls AS n, tokens, input, output, cost FROM (${queries.byModel(where)})`
    : `SELECT name, runs AS n, tokens, cost FROM (${queries.byColumn(where, kColumns[by])})`;
}

export function Cost() {
  const [search, set] = useUrl();
  const { range, setRange, from, to } = useRange();
  const navigate = useNavigate();
  const by = (kBy.find(([id]) => id === search.by)?.[0] ?? 'agent') as By;
  const where = runsWhere({ from, to, open: range.until === '' });
  const step = bucketSeconds(from, to, 60);
  const over = useSql<{ t: number; cost: number; tokens: number; runs: number }>('cost-time', `SELECT CAST(start_ns // ${step}000000000 * ${step} AS BIGINT) AS t,
    sum(cost_usd) AS cost, CAST(sum(total_tokens) AS DOUBLE) AS tokens, count(*) AS runs FROM runs WHERE ${where} GROUP BY 1 ORDER BY 1 LIMIT 2000`);
  const list = useSql<Row>(`cost-${by}`, rowsQuery(by, where));
  const rows = list.data ?? [];
  const total = rows.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
  const tokens = rows.reduce((sum, row) => sum + (row.tokens ?? 0), 0);
  const share = (row: Row) => (total > 0 ? (row.cost ?? 0) / total : tokens > 0 ? (row.tokens ?? 0) / tokens : 0);
  const zoom = (a: number, b: number) => setRange({ since: new Date(a).toISOString(), until: new Date(b).toISOString() });
  const column = (value: (row: { cost: number; tokens: number }) => number) => fillBuckets(over.data ?? [], from / 1000, to / 1000, step, value, 0);
  const open = ({ name }: Row) => void navigate({ to: '/ui/runs', search: ((old: Record<string, string>) => ({ ...keepRange(old), query: `${by}:${quote(name)}`, sort: 'cost' })) as never });
  const body = () => {
    if (over.isError && !over.data) return <div className={css.page}><ErrorBox error={over.error} onRetry={() => void over.refetch()} /></div>;
    if (over.isPending || list.isPending) return <SkeletonRows rows={10} />;
    if ((over.data ?? []).length === 0) return <Empty title="No runs in this time range" actions={<Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button>} />;
    const costs = column(({ cost }) => cost);
    return (
      <div className={css.page}>
        <div className={css.charts}>
          <Card title="Cost over time" note={usd(over.data!.reduce((sum, { cost }) => sum + cost, 0))}>
            <TimeChart label="Cost over time" times={costs.times} step={step} height={180} format={usd} onZoom={zoom} legend={false} series={[{ label: 'cost', color: '--series-3', kind: 'bars', values: costs.values }]} />
          </Card>
          <Card title="Tokens over time" note={count(over.data!.reduce((sum, row) => sum + row.tokens, 0))}>
            <TimeChart label="Tokens over time" times={costs.times} step={step} height={180} format={count} onZoom={zoom} legend={false} series={[{ label: 'tokens', color: '--series-1', kind: 'bars', values: column((row) => row.tokens).values }]} />
          </Card>
        </div>
        <Card>
          <div className={css.by}><Segments label="By" value={by} options={kBy} onChange={(next) => set({ by: next === 'agent' ? '' : next }, true)} /></div>
          <BarList label={`Cost by ${by}`} rows={rows} name={({ name }) => name} share={share} onPick={open}
                   columns={[{ title: by === 'model' ? 'Calls' : 'Runs', cell: ({ n }) => exact(n) },
                             ...(by === 'model' ? [{ title: 'Input', cell: (row: Row) => count(row.input) }, { title: 'Output', cell: (row: Row) => count(row.output) }] : []),
                             { title: 'Tokens', cell: (row) => count(row.tokens) }, { title: 'Cost', cell: (row) => usd(row.cost ?? 0) },
                             { title: 'Share', cell: (row) => percent(share(row)) }, { title: by === 'model' ? 'Cost a call' : 'Cost a run', cell: (row) => usd((row.cost ?? 0) / Math.max(1, row.n)) }]} />
          {total === 0 && <p className={css.note}>No span in this range carries a cost, so shares are of tokens. Instrumentation reports cost as <code>gen_ai.usage.cost</code> or <code>llm.cost.total</code>.</p>}
        </Card>
      </div>
    );
  };
  return <View title="Cost">{body()}</View>;
}
