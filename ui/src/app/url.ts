// Everything a colleague must see is in the search part of the URL.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useNow } from './clock';
import { rangeMs, type Range } from '../lib/time';
import type { Search } from './search';

export { formatSearch, parseSearch, type Search } from './search';

export function useUrl(): [Search, (change: Record<string, string | null | undefined>, push?: boolean) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const set = useCallback((change: Record<string, string | null | undefined>, push = false) => {
    void navigate({
      to: '.', replace: !push, resetScroll: false,
      search: ((before: Search) => Object.fromEntries(
        Object.entries({ ...before, ...change }).filter(([, value]) => value != null && value !== ''))) as never,
    });
  }, [navigate]);
  return [search, set];
}

export function useRange() {
  const [search, set] = useUrl();
  const now = useNow(30_000);
  const range: Range = useMemo(() => ({ since: search.since ?? '', until: search.until ?? '' }), [search.since, search.until]);
  const setRange = useCallback((next: Range) => set({ since: next.since, until: next.until }, true), [set]);
  const { from, to } = rangeMs(range, now);
  return { range, setRange, from, to };
}
