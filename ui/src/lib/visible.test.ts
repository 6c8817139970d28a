import { expect, it } from 'vitest';
import { oneLine, visible } from './visible';

it('shows what would hide or reorder', () => {
  expect(visible('\u001b[31mred')).toBe('␛[31mred');
  expect(visible('a\u202egpj.exe')).toBe('a⟨U+202E⟩gpj.exe');
  expect(visible('tag\u{e0041}')).toBe('tag⟨U+E0041⟩');
});
it('leaves languages and emoji alone', () => {
  const text = 'שלום 日本語 naïve 👩‍🔬\n\tok';
  expect(visible(text)).toBe(text);
});
it('makes one line', () => expect(oneLine('a\n  b\t c')).toBe('a b c'));
