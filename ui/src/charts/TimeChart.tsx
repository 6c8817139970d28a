import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { usePreferences, useShownTheme } from '../app/preferences';
import { clock, day } from '../lib/time';
import css from './charts.module.css';

export interface Series { label: string; color: string; values: (number | null)[]; kind?: 'line' | 'bars'; dashed?: boolean; shown?: (number | null)[] }
export interface Cell { t: number; low: number; high: number; count: number; errors: number }
export interface Area { from: number; to: number; low: number; high: number }  // milliseconds, and values

interface Props {
  label: string; times: number[]; step: number; series: Series[]; height: number; format: (value: number | null | undefined) => string;
  log?: boolean; min?: number; max?: number; heat?: Cell[]; rule?: { value: number; label: string };
  legend?: boolean; onZoom?: (fromMs: number, toMs: number) => void;
  logTicks?: number[]; area?: Area | null;
  onPick?: (t: number, value: number) => void;  // a click: seconds where the bucket begins, and the value there
  onArea?: (area: Area) => void;  // instead of onZoom: drags have a height too
}

// Milliseconds at which people count: 1, 10, 100 ms, 1 s, 10 s, 1 min, 10 min, 1 h, 10 h.
const kLogTicks = [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 6e4, 6e5, 3.6e6, 3.6e7];

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name.replace(/^var\((.*)\)$/, '$1')).trim();

function drawHeat(plot: uPlot, cells: readonly Cell[], step: number) {
  const max = Math.max(1, ...cells.map(({ count }) => count));
  const { ctx } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  ctx.clip();
  const [fine, failed] = [color('--accent'), color('--bad')];
  for (const { t, low, high, count, errors } of cells) {
    const x = plot.valToPos(t, 'x', true) + 0.5;
    const width = Math.max(1, plot.valToPos(t + step, 'x', true) - x - 0.5);
    const y = plot.valToPos(high, 'y', true) + 0.5;
    const height = Math.max(1, plot.valToPos(low, 'y', true) - y - 0.5);
    const bad = errors > 0 ? Math.max(2 * devicePixelRatio, (height * errors) / count) : 0;
    ctx.globalAlpha = 0.14 + 0.6 * Math.sqrt(count / max);
    ctx.fillStyle = fine;
    ctx.fillRect(x, y, width, height - bad);
    ctx.fillStyle = failed;
    ctx.globalAlpha = 0.9;
    ctx.fillRect(x, y + height - bad, width, bad);
  }
  ctx.restore();
}

function drawArea(plot: uPlot, { from, to, low, high }: Area) {
  const { ctx, bbox } = plot;
  const [x1, x2] = [plot.valToPos(from / 1000, 'x', true), plot.valToPos(to / 1000, 'x', true)];
  const [y1, y2] = [plot.valToPos(high, 'y', true), plot.valToPos(low, 'y', true)];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = color('--accent');
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.strokeRect(x1, y1, x2 - x1, y2 - y1);
  ctx.restore();
}

// A press and a release at one place, not a drag.
function watchClicks(plot: uPlot, props: Props) {
  let at: { x: number; y: number } | null = null;
  plot.over.addEventListener('mousedown', ({ clientX, clientY }) => { at = { x: clientX, y: clientY }; });
  plot.over.addEventListener('click', ({ clientX, clientY }) => {
    if (!at || Math.hypot(clientX - at.x, clientY - at.y) > 4) return;
    const box = plot.over.getBoundingClientRect();
    const time = plot.posToVal(clientX - box.left, 'x');
    const t = props.times.findLast((each) => each <= time);
    if (t != null && time < t + props.step) props.onPick?.(t, plot.posToVal(clientY - box.top, 'y'));
  });
  plot.over.style.cursor = props.onPick ? 'pointer' : '';
}

// The ends of the values, those of the cells included.
function logRange({ heat = [] }: Props, low: number | null, high: number | null): [number, number] {
  const least = Math.min(low ?? Infinity, ...heat.map((cell) => cell.low));
  const most = Math.max(high ?? 0, ...heat.map((cell) => cell.high));
  return Number.isFinite(least) && most > 0 ? [Math.max(least, 1e-9) / 1.4, most * 1.4] : [0.1, 10];
}

