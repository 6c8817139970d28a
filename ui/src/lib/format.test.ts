import { describe, expect, it } from 'vitest';
import { ago, bytes, count, duration, exact, percent, price, usd } from './format';

describe('numbers as people read them', () => {
  it.each([[0.00002, '20 ns'], [0.025, '25.0 µs'], [0.5, '500 µs'], [3.14159, '3.1 ms'], [999, '999 ms'], [1240, '1.24 s'],
           [12_340, '12.3 s'], [125_000, '2 m 05 s'], [3_840_000, '1 h 04 m'], [9e8, '10.4 d'], [null, '–'], [NaN, '–']])(
    'duration %s is %s', (ms, expected) => expect(duration(ms)).toBe(expected));
  it.each([[950, '950'], [999.6, '1.0 k'], [3400, '3.4 k'], [28_000, '28 k'], [1_200_000, '1.2 M'], [0.5, '0.5']])(
    'count %s is %s', (value, expected) => expect(count(value)).toBe(expected));
  it.each([[0, '$0'], [0.000076, '$0.000076'], [0.0031, '$0.0031'], [0.012, '$0.012'], [0.5, '$0.50'], [1.239, '$1.24'], [1240, '$1\u202f240']])(
    'usd %s is %s', (value, expected) => expect(usd(value)).toBe(expected));
  it.each([[2.5, '$2.50'], [2.125, '$2.125'], [0.0375, '$0.0375'], [10, '$10.00'], [0, '$0.00']])('price %s is %s', (value, expected) => expect(price(value)).toBe(expected));
  it('keeps every digit where it must', () => expect(exact(1234567)).toBe('1\u202f234\u202f567'));
  it('never rounds a failure away', () => {
    expect(percent(0.99951)).toBe('99.95 %');
    expect(percent(1)).toBe('100 %');
  });
  it('writes bytes and ages', () => {
    expect(bytes(1536)).toBe('1.5 KiB');
    expect(ago(1000, 4000)).toBe('3 s ago');
    expect(ago(9000, 4000)).toBe('in 5 s');
  });
});
