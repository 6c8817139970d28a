import { expect, it } from 'vitest';
import { kSnippets, masked } from './snippets';

const kUrl = 'https://observe.example.com/prefix';

it('has the URL in every snippet, and the key where there is one', () => {
  for (const { id, code } of kSnippets) {
    expect(code(kUrl, ''), id).toContain(kUrl);
    expect(code(kUrl, ''), id).not.toMatch(/bearer|headers/i);
    expect(code(kUrl, 'ao_default_abc'), id).toMatch(/Bearer(%20| )ao_default_abc/);
  }
});
it('shows which key it is, not the key', () => {
  expect(masked('ao_default_0123456789abcdef')).toBe('ao_default_••••cdef');
  expect(masked('opaque-secret')).toBe('••••cret');
  expect(masked('')).toBe('');
});
