// Time ranges as they stand in the URL and in the API, and how they are shown.

export type Zone = 'local' | 'utc';

export interface Range { since: string; until: string }  // API syntax; until "" is now

export const kDefaultSince = '24h';
export const kPresets: readonly [string, string][] = [
  ['15m', 'Last 15 minutes'], ['1h', 'Last hour'], ['6h', 'Last 6 hours'], ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'], ['30d', 'Last 30 days'], ['365d', 'Last year'],
];

const kUnits: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
const kUnitWords: Record<string, string> = {
  second: 's', sec: 's', minute: 'm', min: 'm', hour: 'h', hr: 'h', day: 'd', week: 'w',
};

// "90m" in milliseconds; null when it is no age.
export function ageMs(text: string): number | null {
  const match = /^-?(\d+(?:\.\d+)?)([smhdw])$/.exec(text.trim());
  return match ? Number(match[1]) * kUnits[match[2]!]! : null;
}

// A point in time, Unix milliseconds; null when it cannot be read.
export function instantMs(text: string, now: number): number | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === 'now') return now;
  const age = ageMs(trimmed);
  if (age != null) return now - age;
  if (/^\d{9,10}$/.test(trimmed)) return Number(trimmed) * 1e3;
  if (/^\d{13}$/.test(trimmed)) return Number(trimmed);
  if (/^\d{16}$/.test(trimmed)) return Number(trimmed) / 1e3;
  if (/^\d{19}$/.test(trimmed)) return Number(trimmed) / 1e6;
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return null;
  const parsed = Date.parse(trimmed.replace(' ', 'T'));
  return Number.isNaN(parsed) ? null : parsed;
}

export function rangeMs(range: Range, now: number): { from: number; to: number } {
  const from = instantMs(range.since || kDefaultSince, now);
  const to = instantMs(range.until, now);
  return { from: from ?? now - ageMs(kDefaultSince)!, to: to ?? now };
}

function normaliseAge(text: string): string {
  const words = text.trim().toLowerCase().replace(/^(last|past)\s+/, '').replace(/\s+ago$/, '');
  const match = /^(\d+(?:\.\d+)?)?\s*([a-z]+)$/.exec(words);
  if (!match) return text.trim();
  const unit = match[2]!;
  const short = kUnits[unit] ? unit : kUnitWords[unit.replace(/s$/, '')] ?? kUnitWords[unit];
  return short ? `${match[1] ?? 1}${short}` : text.trim();
}

function toParameter(text: string, zone: Zone): string {
  const normal = normaliseAge(text);
  if (zone === 'utc' && /^\d{4}-\d{2}-\d{2}([T ][\d:.]+)?$/.test(normal)) {
    return `${normal.replace(' ', 'T')}${normal.length > 10 ? 'Z' : ''}`;
  }
  const local = /^\d{4}-\d{2}-\d{2}([T ][\d:.]+)?$/.test(normal)
    ? Date.parse(`${normal.replace(' ', 'T')}${normal.length > 10 ? '' : 'T00:00'}`) : NaN;
  return Number.isNaN(local) ? normal : new Date(local).toISOString();
}

// What people type or paste: "30m", "2h ago to now", "2026-01-01 to 2026-01-02", two epochs.
export function parseRange(text: string, zone: Zone, now: number): Range | null {
  const [left = '', right = ''] = text.trim().split(/\s+(?:to|until|–|—|-)\s+|\s*\.\.\s*/i);
  if (left === '') return null;
  const since = toParameter(left, zone);
  const until = right === '' || right === 'now' ? '' : toParameter(right, zone);
  const from = instantMs(since, now);
  const to = instantMs(until, now);
  if (from == null || to == null || from >= to) return null;
  return { since, until };
}

const part = (value: number, width = 2) => String(value).padStart(width, '0');

function fields(ms: number, zone: Zone) {
  const date = new Date(ms);
  return zone === 'utc'
    ? { y: date.getUTCFullYear(), mo: date.getUTCMonth() + 1, d: date.getUTCDate(), h: date.getUTCHours(),
        mi: date.getUTCMinutes(), s: date.getUTCSeconds(), ms: date.getUTCMilliseconds() }
    : { y: date.getFullYear(), mo: date.getMonth() + 1, d: date.getDate(), h: date.getHours(),
        mi: date.getMinutes(), s: date.getSeconds(), ms: date.getMilliseconds() };
}

export function clock(ms: number, zone: Zone, withMs = false): string {
  const f = fields(ms, zone);
  return `${part(f.h)}:${part(f.mi)}:${part(f.s)}${withMs ? `.${part(f.ms, 3)}` : ''}`;
}

export function day(ms: number, zone: Zone): string {
  const f = fields(ms, zone);
  return `${f.y}-${part(f.mo)}-${part(f.d)}`;
}

export function dateTime(ms: number, zone: Zone, withMs = false): string {
  return `${day(ms, zone)} ${clock(ms, zone, withMs)}`;
}

const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// "14:03:27" today, "22 Nov 14:03:27" this year, with the year otherwise.
export function shortTime(ms: number, zone: Zone, now: number): string {
  if (day(ms, zone) === day(now, zone)) return clock(ms, zone);
  const f = fields(ms, zone);
  const year = f.y === fields(now, zone).y ? '' : ` ${f.y}`;
  return `${f.d} ${kMonths[f.mo - 1]}${year} ${clock(ms, zone)}`;
}

export function rangeLabel(range: Range, zone: Zone): string {
  const since = range.since || kDefaultSince;
  if (range.until === '') {
    const preset = kPresets.find(([age]) => age === since);
    if (preset) return preset[1];
    if (ageMs(since) != null) return `Last ${since}`;
  }
  const show = (text: string) => {
    const ms = ageMs(text) == null ? instantMs(text, 0) : null;
    return ms == null ? `${text} ago` : dateTime(ms, zone).replace(/:00$/, '');
  };
  return `${show(since)} – ${range.until === '' ? 'now' : show(range.until)}`;
}

const kSteps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
                172_800, 604_800, 1_209_600, 2_592_000];

// Seconds of a bucket, so that the range has about `wanted` of them.
export function bucketSeconds(fromMs: number, toMs: number, wanted: number): number {
  const exactStep = (toMs - fromMs) / 1000 / wanted;
  return kSteps.find((step) => step >= exactStep) ?? kSteps.at(-1)!;
}
