import { expect, it } from 'vitest';
import { formatSearch, parseSearch } from '../../app/search';
import { readUrl, toParameters, writeUrl } from './url';

it('survives the way through the URL', () => {
  const url = { query: 'agent:"a b" cost>0.1 100%&x=y', sort: 'cost', order: 'asc', peek: 'ab', live: true, picked: ['a', 'b'], compare: true, name: 'Mine, dear', columns: ['start', 'cost'], heat: 'cost', area: { from: 1, to: 2, low: 0.5, high: 3 }, texts: 'refund policy' } as const;
  expect(readUrl(parseSearch(formatSearch(writeUrl(url))))).toEqual(url);
});
it('does not write defaults', () => expect(formatSearch(writeUrl(readUrl({})))).toBe(''));
it('asks the server for what it says', () => {
  expect(toParameters(readUrl({ query: 'status:error' }), { since: '1h' })).toEqual({ since: '1h', until: undefined, sort: 'start', order: 'desc', query: 'status:error' });
});
