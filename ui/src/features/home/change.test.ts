import { expect, it } from 'vitest';
import { unusualShare } from './change';

it('marks shares that changed beyond chance, and by enough to matter', () => {
  expect(unusualShare(300, 1000, 100, 1000)).toBe('30.0 % of the calls, 10.0 % in the period before');
  expect(unusualShare(100, 1000, 0, 1000)).toBe('10.0 % of the calls, none in the period before');
  expect(unusualShare(0, 1000, 100, 1000)).toBe('0 % of the calls, 10.0 % in the period before');
  expect(unusualShare(110, 1000, 100, 1000), 'chance').toBeNull();
  expect(unusualShare(103_000, 1_000_000, 100_000, 1_000_000), 'too little to matter').toBeNull();
  expect(unusualShare(10, 15, 1, 15), 'too few').toBeNull();
  expect(unusualShare(5, 100, 0, 0), 'nothing before').toBeNull();
});
