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

export interface Bin { from: number; to: number; count: number; errors: number }

// The bins the server left out, as it has none of their runs, are bars of no height.
export function fillBins(bins: readonly { from: number; to: number; runs: number; errors: number }[]): Bin[] {
  const width = bins.reduce((least, { from, to }) => Math.min(least, to - from), Infinity);
  const filled: Bin[] = [];
  for (const { from, to, runs, errors } of bins) {
    const before = filled.at(-1);
    if (before && Number.isFinite(width) && width > 0) {
      const missing = Math.round((from - before.to) / width);
      for (let i = 0; i < Math.min(missing, 500); ++i) filled.push({ from: before.to + i * width, to: before.to + (i + 1) * width, count: 0, errors: 0 });
    }
    filled.push({ from, to, count: runs, errors });
  }
  return filled;
}

export interface Placed { t: number; low: number; high: number; count: number; errors: number }

// Cells of a heatmap that a logarithmic axis can show: those of nothing have no place on it.
export function cellsOf({ bins, cells }: { bins: readonly { from: number; to: number }[]; cells: readonly { start: string; bin: number; runs: number; errors: number }[] }): Placed[] {
  return cells.filter(({ bin }) => bins[bin]!.to > 0).map(({ start, bin, runs, errors }) => ({ t: Date.parse(start) / 1000, low: bins[bin]!.from, high: bins[bin]!.to, count: runs, errors }));
}
