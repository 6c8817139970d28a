import { useSql } from '../../api/hooks';
import { Histogram } from '../../charts/Bars';
import { fillBuckets, integerBins, stack } from '../../charts/prepare';
import { TimeChart, type Series } from '../../charts/TimeChart';
import { Card, ErrorBox, Skeleton } from '../../components/ui';
import { count, duration, exact, percent } from '../../lib/format';
import { queries } from '../../lib/sql';
import { kTarget, type Totals } from './Tiles';
import css from './Home.module.css';

interface Bucket { t: number; runs: number; errors: number; p50: number; p95: number; p99: number; cost: number }
interface Props {
  where: string; spans: string; step: number; from: number; to: number; totals: Totals;
  onZoom: (from: number, to: number) => void; onPick: (query: string) => void;
}

const kHeight = 208;
const kTopTools = 6;

function ToolChart({ spans, step, from, to, onZoom }: Props) {
  const { data } = useSql<{ t: number; name: string; n: number }>('tools-time', queries.toolsOverTime(spans, step));
  if (!data) return <Skeleton height={kHeight} />;
  if (data.length === 0) return <p className={css.none}>No tool was called in this time range.</p>;
  const sums = new Map<string, number>();
  for (const { name, n } of data) sums.set(name, (sums.get(name) ?? 0) + n);
  const ranked = [...sums].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name);
  const top = ranked.slice(0, kTopTools);
  const others = ranked.length > kTopTools ? [`${ranked.length - kTopTools} others`] : [];
  const parts = [...top, ...others].map((label) => fillBuckets(
    [...Map.groupBy(data.filter(({ name }) => (top.includes(label) ? name === label : !top.includes(name))), ({ t }) => t)]
      .map(([t, rows]) => ({ t, n: rows.reduce((sum, { n }) => sum + n, 0) })), from / 1000, to / 1000, step, ({ n }) => n, 0));
  const sumsUp = stack(parts.map(({ values }) => values));
  const series: Series[] = [...top, ...others].map((label, i) => ({
    label, color: i < kTopTools ? `--series-${i + 1}` : '--op-other', kind: 'bars', values: sumsUp[i]!, shown: parts[i]!.values }));
  return <TimeChart label="Tool calls over time" times={parts[0]!.times} step={step} series={series} height={kHeight} format={count} onZoom={onZoom} />;
}

function Distribution({ name, query, unit, field, onPick }: { name: string; query: string; unit: string; field: string; onPick: (query: string) => void }) {
  const { data } = useSql<{ value: number; n: number }>(name, query);
  if (!data) return <Skeleton height={kHeight} />;
  return <Histogram bins={integerBins(data, 24)} height={kHeight} format={count} unit={unit} onPick={({ from, to }) => onPick(`${field}>=${from} ${field}<${to}`)} />;
}

export function Charts(props: Props) {
  const { where, step, from, to, totals, onZoom, onPick } = props;
  const over = useSql<Bucket>('over-time', queries.overTime(where, step));
  const heat = useSql<{ t: number; b: number; n: number }>('heat', queries.heat(where, step));
  const rows = over.data ?? [];
  const column = <T,>(value: (row: Bucket) => T, gap: T) => fillBuckets(rows, from / 1000, to / 1000, step, value, gap);
  const { times, values: success } = column<number | null>(({ runs, errors }) => 1 - errors / runs, null);
  const failed = column(({ errors }) => errors, 0).values;
  const fine = column(({ runs, errors }) => runs - errors, 0).values;
  const lowest = Math.min(kTarget, ...success.filter((value) => value != null));
  const skewed = totals.p50 != null && totals.p99 != null && totals.p99 > 10 * totals.p50;
  if (over.isError && rows.length === 0) return <div style={{ gridColumn: 'span 12' }}><ErrorBox error={over.error} onRetry={() => void over.refetch()} /></div>;
  return (
    <>
      <div className={css.six}>
        <Card title="Success rate" note={`${exact(totals.errors)} of ${exact(totals.runs)} runs failed`}>
          <TimeChart label="Success rate over time" times={times} step={step} height={kHeight} format={percent} onZoom={onZoom}
                     min={Math.max(0, lowest - 0.02)} max={1.004} rule={{ value: kTarget, label: 'target 98 %' }}
                     series={[{ label: 'succeeded', color: '--ok', values: success }]} />
        </Card>
      </div>
      <div className={css.six}>
        <Card title="Latency" note="cells show where runs are many">
          <TimeChart label="Latency over time" times={times} step={step} height={kHeight} format={duration} log onZoom={onZoom}
                     heat={(heat.data ?? []).map(({ t, b, n }) => ({ t, low: 2 ** (b / 2), high: 2 ** ((b + 1) / 2), count: n }))}
                     series={[{ label: 'p50', color: '--series-1', values: column<number | null>(({ p50 }) => p50, null).values },
                              { label: 'p95', color: '--series-2', values: column<number | null>(({ p95 }) => p95, null).values },
                              { label: 'p99', color: '--series-5', values: column<number | null>(({ p99 }) => p99, null).values }]} />
          {skewed && <p className={css.sentence}>One run in a hundred takes more than ten times as long as the typical one.</p>}
        </Card>
      </div>
      <div className={css.six}>
        <Card title="Runs">
          <TimeChart label="Runs over time" times={times} step={step} height={kHeight} format={count} onZoom={onZoom}
                     series={[{ label: 'failed', color: '--bad', kind: 'bars', values: failed },
                              { label: 'succeeded', color: '--series-1', kind: 'bars', values: stack([failed, fine])[1]!, shown: fine }]} />
        </Card>
      </div>
      <div className={css.six}><Card title="Tool calls"><ToolChart {...props} /></Card></div>
      <div className={css.six}>
        <Card title="Tokens of a run"><Distribution name="token-bins" query={queries.tokenBins(where)} unit="tokens" field="tokens" onPick={onPick} /></Card>
      </div>
      <div className={css.six}>
        <Card title="Steps of a run" note="LLM calls"><Distribution name="step-bins" query={queries.stepBins(where)} unit="steps" field="steps" onPick={onPick} /></Card>
      </div>
    </>
  );
}
