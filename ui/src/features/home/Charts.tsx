import type { ReactNode } from 'react';
import { useHeatmap, useHistogram, useTools, type Point, type Series as Answer } from '../../api/stats';
import type { Parameters } from '../../api/client';
import { Histogram } from '../../charts/Bars';
import { cellsOf, fillBins, fillBuckets, stack } from '../../charts/prepare';
import { TimeChart, type Series } from '../../charts/TimeChart';
import { Card, ErrorBox, Skeleton } from '../../components/ui';
import { between } from '../../lib/condition';
import { count, duration, exact, percent, usd } from '../../lib/format';
import { quote } from '../../lib/query';
import { oneLine } from '../../lib/visible';
import { kTarget } from './Tiles';
import css from './Home.module.css';

interface Props {
  window: Parameters; series: Answer; before?: Answer; shift: number; step: number; from: number; to: number;
  onZoom: (from: number, to: number) => void; onOpen: (condition: string, at?: number) => void;
}

const kHeight = 208;
const kSentence = 30;  // the height of the sentence beside
const kTopTools = 6;

type Timed = Point & { t: number };
const timed = (points: readonly Point[] = [], shift = 0): Timed[] => points.map((point) => ({ ...point, t: Date.parse(point.start) / 1000 + shift }));

// The points of the period before fall between the buckets of this one where its length is no multiple.
function shifted({ before, shift, step }: Props): Timed[] {
  return timed(before?.points, Math.round(shift / step) * step);
}

function Waiting({ error, onRetry, children }: { error: unknown; onRetry: () => void; children: ReactNode }) {
  if (error) return <div className={css.none}><ErrorBox error={error} onRetry={onRetry} /></div>;
  return children ?? <Skeleton height={kHeight} />;
}

function ToolChart({ window, step, from, to, onZoom, onOpen }: Props) {
  const { data, error, refetch } = useTools({ ...window, step: `${step}s`, tools: kTopTools });
  if (!data) return <Waiting error={error} onRetry={() => void refetch()}>{null}</Waiting>;
  if (data.tools.length === 0) return <p className={css.none}>No tool was called in this time range.</p>;
  const parts = data.tools.map(({ points = [] }) => fillBuckets(points.map(({ start, calls }) => ({ t: Date.parse(start) / 1000, calls })), from / 1000, to / 1000, step, ({ calls }) => calls, 0));
  const sums = stack(parts.map(({ values }) => values));
  const series: Series[] = data.tools.map(({ tool, others }, i) => ({ label: others ? 'others' : oneLine(tool, 40), color: others ? '--op-other' : `--series-${i + 1}`, kind: 'bars', values: sums[i]!, shown: parts[i]!.values }));
  const at = (t: number, value: number) => {
    const index = parts[0]!.times.indexOf(t);
    const hit = data.tools.find((_, i) => value <= (sums[i]![index] ?? 0));
    onOpen(hit && !hit.others ? `tool:${quote(hit.tool)}` : 'tool_calls>0', t);
  };
  return <TimeChart label="Tool calls over time" times={parts[0]!.times} step={step} series={series} height={kHeight} format={count} onZoom={onZoom} onPick={at} />;
}

function Distribution({ window, field, unit, onOpen }: Props & { field: 'tokens' | 'steps'; unit: string }) {
  const { data, error, refetch } = useHistogram({ ...window, field, scale: 'linear', bins: 24 });
  if (!data) return <Waiting error={error} onRetry={() => void refetch()}>{null}</Waiting>;
  const { quantiles: { p50, p95 } } = data;
  return (
    <>
      <Histogram bins={fillBins(data.bins)} height={kHeight - 18} format={count} unit={unit} onPick={({ from, to }) => onOpen(between(field, from, to))} />
      <p className={css.facts}>half of the runs at most {count(p50)}, 95 % at most {count(p95)}, the most {count(data.max)}</p>
    </>
  );
}

const isSkewed = ({ total: { duration_ms: ms } }: Answer) => ms != null && ms.p99 > 10 * ms.p50;

