// Cost over time by group, as a chart takes it. Pure.
import type { CostAnswer, CostGroup } from '../../api/types';

export const kFields = [
  ['agent', 'Agent'], ['model', 'Model'], ['provider', 'Provider'], ['service', 'Service'], ['tool', 'Tool'], ['user', 'User'], ['session', 'Session'],
  ['query_type', 'Query type'], ['environment', 'Environment'], ['cost_source', 'Source of the cost'],
] as const;
export type Field = (typeof kFields)[number][0];

// What the search language of the runs knows.
export const kSearchable: ReadonlySet<string> = new Set(['agent', 'model', 'service', 'tool', 'user', 'session', 'query_type', 'environment']);

export const nameOf = (key: Record<string, string>) => Object.values(key).map((value) => value || '(none)').join(' · ');

// The dearest groups and the rest, per bucket. The rest is what the bucket has beyond them.
export function overTime({ groups, buckets = [] }: CostAnswer, top: number): { names: string[]; rows: { t: number; values: number[] }[] } {
  const names = [...groups].sort((a, b) => b.usd - a.usd).slice(0, top).filter(({ usd }) => usd > 0).map(({ key }) => nameOf(key));
  const rows = buckets.map(({ start, usd, groups: parts }) => {
    const byName = new Map(parts.map(({ key, usd: part }) => [nameOf(key), part]));
    const values = names.map((name) => byName.get(name) ?? 0);
    return { t: Date.parse(start) / 1000, values: [...values, Math.max(0, usd - values.reduce((sum, value) => sum + value, 0))] };
  });
  return { names: rows.some(({ values }) => values.at(-1)! > 1e-12) ? [...names, 'others'] : names, rows };
}

// Of the cost where there is any, else of the tokens.
export function shareOf(groups: readonly CostGroup[]): (group: CostGroup) => number {
  const tokens = groups.reduce((sum, group) => sum + group.input_tokens + group.output_tokens, 0);
  return groups.some(({ usd }) => usd > 0) ? ({ share }) => share : (group) => (tokens > 0 ? (group.input_tokens + group.output_tokens) / tokens : 0);
}
