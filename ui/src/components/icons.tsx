// Line icons on a 16 px grid, drawn for this UI.
const kPaths = {
  home: 'M2.5 7.5 8 3l5.5 4.5M4 6.5v6.5h8V6.5M6.7 13V9.5h2.6V13',
  runs: 'M2.5 4h11M2.5 8h7.5M2.5 12h9.5',
  sessions: 'M2.5 3.5h8v5.5H6L3.8 11V9H2.5zM12 6h1.5v5.5h-1.3V13.5L10 11.5H7.5',
  logs: 'M3 3h10v10H3zM5.5 6h5M5.5 8h5M5.5 10h3',
  cost: 'M8 2v12M11 4.7C10.3 3.9 9.3 3.5 8 3.5c-1.7 0-3 .8-3 2.2 0 3.1 6.2 1.5 6.2 4.6 0 1.4-1.4 2.2-3.2 2.2-1.5 0-2.7-.5-3.4-1.5',
  sql: 'M3 4.5C3 3.4 5.2 2.5 8 2.5s5 .9 5 2-2.2 2-5 2-5-.9-5-2zM3 4.5v7c0 1.1 2.2 2 5 2s5-.9 5-2v-7M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
  ingest: 'M8 2v7.5M4.8 6.5 8 9.7l3.2-3.2M2.5 11v2.5h11V11',
  settings: 'M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 13.5 13.5',
  close: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'M3 8.5 6.5 12 13 4.5',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7',
  moon: 'M12.8 9.7A5.5 5.5 0 0 1 6.3 3.2a5.5 5.5 0 1 0 6.5 6.5z',
  calendar: 'M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5V5M10.5 2.5V5',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  download: 'M8 2.5v7M5 6.8 8 9.8l3-3M3 13h10',
  external: 'M9 3h4v4M13 3 7.5 8.5M11.5 9v4H3V4.5h4',
  link: 'M6.7 9.3 9.3 6.7M7 4.8l1.2-1.2a2.6 2.6 0 0 1 3.7 3.7L10.7 8.5M9 11.2l-1.2 1.2a2.6 2.6 0 0 1-3.7-3.7l1.2-1.2',
  play: 'M5 3.5v9l7.5-4.5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  agents: 'M8 2.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM4 9.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 9.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7 6.2 5 9.8M9 6.2l2 3.6',
  users: 'M6 3a2.3 2.3 0 1 0 0 4.6A2.3 2.3 0 0 0 6 3zM1.8 13c0-2.4 1.8-4 4.2-4s4.2 1.6 4.2 4M10.3 3.3a2.2 2.2 0 0 1 0 4.1M11.6 9.3c1.6.5 2.6 1.8 2.6 3.7',
  star: 'M8 2.5l1.7 3.5 3.8.5-2.8 2.7.7 3.8L8 11.2 4.6 13l.7-3.8L2.5 6.5l3.8-.5z',
  chart: 'M2.5 13.5h11M4 11V7.5M8 11V3.5M12 11V6',
  warn: 'M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3',
  keyboard: 'M1.5 4.5h13v7.5h-13zM4 7h.2M6.6 7h.2M9.2 7h.2M11.8 7h.2M4.5 9.7h7',
  server: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.2M5 11h.2',
  dot: 'M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={1.4}
         strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={kPaths[name]} />
    </svg>
  );
}
