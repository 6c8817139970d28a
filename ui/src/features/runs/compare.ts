// The numbers of several runs side by side, each against the first. Pure.
import type { Run } from '../../api/types';

export type Unit = 'duration' | 'count' | 'usd';
export interface Line { name: string; unit: Unit; values: number[]; mean: number; best: number; worst: number }

// Less is better of these; of the others it is not known.
const kJudged: ReadonlySet<string> = new Set(['Duration', 'Cost', 'Tokens', 'Failed spans']);
const kMeasures: readonly [string, Unit, (run: Run) => number][] = [
  ['Duration', 'duration', ({ duration_ms: ms }) => ms], ['Cost', 'usd', ({ cost_usd: cost }) => cost], ['Tokens', 'count', ({ tokens }) => tokens.total],
  ['Input tokens', 'count', ({ tokens }) => tokens.input], ['Output tokens', 'count', ({ tokens }) => tokens.output], ['Steps', 'count', ({ steps }) => steps],
  ['Tool calls', 'count', ({ tool_calls: n }) => n], ['Retrievals', 'count', ({ retrievals }) => retrievals], ['Spans', 'count', ({ spans }) => spans],
  ['Failed spans', 'count', ({ errors }) => errors],
];

// Indices of the least and the greatest; -1 where all are equal, or less is not better.
export function compareRuns(runs: readonly Run[]): Line[] {
  return kMeasures.map(([name, unit, value]) => {
    const values = runs.map(value);
    const least = Math.min(...values);
    const greatest = Math.max(...values);
    const differ = kJudged.has(name) && greatest > least;
    return { name, unit, values, mean: values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length),
             best: differ ? values.indexOf(least) : -1, worst: differ ? values.indexOf(greatest) : -1 };
  });
}

// "+40 %" of the first; nothing where it was nothing.
export function changeOf(value: number, first: number): string {
  if (first === 0 || value === first) return '';
  const change = value / first - 1;
  if (Math.abs(change) >= 9.995) return `${(value / first).toFixed(0)} ×`;
  return `${change > 0 ? '+' : '−'}${Math.abs(100 * change).toFixed(Math.abs(change) < 0.0995 ? 1 : 0)} %`;
}
