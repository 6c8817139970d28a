import { describe, expect, it } from 'vitest';
import { complete, hasTerm, parseQuery, toggleTerm } from './query';

describe('the search language', () => {
  it('becomes parameters of the API', () => {
    expect(parseQuery('agent:researcher model:gpt-4o* cost>0.10 steps>8 duration>=1.5s status:error "late refund"').parameters).toEqual({
      agent: 'researcher', model: 'gpt-4o*', min_cost: '0.100000001', min_steps: '9', min_duration: '1.5s', status: 'error', q: 'late refund' });
  });
  it('says what it does not understand', () => {
    expect(parseQuery('colour:red').problems).toEqual(['there is no field “colour”']);
    expect(parseQuery('steps>many').problems).toEqual(['steps needs a number, not “many”']);
    expect(parseQuery('agent>x').problems).toEqual(['agent is a text: write agent:value']);
    expect(parseQuery('agent:a agent:b').problems).toEqual(['agent is given twice']);
  });
  it('keeps quoted values and plain words apart', () => {
    expect(parseQuery('agent:"a b" refund not found').parameters).toEqual({ agent: 'a b', q: 'refund not found' });
    expect(parseQuery('https://example.com').parameters).toEqual({ q: 'https://example.com' });
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
