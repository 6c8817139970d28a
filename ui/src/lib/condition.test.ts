import { expect, it } from 'vitest';
import { between } from './condition';

it('writes conditions', () => {
  expect(between('duration', 12.5, 1e3)).toBe('duration>=12.5ms duration<1000ms');
  expect(between('tokens', 0, 50)).toBe('tokens>=0 tokens<50');
});
