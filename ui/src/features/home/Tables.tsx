import type { Parameters } from '../../api/client';
import { useCost } from '../../api/hooks';
import { useModels, useSeries, useTools, type ModelCalls, type ToolFigures } from '../../api/stats';
import type { Search } from '../../app/search';
import { BarList } from '../../charts/Bars';
import { Card, ErrorBox, Skeleton } from '../../components/ui';
import { count, duration, exact, percent, usd, usdShort } from '../../lib/format';
import { quote } from '../../lib/query';
import { oneLine } from '../../lib/visible';
import { unusualShare } from './change';
import { kScopeFields } from './scope';
import css from './Home.module.css';

const kRows = 8;
const kTimedModels = 100;
const kKnownTools = 100;  // of the period before

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
  const timed = useModels({ ...window, models: kTimedModels });
  if (!data) return <Nothing error={error} onRetry={() => void refetch()} />;
  if (data.groups.length === 0) return <p className={css.none}>No model was called.</p>;
  const times = new Map(timed.data?.models.map((model) => [model.model, model]));
  const p95 = (model: ModelCalls | undefined) => <span title={model ? `half of the calls ${duration(model.duration_ms.p50)}, 99 % at most ${duration(model.duration_ms.p99)}` : undefined}>{duration(model?.duration_ms.p95)}</span>;
  return (
    <BarList label="Models" rows={data.groups} name={({ key }) => key.model ?? ''} share={({ share }) => share} onPick={({ key }) => onPick(`model:${quote(key.model ?? '')}`)}
             columns={[{ title: 'Calls', cell: (r) => exact(r.calls) }, { title: 'p95', cell: (r) => p95(times.get(r.key.model ?? '')) }, { title: 'Tokens', cell: (r) => count(r.input_tokens + r.output_tokens) },
                       { title: 'Cost', cell: (r) => <span title={`${usd(r.usd)}, ${percent(r.share)} of all`}>{usdShort(r.usd)}</span> }]} />);
}

// What became of the share of a tool among all calls since the period of the same length before. A
// tool that is not called any more counts, where all tools are listed.
function unusualTools(now: readonly ToolFigures[], before: readonly ToolFigures[]): string[] {
  const sum = (tools: readonly ToolFigures[]) => tools.reduce((total, { calls }) => total + calls, 0);
  const calls = (tools: readonly ToolFigures[], name: string) => tools.find(({ tool, others }) => !others && tool === name)?.calls ?? 0;
  const listed = now.some(({ others }) => others) ? now : [...now, ...before];
  const names = [...new Set(listed.filter(({ others }) => !others).map(({ tool }) => tool))];
  return names.flatMap((name) => {
    const change = unusualShare(calls(now, name), sum(now), calls(before, name), sum(before));
    return change ? [`${oneLine(name, 60)}: ${change}`] : [];
  });
}

function Tools({ window, before, onPick }: { window: Parameters; before: Parameters; onPick: (condition: string) => void }) {
  const { data, error, refetch } = useTools({ ...window, tools: kRows });
  const earlier = useTools({ ...before, tools: kKnownTools });
  if (!data) return <Nothing error={error} onRetry={() => void refetch()} />;
  if (data.tools.length === 0) return <p className={css.none}>No tool was called.</p>;
  return (
    <>
      <BarList label="Tools" rows={data.tools} name={({ tool, others }) => (others ? 'others' : tool)} share={shares(data.tools, (r) => r.calls)} onPick={({ tool, others }) => onPick(others ? 'tool_calls>0' : `tool:${quote(tool)}`)}
               columns={[{ title: 'Calls', cell: (r) => exact(r.calls) }, { title: 'Failed', cell: (r) => errorRate(r.errors, r.calls) }, { title: 'Mean', cell: (r) => duration(r.duration_ms / Math.max(1, r.calls)) }]} />
      {unusualTools(data.tools, earlier.data?.tools ?? []).map((sentence) => <p key={sentence} className={css.sentence}>{sentence}</p>)}
    </>
  );
}

export function Tables({ window, before, search, onPick }: { window: Parameters; before: Parameters; search: Search; onPick: (condition: string) => void }) {
  return (
    <>
      <div className={css.four}><Card title="Agents" note="with those they called"><Agents window={window} onPick={onPick} /></Card></div>
      <div className={css.four}><Card title="Models"><Models window={window} search={search} onPick={onPick} /></Card></div>
      <div className={css.four}><Card title="Tools"><Tools window={window} before={before} onPick={onPick} /></Card></div>
    </>
  );
}
