import { expect, it } from 'vitest';
import { scopeQuery, windowsOf } from './scope';

it('asks for what the URL says', () => {
  expect(scopeQuery({ agent: 'a b', service: 'x', other: 'y' })).toBe('service:x agent:"a b"');
  const { now, before } = windowsOf({ since: '1h' }, 3_600_000, 7_200_000);
  expect(now).toEqual({ since: '1h', until: undefined, query: undefined });
  expect(before).toEqual({ since: '1970-01-01T00:00:00.000Z', until: '1970-01-01T01:00:00.000Z', query: undefined });
});
