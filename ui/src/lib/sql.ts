// Bounded aggregate queries over the tables of docs/sql.md.

export const literal = (text: string) => `'${text.replace(/\0/g, '').replace(/'/g, "''")}'`;

// Unix milliseconds to the nanoseconds of start_ns, without the rounding of doubles.
export const nanos = (ms: number) => `${Math.trunc(ms)}000000`;

export interface Scope { from: number; to: number; open: boolean; service?: string; agent?: string; environment?: string }

export function runsWhere({ from, to, open, service, agent, environment }: Scope): string {
  const parts = [`start_ns >= ${nanos(from)}`];
  if (!open) parts.push(`start_ns < ${nanos(to)}`);
  if (service) parts.push(`service = ${literal(service)}`);
  if (agent) parts.push(`agent = ${literal(agent)}`);
  if (environment) parts.push(`environment = ${literal(environment)}`);
  return parts.join(' AND ');
}

export const queries = {
  facet: (where: string, column: string) => `SELECT ${column} AS value, count(*) AS n FROM runs WHERE ${where} AND ${column} <> '' GROUP BY 1 ORDER BY n DESC, value LIMIT 12`,
  listFacet: (where: string, column: string) => `SELECT value, count(*) AS n FROM (SELECT unnest(${column}) AS value FROM runs WHERE ${where}) GROUP BY 1 ORDER BY n DESC, value LIMIT 12`,
};
