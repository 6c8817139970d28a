import { describe, expect, it } from 'vitest';
import { complete, hasTerm, quote, toggleTerm } from './query';

describe('the search language', () => {
  it('quotes what would not be read as one value', () => {
    expect(['gpt-4o', 'a b', 'a"b', '(x)', '5*'].map(quote)).toEqual(['gpt-4o', '"a b"', '"a\\"b"', '"(x)"', '"5*"']);
  });
  it('finds terms between words and groups', () => {
    expect(hasTerm('refund (agent:a OR agent:"b c") cost>0.1', 'agent', 'a')).toBe(true);
    expect(hasTerm('refund (agent:a OR agent:"b c") cost>0.1', 'agent', 'b c')).toBe(true);
    expect(hasTerm('"agent:a"', 'agent', 'a')).toBe(false);
  });
  it('toggles terms in place', () => {
    expect(toggleTerm('refund', 'agent', 'a b')).toBe('refund agent:"a b"');
    expect(toggleTerm('agent:x refund', 'agent', 'x')).toBe('refund');
    expect(toggleTerm('agent:x refund', 'agent', 'y')).toBe('refund agent:y');
    expect(hasTerm('status:error', 'status', 'error')).toBe(true);
  });
  it('completes fields and values', () => {
    expect(complete('st', 2, {}).options.map(({ insert }) => insert)).toEqual(['status:', 'steps>']);
    expect(complete('x agent:re', 10, { agent: ['researcher', 'writer'] })).toEqual({
      from: 2, options: [{ insert: 'agent:researcher ', label: 'researcher', hint: 'agent' }] });
  });
});
