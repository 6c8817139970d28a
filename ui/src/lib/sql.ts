// Bounded aggregate queries over the tables of docs/sql.md.

export const literal = (text: string) => `'${text.replace(/\0/g, '').replace(/'/g, "''")}'`;

// Unix milliseconds to the nanoseconds of start_ns, without the rounding of doubles.
export const nanos = (ms: number) => `${Math.trunc(ms)}000000`;

export function runsWhere({ from, to, open }: { from: number; to: number; open: boolean }): string {
  return `start_ns >= ${nanos(from)}${open ? '' : ` AND start_ns < ${nanos(to)}`}`;
}