function Latency(props: Props) {
  const { window, series, before, step, from, to, onZoom, onOpen } = props;
  const heat = useHeatmap({ ...window, field: 'duration', step: `${step}s` });
  const points = timed(series.points);
  const line = (value: (row: Timed) => number | null | undefined, rows = points) => fillBuckets<Timed, number | null>(rows, from / 1000, to / 1000, step, (row) => value(row) ?? null, null);
  const { times, values: p50 } = line((row) => row.duration_ms?.p50);
  const all = series.total.duration_ms;
  const cells = heat.data ? cellsOf(heat.data) : [];
  const pick = (t: number, value: number) => {
    const cell = cells.find((each) => each.t === t && value >= each.low && value < each.high);
    onOpen(cell ? between('duration', cell.low, cell.high) : '', t);
  };
  return (
    <Card title="Latency" note={all ? `p50 ${duration(all.p50)} · p95 ${duration(all.p95)} · p99 ${duration(all.p99)}` : ''}>
      {heat.error && !heat.data && <div className={css.none}><ErrorBox error={heat.error} onRetry={() => void heat.refetch()} /></div>}
      <TimeChart label="Latency over time" times={times} step={step} height={kHeight} format={duration} log onZoom={onZoom} onPick={pick} heat={cells}
                 series={[{ label: 'p50', color: '--series-3', values: p50 },
                          { label: 'p95', color: '--series-2', values: line((row) => row.duration_ms?.p95).values },
                          { label: 'p99', color: '--series-5', values: line((row) => row.duration_ms?.p99).values },
                          ...(before ? [{ label: 'p95 before', color: '--series-2', dashed: true, values: line((row) => row.duration_ms?.p95, shifted(props)).values }] : [])]} />
      {isSkewed(series) && all && <p className={css.sentence}>One run in a hundred takes more than ten times as long as the typical one: {duration(all.p99)} against {duration(all.p50)}.</p>}
    </Card>
  );
}

export function Charts(props: Props) {
  const { series: { points, total }, before, step, from, to, onZoom, onOpen } = props;
  const rows = timed(points);
  const column = <T,>(value: (row: Timed) => T, gap: T, of = rows) => fillBuckets(of, from / 1000, to / 1000, step, value, gap);
  const { times, values: success } = column<number | null>(({ runs, errors }) => 1 - errors / runs, null);
  const earlier = before ? shifted(props) : [];
  const successBefore = column<number | null>(({ runs, errors }) => 1 - errors / runs, null, earlier).values;
  const failed = column(({ errors }) => errors, 0).values;
  const fine = column(({ runs, errors }) => runs - errors, 0).values;
  const lowest = Math.min(kTarget, ...[...success, ...successBefore].filter((value) => value != null));
  const costs = column(({ cost_usd: cost }) => cost, 0).values;
  return (
    <>
      <div className={css.six}>
        <Card title="Success rate" note={`${exact(total.errors)} of ${exact(total.runs)} runs failed`}>
          <TimeChart label="Success rate over time" times={times} step={step} height={kHeight + (isSkewed(props.series) ? kSentence : 0)} format={percent} onZoom={onZoom} onPick={(t) => onOpen('status:error', t)}
                     min={Math.max(0, lowest - 0.02)} max={1.004} rule={{ value: kTarget, label: 'target 98 %' }}
                     series={[{ label: 'succeeded', color: '--ok', values: success }, ...(before ? [{ label: 'before', color: '--ok', dashed: true, values: successBefore }] : [])]} />
        </Card>
      </div>
      <div className={css.six}><Latency {...props} /></div>
      <div className={css.four}>
        <Card title="Runs" note={exact(total.runs)}>
          <TimeChart label="Runs over time" times={times} step={step} height={kHeight} format={count} onZoom={onZoom} onPick={(t, value) => onOpen(value <= (failed[times.indexOf(t)] ?? 0) ? 'status:error' : '', t)}
                     series={[...(before ? [{ label: 'before', color: '--text', dashed: true, values: column<number | null>(({ runs }) => runs, null, earlier).values }] : []),
                              { label: 'failed', color: '--bad', kind: 'bars', values: failed },
                              { label: 'succeeded', color: '--series-1', kind: 'bars', values: stack([failed, fine])[1]!, shown: fine }]} />
        </Card>
      </div>
      <div className={css.four}><Card title="Tool calls" note={exact(total.tool_calls)}><ToolChart {...props} /></Card></div>
      <div className={css.four}>
        <Card title="Cost" note={usd(total.cost_usd)}>
          <TimeChart label="Cost over time" times={times} step={step} height={kHeight} format={usd} onZoom={onZoom} onPick={(t) => onOpen('cost>0', t)}
                     series={[...(before ? [{ label: 'before', color: '--text', dashed: true, values: column<number | null>(({ cost_usd: cost }) => cost, null, earlier).values }] : []),
                              { label: 'cost', color: '--series-3', kind: 'bars', values: costs }]} />
        </Card>
      </div>
      <div className={css.six}><Card title="Tokens of a run" note={`${count(total.tokens.total)} in all`}><Distribution {...props} field="tokens" unit="tokens" /></Card></div>
      <div className={css.six}><Card title="Steps of a run" note="LLM calls"><Distribution {...props} field="steps" unit="steps" /></Card></div>
    </>
  );
}
