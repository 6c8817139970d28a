// What of a result a chart can show. Pure.
import type { SqlResult } from '../../api/types';

export type AxisKind = 'time' | 'text' | 'number';
export interface Axis { index: number; name: string; kind: AxisKind }

function kindOf(type: string): AxisKind | null {
  if (type.endsWith('[]') || /STRUCT|MAP|JSON|BLOB/.test(type)) return null;
  if (/TIMESTAMP|DATE/.test(type)) return 'time';
  if (/INT|DOUBLE|FLOAT|DECIMAL|REAL/.test(type)) return 'number';
  return /VARCHAR|BOOLEAN|UUID|ENUM/.test(type) ? 'text' : null;
}

export interface Choice { xs: Axis[]; ys: Axis[] }

// Columns that can be the axis, times and texts first, and those that can be drawn.
export function choicesOf({ columns }: SqlResult): Choice {
  const axes = columns.map(({ name, type }, index) => ({ index, name, kind: kindOf(type) })).filter((axis): axis is Axis => axis.kind != null);
  const order = { time: 0, text: 1, number: 2 };
  return { xs: [...axes].sort((a, b) => order[a.kind] - order[b.kind] || a.index - b.index), ys: axes.filter(({ kind }) => kind === 'number') };
}

// Seconds since 1970: timestamps come as text in UTC.
export function seconds(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const text = value.replace(' ', 'T');
  const ms = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(ms) ? null : ms / 1000;
}

export function numberOf(value: unknown): number | null {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN;
  return Number.isFinite(number) ? number : null;
}

export interface Points { times: number[]; values: (number | null)[]; step: number }

// Rows in order of time; of equal times the sum.
export function pointsOf({ rows }: SqlResult, x: Axis, y: Axis): Points {
  const byTime = new Map<number, number | null>();
  for (const row of rows) {
    const t = x.kind === 'time' ? seconds(row[x.index]) : numberOf(row[x.index]);
    if (t == null) continue;
    const value = numberOf(row[y.index]);
    const before = byTime.get(t);
    byTime.set(t, before == null ? value : before + (value ?? 0));
  }
  const times = [...byTime.keys()].sort((a, b) => a - b);
  const gaps = times.slice(1).map((t, i) => t - times[i]!);
  return { times, values: times.map((t) => byTime.get(t) ?? null), step: gaps.length > 0 ? Math.min(...gaps) : 60 };
}

export interface Bar { name: string; value: number }

// One bar per name, the sum of its rows, the greatest first.
export function barsOf({ rows }: SqlResult, x: Axis, y: Axis): Bar[] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = row[x.index] == null ? '(null)' : String(row[x.index]);
    sums.set(name, (sums.get(name) ?? 0) + (numberOf(row[y.index]) ?? 0));
  }
  return [...sums].map(([name, value]) => ({ name, value })).sort((a, b) => b.value - a.value);
}
