import type { RunsParameters } from '../../api/hooks';
import type { Search } from '../../app/search';
import type { Area } from '../../charts/TimeChart';
import { kDefaultSince } from '../../lib/time';

export type Heat = '' | 'duration' | 'cost' | 'tokens';
const kHeats: readonly Heat[] = ['duration', 'cost', 'tokens'];

// Four numbers, as exact as they are drawn.
function readArea(text: string | undefined): Area | null {
  const [from, to, low, high] = (text ?? '').split(',').map(Number);
  return [from, to, low, high].every((value) => Number.isFinite(value)) && from! < to! && low! < high! ? { from: from!, to: to!, low: low!, high: high! } : null;
}

const writeArea = ({ from, to, low, high }: Area) => [Math.round(from), Math.round(to), ...[low, high].map((value) => Number(value.toPrecision(4)))].join(',');

export interface RunsUrl { query: string; sort: string; order: 'asc' | 'desc'; peek: string; live: boolean; picked: readonly string[]; compare: boolean; name: string; columns: readonly string[] | null; heat: Heat; area: Area | null; texts: string }

export function readUrl(search: Search): RunsUrl {
  return { query: search.query ?? '', sort: search.sort ?? 'start', order: search.order === 'asc' ? 'asc' : 'desc',
           peek: search.peek ?? '', live: search.live === '1', picked: [...new Set((search.pick ?? '').split(',').filter(Boolean))], compare: search.compare === '1',
           name: search.name ?? '', columns: search.columns ? search.columns.split(',') : null,
           heat: kHeats.find((heat) => heat === search.heat) ?? '', area: readArea(search.area), texts: search.texts ?? '' };
}

// The state as search parameters; defaults are left out.
export function writeUrl(url: RunsUrl): Search {
  const all = { query: url.query, sort: url.sort === 'start' ? '' : url.sort, order: url.order === 'desc' ? '' : url.order,
                peek: url.peek, live: url.live ? '1' : '', pick: url.picked.join(','), compare: url.compare ? '1' : '', name: url.name, columns: url.columns?.join(',') ?? '',
                heat: url.heat, area: url.area ? writeArea(url.area) : '', texts: url.texts };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

// What /api/v1/runs is asked.
export function toParameters(url: RunsUrl, search: Search): RunsParameters {
  return { since: search.since || kDefaultSince, until: search.until, sort: url.sort, order: url.order, query: url.query || undefined };
}
