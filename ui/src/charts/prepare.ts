// From answers of the server to what a chart draws. Pure; drawing decides nothing.

// Values on every bucket of a range; `gap` where the server has none.
export function fillBuckets<Row extends { t: number }, T>(rows: readonly Row[], fromSec: number, toSec: number, step: number,
                                                         value: (row: Row) => T, gap: T): { times: number[]; values: T[] } {
  const byTime = new Map(rows.map((row) => [row.t, row]));
  const times: number[] = [];
  const values: T[] = [];
  for (let t = Math.floor(fromSec / step) * step; t < toSec; t += step) {
    const row = byTime.get(t);
    times.push(t);
    values.push(row ? value(row) : gap);
  }
  return { times, values };
}

// Each series on top of the ones before it; drawn from the last to the first.
export function stack(series: readonly (readonly number[])[]): number[][] {
  const sums = new Array<number>(series[0]?.length ?? 0).fill(0);
  return series.map((values) => values.map((value, i) => (sums[i]! += value)));
}

export interface Bin { from: number; to: number; count: number }

// Integers in bins of equal, round width.
export function integerBins(rows: readonly { value: number; n: number }[], wanted: number): Bin[] {
  if (rows.length === 0) return [];
  const max = Math.max(...rows.map(({ value }) => value));
  const min = Math.min(...rows.map(({ value }) => value));
  const raw = Math.max(1, (max - min + 1) / wanted);
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const width = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= raw)!;
  const first = Math.floor(min / width) * width;
  const bins: Bin[] = [];
  for (let from = first; from <= max; from += width) bins.push({ from, to: from + width, count: 0 });
  for (const { value, n } of rows) bins[Math.floor((value - first) / width)]!.count += n;
  return bins;
}
