import type { Parameters } from '../../api/client';
import { useCost } from '../../api/hooks';
import { useSeries, useTools } from '../../api/stats';
import type { Search } from '../../app/search';
import { BarList } from '../../charts/Bars';
import { Card, ErrorBox, Skeleton } from '../../components/ui';
import { count, duration, exact, percent, usd, usdShort } from '../../lib/format';
import { quote } from '../../lib/query';
import { kScopeFields } from './scope';
import css from './Home.module.css';

const kRows = 8;

// The share is of the cost where there is any, else of the tokens, else of the calls.
function shares<Row>(rows: readonly Row[], ...measures: ((row: Row) => number | null)[]): (row: Row) => number {
  for (const measure of measures) {
    const total = rows.reduce((sum, row) => sum + (measure(row) ?? 0), 0);
    if (total > 0) return (row) => (measure(row) ?? 0) / total;
  }
  return () => 0;
}

const errorRate = (errors: number, n: number) => (errors === 0 ? '0 %' : percent(errors / Math.max(1, n)));

function Nothing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return error ? <div className={css.none}><ErrorBox error={error} onRetry={onRetry} /></div> : <Skeleton height={160} />;
}

function Agents({ window, onPick }: { window: Parameters; onPick: (condition: string) => void }) {
  const { data, error, refetch } = useSeries({ ...window, by: 'agent', groups: kRows });
  if (!data) return <Nothing error={error} onRetry={() => void refetch()} />;
  return (
    <BarList label="Agents" rows={data.groups} name={({ key, others }) => (others ? 'others' : key)} share={shares(data.groups, (r) => r.cost_usd, (r) => r.tokens.total, (r) => r.runs)}
             onPick={({ key, others }) => onPick(others ? '' : `agent:${quote(key)}`)}
             columns={[{ title: 'Runs', cell: (r) => exact(r.runs) }, { title: 'Failed', cell: (r) => errorRate(r.errors, r.runs) }, { title: 'p95', cell: (r) => duration(r.duration_ms?.p95) },
                       { title: 'Tokens', cell: (r) => count(r.tokens.total) }, { title: 'Cost', cell: (r) => <span title={usd(r.cost_usd)}>{usdShort(r.cost_usd)}</span> }]} />);
}

function Models({ window, search, onPick }: { window: Parameters; search: Search; onPick: (condition: string) => void }) {
  const { data, error, refetch } = useCost({ since: window.since ?? undefined, until: window.until ?? undefined, group: 'model', limit: kRows, ...Object.fromEntries(kScopeFields.filter((field) => search[field]).map((field) => [field, search[field]!])) });
  if (!data) return <Nothing error={error} onRetry={() => void refetch()} />;
  if (data.groups.length === 0) return <p className={css.none}>No model was called.</p>;
  return (
    <BarList label="Models" rows={data.groups} name={({ key }) => key.model ?? ''} share={({ share }) => share} onPick={({ key }) => onPick(`model:${quote(key.model ?? '')}`)}
             columns={[{ title: 'Calls', cell: (r) => exact(r.calls) }, { title: 'Tokens', cell: (r) => count(r.input_tokens + r.output_tokens) },
                       { title: 'Cost', cell: (r) => <span title={usd(r.usd)}>{usdShort(r.usd)}</span> }, { title: 'Share', cell: (r) => percent(r.share) }]} />);
}

function Tools({ window, onPick }: { window: Parameters; onPick: (condition: string) => void }) {
  const { data, error, refetch } = useTools({ ...window, tools: kRows });
  if (!data) return <Nothing error={error} onRetry={() => void refetch()} />;
  if (data.tools.length === 0) return <p className={css.none}>No tool was called.</p>;
  return (
    <BarList label="Tools" rows={data.tools} name={({ tool, others }) => (others ? 'others' : tool)} share={shares(data.tools, (r) => r.calls)} onPick={({ tool, others }) => onPick(others ? 'tool_calls>0' : `tool:${quote(tool)}`)}
             columns={[{ title: 'Calls', cell: (r) => exact(r.calls) }, { title: 'Failed', cell: (r) => errorRate(r.errors, r.calls) }, { title: 'Mean', cell: (r) => duration(r.duration_ms / Math.max(1, r.calls)) }]} />);
}

export function Tables({ window, search, onPick }: { window: Parameters; search: Search; onPick: (condition: string) => void }) {
  return (
    <>
      <div className={css.four}><Card title="Agents" note="with those they called"><Agents window={window} onPick={onPick} /></Card></div>
      <div className={css.four}><Card title="Models"><Models window={window} search={search} onPick={onPick} /></Card></div>
      <div className={css.four}><Card title="Tools"><Tools window={window} onPick={onPick} /></Card></div>
    </>
  );
}
