// Numbers as people read them. Nothing here knows React.

const kNone = '–';

function trim(value: number, digits: number): string {
  return value.toFixed(digits);
}

// Three significant digits: 0.4 ms, 23 ms, 1.24 s, 2 m 05 s, 1 h 04 m.
export function duration(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return kNone;
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 0.001) return `${trim(ms * 1e6, 0)} ns`;
  if (size < 1) return `${trim(ms * 1e3, size < 0.1 ? 1 : 0)} µs`;
  if (size < 10) return `${trim(ms, 1)} ms`;
  if (size < 999.5) return `${trim(ms, 0)} ms`;
  if (size < 9_995) return `${trim(ms / 1e3, 2)} s`;
  if (size < 59_950) return `${trim(ms / 1e3, 1)} s`;
  return longDuration(ms);
}

// On an axis: 1.5 s, 2 s, 3 m.
export function tickLabel(ms: number): string {
  return duration(ms).replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ').replace(/ 00 [sm]$/, '');
}

function longDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.trunc(seconds / 60)} m ${pad(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 48 * 60) return `${Math.trunc(minutes / 60)} h ${pad(minutes % 60)} m`;
  return `${trim(ms / 86_400_000, 1)} d`;
}

const pad = (value: number) => String(value).padStart(2, '0');

// 950, 3.4 k, 28 k, 1.2 M.
export function count(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return kNone;
  const size = Math.abs(value);
  if (size < 999.5) return Number.isInteger(value) ? String(value) : trim(value, size < 10 ? 1 : 0);
  for (const [unit, suffix] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (size >= unit * 0.9995) {
      const scaled = value / unit;
      return `${trim(scaled, Math.abs(scaled) < 9.95 ? 1 : 0)} ${suffix}`;
    }
  }
  return String(value);
}

// Every digit, in groups: 1 234 567.
export function exact(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return kNone;
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

// $0.012, $1.24, $1 240. Never rounds a cost to nothing.
export function usd(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return kNone;
  if (value === 0) return '$0';
  const size = Math.abs(value);
  if (size < 1e-9) return '<$0.000000001';
  if (size < 0.01) return `$${trim(value, 1 - Math.floor(Math.log10(size)))}`;
  if (size < 0.1) return `$${trim(value, 3)}`;
  if (size < 1000) return `$${trim(value, 2)}`;
  return `$${exact(value)}`;
}

// A price as it is set: no digit is dropped. $2.125, $0.0375.
export function price(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return kNone;
  const text = String(Number(value.toPrecision(8)));
  return `$${/^\d+(\.\d)?$/.test(text) ? value.toFixed(2) : text}`;
}

// For narrow columns: what is too small says so.
export function usdShort(value: number | null | undefined): string {
  return value != null && value > 0 && value < 0.0001 ? '<$0.0001' : value != null && value > 0 && value < 0.001 ? `$${trim(value, 4)}` : usd(value);
}

export function percent(share: number | null | undefined): string {
  if (share == null || !Number.isFinite(share)) return kNone;
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  return `${trim(value, value > 99.9 ? 2 : 1)} %`;
}

export function bytes(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return kNone;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    ++unit;
  }
  return `${trim(scaled, unit === 0 || scaled >= 100 ? 0 : 1)} ${units[unit]}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${exact(n)} ${n === 1 ? one : many}`;
}

// "3 s ago"; for the future "in 3 s".
export function ago(ms: number, now: number): string {
  const seconds = Math.round((now - ms) / 1000);
  const size = Math.abs(seconds);
  const text = size < 60 ? `${size} s`
    : size < 3600 ? `${Math.round(size / 60)} min`
      : size < 172_800 ? `${Math.round(size / 3600)} h` : `${Math.round(size / 86_400)} d`;
  if (size < 2) return 'now';
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}
