import { expect, it } from 'vitest';
import { put } from './saved';

it('keeps one of each name, in order', () => {
  const items = put(put(put([], 'b', 1), 'a', 2), 'b', 3);
  expect(items).toEqual([{ name: 'a', value: 2 }, { name: 'b', value: 3 }]);
});
