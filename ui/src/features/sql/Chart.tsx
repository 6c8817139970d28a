import { useMemo } from 'react';
import type { SqlResult } from '../../api/types';
import { useUrl } from '../../app/url';
import { BarList } from '../../charts/Bars';
import { TimeChart } from '../../charts/TimeChart';
import { Empty, ui } from '../../components/ui';
import { count, exact } from '../../lib/format';
import { oneLine } from '../../lib/visible';
import { barsOf, choicesOf, pointsOf, type Axis } from './plot';
import css from './Sql.module.css';

const kBars = 50;
const kLongest = 2000;

function AxisPicker({ label, axes, value, onChange }: { label: string; axes: Axis[]; value: Axis; onChange: (name: string) => void }) {
  return (
    <label className={css.axis}>{label}
      <select className={ui.field} aria-label={label} value={value.name} onChange={(event) => onChange(event.target.value)}>{axes.map(({ name }) => <option key={name}>{name}</option>)}</select>
    </label>
  );
}

// A result as a chart: a line over times, else one bar a name.
export function Chart({ result }: { result: SqlResult }) {
  const [search, set] = useUrl();
  const { xs, ys } = useMemo(() => choicesOf(result), [result]);
  const y = ys.find(({ name }) => name === search.y) ?? ys[0];
  const x = xs.find(({ name }) => name === search.x) ?? xs.find(({ index }) => index !== y?.index) ?? xs[0];
  const points = useMemo(() => (x && y && x.kind === 'time' ? pointsOf(result, x, y) : null), [result, x, y]);
  const bars = useMemo(() => (x && y && x.kind !== 'time' ? barsOf(result, x, y) : []), [result, x, y]);
  if (!x || !y) return <Empty title="Nothing to draw">A chart needs a column of numbers, and one of times or names to draw them over.</Empty>;
  const most = Math.max(...bars.map(({ value }) => value), 0);
  return (
    <div className={css.chart} tabIndex={0} role="region" aria-label="Chart">
      <div className={css.axes}>
        <AxisPicker label="Over" axes={xs} value={x} onChange={(name) => set({ x: name })} /><AxisPicker label="Draw" axes={ys} value={y} onChange={(name) => set({ y: name })} />
        <span className={ui.faint}>{points ? (points.times.length > kLongest ? `the first ${kLongest} of ${exact(points.times.length)} times` : '') : bars.length > kBars ? `the ${kBars} greatest of ${exact(bars.length)}` : ''}</span>
      </div>
      {points ? <TimeChart label={`${y.name} over ${x.name}`} times={points.times.slice(0, kLongest)} step={points.step} height={320} format={count}
                           series={[{ label: oneLine(y.name, 60), color: '--series-1', kind: points.times.length < 200 ? 'bars' : 'line', values: points.values.slice(0, kLongest) }]} />
        : <BarList label={`${y.name} by ${x.name}`} rows={bars.slice(0, kBars)} name={({ name }) => name} share={({ value }) => (most > 0 ? Math.max(0, value / most) : 0)} columns={[{ title: y.name, cell: ({ value }) => (Number.isInteger(value) ? exact(value) : String(Number(value.toPrecision(6)))) }]} />}
    </div>
  );
}