function drawRule(plot: uPlot, value: number, label: string) {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(value, 'y', true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = color('--warn');
  ctx.fillStyle = color('--warn');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `500 ${11 * devicePixelRatio}px ${color('--font')}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText(label, bbox.left + 4 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
}

// Values without a neighbour, which no line would show.
function lonely(values: readonly (number | null | undefined)[]): number[] {
  return [...values.keys()].filter((i) => values[i] != null && values[i - 1] == null && values[i + 1] == null);
}

function options(props: Props, zone: 'local' | 'utc', onCursor: (index: number | null) => void): Omit<uPlot.Options, 'width'> {
  const axis = { stroke: color('--text-faint'), font: `11px ${color('--font')}`, ticks: { show: false }, gap: 4 };
  const bars = uPlot.paths.bars!({ size: [0.82, 40], align: 1, radius: 0.12 });
  return {
    height: props.height,
    padding: [10, 22, 0, 0],
    legend: { show: false },
    tzDate: (ts) => (zone === 'utc' ? uPlot.tzDate(new Date(ts * 1000), 'Etc/UTC') : new Date(ts * 1000)),
    cursor: { sync: { key: 'time' }, drag: { x: true, y: props.onArea != null, setScale: false }, points: { size: 6 } },
    scales: {
      x: { time: true, range: () => [props.times[0] ?? 0, (props.times.at(-1) ?? 0) + props.step] },
      y: { distr: props.log ? 3 : 1, range: (_, low, high) => (props.log ? logRange(props, low, high)
        : [props.min ?? 0, props.max ?? Math.max(high ?? 0, 1e-9) * 1.08]) },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 70,
        values: (_, splits, __, ___, increment) => splits.map((t) => (increment >= 86_400 ? day(t * 1000, zone).slice(5) : clock(t * 1000, zone).slice(0, increment < 60 ? 8 : 5))) },
      { ...axis, grid: { stroke: color('--line'), width: 1 }, size: 58, space: 34, ...(props.log ? { filter: (_, splits) => splits, splits: (_, __, low, high) => (props.logTicks ?? kLogTicks).filter((tick) => tick >= low && tick <= high) } : {}),
        values: (_, splits) => splits.map((value) => (value == null ? '' : props.format(value).replace(/\.0+(?= )| 00 [sm]$/, '').replace(/^(\$0\.0\d*?)0+$/, '$1'))) },
    ],
    series: [{}, ...props.series.map((series): uPlot.Series => ({
      label: series.label, stroke: color(series.color), width: series.kind === 'bars' ? 0 : 1.6, points: { show: series.kind !== 'bars', size: 4, filter: (plot, i) => lonely(plot.data[i] as (number | null)[]) },
      dash: series.dashed ? [5, 4] : undefined,
      ...(series.kind === 'bars' ? { fill: color(series.color), paths: bars } : {}),
    }))],
    hooks: {
      drawAxes: [(plot) => { if (props.heat) drawHeat(plot, props.heat, props.step); }],
      draw: [(plot) => {
        if (props.rule) drawRule(plot, props.rule.value, props.rule.label);
        if (props.area) drawArea(plot, props.area);
      }],
      ready: [(plot) => watchClicks(plot, props)],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => {
        const { left, top, width, height } = plot.select;
        const [from, to] = [plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000];
        if (width > 4 && props.onArea) {
          const flat = height <= 4;
          props.onArea({ from, to, low: plot.posToVal(flat ? plot.over.clientHeight : top + height, 'y'), high: plot.posToVal(flat ? 0 : top, 'y') });
        } else if (width > 4) {
          props.onZoom?.(from, to);
        }
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
    },
  };
}

function HeatTable({ label, cells, format }: { label: string; cells: readonly Cell[]; format: Props['format'] }) {
  return (
    <table className="visually-hidden">
      <caption>{label}: runs by time and value</caption>
      <thead><tr><th>Time</th><th>From</th><th>To</th><th>Runs</th><th>Failed</th></tr></thead>
      <tbody>{cells.map(({ t, low, high, count, errors }) => <tr key={`${t} ${low}`}><th>{new Date(t * 1000).toISOString()}</th><td>{format(low)}</td><td>{format(high)}</td><td>{count}</td><td>{errors}</td></tr>)}</tbody>
    </table>
  );
}

// Lines, stacked bars and a heatmap over time, with one crosshair for all charts of the page.
// Stacked series give sums in `values` and what is shown in the legend in `shown`.
export function TimeChart(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  const { zone } = usePreferences();
  const [cursor, setCursor] = useState<number | null>(null);
  const latest = useRef(props);
  useEffect(() => { latest.current = props; });
  const shape = JSON.stringify([props.times, props.series.map(({ label, values }) => [label, values]), props.heat, props.height, props.area, props.onPick != null]);
  useEffect(() => {
    const element = host.current!;
    const drawn = { ...latest.current, onZoom: (a: number, b: number) => latest.current.onZoom?.(a, b),
                    ...(latest.current.onPick ? { onPick: (t: number, value: number) => latest.current.onPick?.(t, value) } : {}),
                    ...(latest.current.onArea ? { onArea: (area: Area) => latest.current.onArea?.(area) } : {}) };
    const reversed = [...drawn.series].reverse();  // the tallest of a stack first
    const width = () => Math.max(120, element.clientWidth);
    const plot = new uPlot({ ...options({ ...drawn, series: reversed }, zone, setCursor), width: width() },
                           [drawn.times, ...reversed.map(({ values }) => values)] as uPlot.AlignedData, element);
    const observer = new ResizeObserver(() => plot.setSize({ width: width(), height: drawn.height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [shape, theme, zone]);
  const at = cursor != null && cursor < props.times.length ? cursor : null;
  return (
    <>
      <div ref={host} className={css.chart} style={{ height: props.height }} aria-hidden="true" />
      {props.legend !== false && (
        <div className={css.legend} aria-hidden="true">
          {props.series.map(({ label, color: tone, values, shown, kind, dashed }) => (
            <span key={label}><i data-bar={kind === 'bars'} data-dashed={dashed} style={{ color: `var(${tone})` }} />{label}{at != null && <b>{props.format((shown ?? values)[at])}</b>}</span>
          ))}
          {at != null && <span>{day(props.times[at]! * 1000, zone)} {clock(props.times[at]! * 1000, zone)}</span>}
        </div>
      )}
      {props.heat && <HeatTable label={props.label} cells={props.heat} format={props.format} />}
      <table className="visually-hidden">
        <caption>{props.label}</caption>
        <thead><tr><th>Time</th>{props.series.map(({ label }) => <th key={label}>{label}</th>)}</tr></thead>
        <tbody>
          {props.times.map((t, i) => (
            <tr key={t}><th>{new Date(t * 1000).toISOString()}</th>{props.series.map(({ label, values, shown }) => <td key={label}>{props.format((shown ?? values)[i])}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
