import { describe, expect, it } from 'vitest';
import { complete, hasTerm, quote, toggleTerm, valueAt } from './query';

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
    const fields = [{ name: 'status', doc: 'how it went', operators: [':'], values: ['ok', 'error'], has_values: false },
                    { name: 'steps', doc: 'LLM calls', operators: [':', '>'], values: [], has_values: false }];
    expect(complete('st', 2, fields, []).options.map(({ insert }) => insert)).toEqual(['status:', 'steps>']);
    expect(complete('(st', 3, fields, []).from).toBe(1);
    expect(complete('status:e', 8, fields, []).options.map(({ insert }) => insert)).toEqual(['status:error ']);
    expect(complete('x agent:re', 10, fields, ['researcher', 'writer'])).toEqual({
      from: 2, options: [{ insert: 'agent:researcher ', label: 'researcher', hint: 'agent' }] });
    expect(valueAt('x agent:re', 10)).toEqual({ field: 'agent', prefix: 're' });
    expect(valueAt('x agent', 7)).toBeNull();
  });
});
