// The search part of the URL: plain texts by name. Absent means the default; defaults are not written.

export type Search = Record<string, string>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function formatSearch(search: Record<string, unknown>): string {
  const entries = Object.entries(search).filter(([, value]) => value != null && value !== '').map(([name, value]) => [name, String(value)]);
  const text = new URLSearchParams(entries as [string, string][]).toString().replace(/%3A/g, ':').replace(/%2C/g, ',');
  return text ? `?${text}` : '';
}
