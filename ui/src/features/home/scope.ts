// What Home is narrowed to, as the URL has it, and as the server is asked.
import type { Search } from '../../app/search';
import { quote } from '../../lib/query';
import { kDefaultSince } from '../../lib/time';

export const kScopeFields = ['service', 'agent', 'environment'] as const;

export function scopeQuery(search: Search): string {
  return kScopeFields.filter((field) => search[field]).map((field) => `${field}:${quote(search[field]!)}`).join(' ');
}

export interface Windows { now: Record<string, string | undefined>; before: Record<string, string | undefined> }

// The window that is shown and the one of the same length before it.
export function windowsOf(search: Search, from: number, to: number): Windows {
  const query = scopeQuery(search) || undefined;
  return { now: { since: search.since || kDefaultSince, until: search.until, query },
           before: { since: new Date(2 * from - to).toISOString(), until: new Date(from).toISOString(), query } };
}
