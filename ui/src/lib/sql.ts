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

const bucket = (column: string, step: number) => `CAST(${column} // ${step}000000000 * ${step} AS BIGINT)`;

export const queries = {
  totals: (where: string) => `SELECT count(*) AS runs, count(*) FILTER (error) AS errors,
    quantile_cont(duration_ms, 0.5) AS p50, quantile_cont(duration_ms, 0.95) AS p95, quantile_cont(duration_ms, 0.99) AS p99,
    CAST(sum(total_tokens) AS DOUBLE) AS tokens, sum(cost_usd) AS cost, avg(steps) AS steps,
    CAST(sum(tool_calls) AS DOUBLE) AS tools FROM runs WHERE ${where}`,
  overTime: (where: string, step: number) => `SELECT ${bucket('start_ns', step)} AS t, count(*) AS runs, count(*) FILTER (error) AS errors,
    quantile_cont(duration_ms, 0.5) AS p50, quantile_cont(duration_ms, 0.95) AS p95, quantile_cont(duration_ms, 0.99) AS p99,
    sum(cost_usd) AS cost FROM runs WHERE ${where} GROUP BY 1 ORDER BY 1 LIMIT 2000`,
  heat: (where: string, step: number) => `SELECT ${bucket('start_ns', step)} AS t,
    CAST(floor(log2(greatest(duration_ms, 0.01)) * 2) AS INTEGER) AS b, count(*) AS n FROM runs WHERE ${where} GROUP BY 1, 2 LIMIT 5000`,
  tokenBins: (where: string) => `SELECT CAST(floor(total_tokens / w) * w AS BIGINT) AS value, count(*) AS n FROM runs,
    (SELECT greatest(1, ceil(max(total_tokens) / 200.0)) AS w FROM runs WHERE ${where}) WHERE ${where} GROUP BY 1 LIMIT 400`,
  stepBins: (where: string) => `SELECT steps AS value, count(*) AS n FROM runs WHERE ${where} GROUP BY 1 ORDER BY 1 LIMIT 2000`,
  facet: (where: string, column: string) => `SELECT ${column} AS value, count(*) AS n FROM runs WHERE ${where} AND ${column} <> '' GROUP BY 1 ORDER BY n DESC, value LIMIT 12`,
  listFacet: (where: string, column: string) => `SELECT value, count(*) AS n FROM (SELECT unnest(${column}) AS value FROM runs WHERE ${where}) GROUP BY 1 ORDER BY n DESC, value LIMIT 12`,
  byColumn: (where: string, column: string) => `SELECT ${column} AS name, count(*) AS runs, count(*) FILTER (error) AS errors, quantile_cont(duration_ms, 0.95) AS p95,
    CAST(sum(total_tokens) AS DOUBLE) AS tokens, sum(cost_usd) AS cost FROM runs WHERE ${where} GROUP BY 1 ORDER BY cost DESC, tokens DESC, runs DESC, name LIMIT 50`,
  byModel: (where: string) => `SELECT model AS name, count(*) AS calls, count(*) FILTER (status = 'error') AS errors, quantile_cont(duration_ms, 0.95) AS p95,
    CAST(sum(input_tokens) AS DOUBLE) AS input, CAST(sum(output_tokens) AS DOUBLE) AS output, CAST(sum(total_tokens) AS DOUBLE) AS tokens, sum(cost_usd) AS cost
    FROM spans WHERE ${where} AND op = 'llm' GROUP BY 1 ORDER BY cost DESC NULLS LAST, tokens DESC NULLS LAST, calls DESC, name LIMIT 50`,
  byTool: (where: string) => `SELECT coalesce(nullif(tool_name, ''), name) AS name, count(*) AS calls, count(*) FILTER (status = 'error') AS errors,
    quantile_cont(duration_ms, 0.95) AS p95 FROM spans WHERE ${where} AND op IN ('tool', 'retrieval') GROUP BY 1 ORDER BY calls DESC, name LIMIT 50`,
  toolsOverTime: (where: string, step: number) => `SELECT ${bucket('start_ns', step)} AS t, coalesce(nullif(tool_name, ''), name) AS name, count(*) AS n
    FROM spans WHERE ${where} AND op IN ('tool', 'retrieval') GROUP BY 1, 2 ORDER BY 1 LIMIT 5000`,
};

// Spans carry agent_name only on agent spans, so their scope goes through the runs.
export function spansWhere(scope: Scope): string {
  const { agent, ...rest } = scope;
  const where = runsWhere(rest);
  return agent ? `${where} AND trace_id IN (SELECT trace_id FROM runs WHERE ${runsWhere(scope)})` : where;
}
