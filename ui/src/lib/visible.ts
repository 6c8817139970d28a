// Telemetry is text from strangers. Characters that would not show, or would reorder what does,
// are made visible, so that what is read is what was sent.

const kUnseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

function shown(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

export function visible(text: string): string {
  return text.replace(kUnseen, shown);
}

// For one line in a table.
export function oneLine(text: string, limit = 300): string {
  const short = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return visible(short.replace(/\s+/g, ' ').trim());
}
