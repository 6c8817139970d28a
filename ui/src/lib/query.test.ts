import { describe, expect, it } from 'vitest';
import { complete, facetQuestions, hasTerm, quote, toggleTerm, valueAt } from './query';

describe('the search language', () => {
  it('quotes what would not be read as one value', () => {
    expect(['gpt-4o', 'a b', 'a"b', '(x)', '5*'].map(quote)).toEqual(['gpt-4o', '"a b"', '"a\\"b"', '"(x)"', '"5*"']);
  });
  it('finds the terms that hold for all of it', () => {
    expect(hasTerm('refund agent:"b c" cost>0.1', 'agent', 'b c')).toBe(true);
    for (const query of ['refund (agent:a OR agent:b) cost>0.1', '"agent:a"', 'NOT agent:a', '-agent:a', 'agent!=a', 'agent:a OR status:error']) expect(hasTerm(query, 'agent', 'a'), query).toBe(false);
  });
  it('toggles terms in place', () => {
    expect(toggleTerm('refund', 'agent', 'a b')).toBe('refund agent:"a b"');
    expect(toggleTerm('agent:x refund', 'agent', 'x')).toBe('refund');
    expect(toggleTerm('agent:x refund', 'agent', 'y')).toBe('refund agent:y');
    expect(toggleTerm('(agent:a OR agent:b) status:error', 'status', 'error')).toBe('(agent:a OR agent:b)');
    expect(toggleTerm('agent:a OR agent:b', 'status', 'error')).toBe('(agent:a OR agent:b) status:error');
    expect(toggleTerm('NOT agent:a', 'agent', 'b')).toBe('NOT agent:a agent:b');
    expect(toggleTerm('agent:a AND status:error', 'status', 'error')).toBe('agent:a');
    expect(toggleTerm('agent:a AND status:error', 'agent', 'a')).toBe('status:error');
  });
  it('asks for the values of a field without what is said about it', () => {
    expect(facetQuestions('refund status:error', ['status', 'agent', 'tool'])).toEqual([{ query: 'refund', fields: ['status'] }, { query: 'refund status:error', fields: ['agent', 'tool'] }]);
    expect(facetQuestions('agent:a OR agent:b', ['agent', 'tool'])).toEqual([{ query: 'agent:a OR agent:b', fields: ['agent', 'tool'] }]);
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
