import { describe, expect, it } from 'vitest';
import { bucketSeconds, instantMs, parseRange, rangeLabel, rangeMs } from './time';

const kNow = Date.parse('2026-03-01T12:00:00Z');

describe('time ranges', () => {
  it.each([
    ['30m', { since: '30m', until: '' }],
    ['last 2 hours', { since: '2h', until: '' }],
    ['2h ago to now', { since: '2h', until: '' }],
    ['2h to 1h', { since: '2h', until: '1h' }],
    ['2026-01-01 to 2026-01-02', { since: '2026-01-01', until: '2026-01-02' }],
    ['2026-01-01 10:00 to 2026-01-01 11:30', { since: '2026-01-01T10:00Z', until: '2026-01-01T11:30Z' }],
    ['1767261600 to 1767265200', { since: '1767261600', until: '1767265200' }],
  ])('%s', (typed, expected) => expect(parseRange(typed, 'utc', kNow)).toEqual(expected));
  it.each(['', 'nonsense', '1h to 2h', '2026-99-99'])('“%s” is no range', (typed) => expect(parseRange(typed, 'utc', kNow)).toBeNull());
  it('reads epochs of every unit', () => {
    for (const text of ['1767261600', '1767261600000', '1767261600000000', '1767261600000000000']) {
      expect(instantMs(text, kNow)).toBe(1767261600000);
    }
  });
  it('shows what is applied', () => {
    expect(rangeLabel({ since: '', until: '' }, 'utc')).toBe('Last 24 hours');
    expect(rangeLabel({ since: '90m', until: '' }, 'utc')).toBe('Last 90m');
    expect(rangeMs({ since: '1h', until: '' }, kNow)).toEqual({ from: kNow - 3_600_000, to: kNow });
  });
  it('chooses buckets people know', () => {
    expect(bucketSeconds(0, 86_400_000, 60)).toBe(1800);
    expect(bucketSeconds(0, 3_600_000, 60)).toBe(60);
  });
});
