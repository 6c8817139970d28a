import { useSql } from '../../api/hooks';
import { BarList } from '../../charts/Bars';
import { Card, Skeleton } from '../../components/ui';
import { count, duration, exact, percent, usd } from '../../lib/format';
import { quote } from '../../lib/query';
import { queries } from '../../lib/sql';
import css from './Home.module.css';

interface AgentRow { name: string; runs: number; errors: number; p95: number; tokens: number; cost: number }
interface ModelRow { name: string; calls: number; errors: number; p95: number; tokens: number | null; cost: number | null }
interface ToolRow { name: string; calls: number; errors: number; p95: number }

const kRows = 8;

// The share is of the cost where there is any, else of the tokens, else of the calls.
function shares<Row>(rows: readonly Row[], ...measures: ((row: Row) => number | null)[]): (row: Row) => number {
  for (const measure of measures) {
    const total = rows.reduce((sum, row) => sum + (measure(row) ?? 0), 0);
    if (total > 0) return (row) => (measure(row) ?? 0) / total;
  }
  return () => 0;
}

const errorRate = (errors: number, n: number) => (errors === 0 ? '0 %' : percent(errors / n));

export function Tables({ where, spans, onPick }: { where: string; spans: string; onPick: (query: string) => void }) {
  const agents = useSql<AgentRow>('by-agent', queries.byColumn(where, 'agent'));
  const models = useSql<ModelRow>('by-model', queries.byModel(spans));
  const tools = useSql<ToolRow>('by-tool', queries.byTool(spans));
  const note = (rows: readonly unknown[] | undefined) => (rows && rows.length > kRows ? `${kRows} of ${rows.length}` : '');
  return (
    <>
      <div className={css.four}>
        <Card title="Agents" note={note(agents.data)}>
          {!agents.data ? <Skeleton height={160} /> : (
            <BarList label="Agents" rows={agents.data.slice(0, kRows)} name={({ name }) => name} share={shares(agents.data, (r) => r.cost, (r) => r.tokens, (r) => r.runs)}
                     onPick={({ name }) => onPick(`agent:${quote(name)}`)}
                     columns={[{ title: 'Runs', cell: (r) => exact(r.runs) }, { title: 'Failed', cell: (r) => errorRate(r.errors, r.runs) },
                               { title: 'p95', cell: (r) => duration(r.p95) }, { title: 'Tokens', cell: (r) => count(r.tokens) }, { title: 'Cost', cell: (r) => usd(r.cost) }]} />)}
        </Card>
      </div>
      <div className={css.four}>
        <Card title="Models" note={note(models.data)}>
          {!models.data ? <Skeleton height={160} /> : (
            <BarList label="Models" rows={models.data.slice(0, kRows)} name={({ name }) => name} share={shares(models.data, (r) => r.cost, (r) => r.tokens, (r) => r.calls)}
                     onPick={({ name }) => onPick(`model:${quote(name)}`)}
                     columns={[{ title: 'Calls', cell: (r) => exact(r.calls) }, { title: 'Failed', cell: (r) => errorRate(r.errors, r.calls) },
                               { title: 'p95', cell: (r) => duration(r.p95) }, { title: 'Tokens', cell: (r) => count(r.tokens) }, { title: 'Cost', cell: (r) => usd(r.cost) }]} />)}
        </Card>
      </div>
      <div className={css.four}>
        <Card title="Tools" note={note(tools.data)}>
          {!tools.data ? <Skeleton height={160} /> : tools.data.length === 0 ? <p className={css.none}>No tool was called.</p> : (
            <BarList label="Tools" rows={tools.data.slice(0, kRows)} name={({ name }) => name} share={shares(tools.data, (r) => r.calls)}
                     onPick={({ name }) => onPick(`tool:${quote(name)}`)}
                     columns={[{ title: 'Calls', cell: (r) => exact(r.calls) }, { title: 'Failed', cell: (r) => errorRate(r.errors, r.calls) },
                               { title: 'p95', cell: (r) => duration(r.p95) }]} />)}
        </Card>
      </div>
    </>
  );
}
