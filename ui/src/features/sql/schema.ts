// The tables of docs/sql.md; a test compares the names with what the server has.

export const kTables: readonly { name: string; columns: readonly (readonly [string, string])[] }[] = [
  { name: 'runs', columns: [
    ['trace_id', 'text'], ['root_name', 'text'], ['service', 'text'], ['environment', 'text'], ['agent', 'text'], ['session', 'text'], ['user_id', 'text'],
    ['query_type', 'text'], ['outcome', 'text'], ['start_time', 'timestamp'], ['start_ns', 'bigint'], ['duration_ns', 'bigint'], ['duration_ms', 'double'],
    ['error', 'boolean'], ['error_message', 'text'], ['spans', 'bigint'], ['errors', 'bigint'], ['steps', 'bigint'], ['tool_calls', 'bigint'],
    ['retrievals', 'bigint'], ['input_tokens', 'bigint'], ['output_tokens', 'bigint'], ['total_tokens', 'bigint'], ['cost_usd', 'double'],
    ['models', 'text[]'], ['tools', 'text[]'], ['agents', 'text[]'], ['usage', 'struct[]'], ['tool_usage', 'struct[]'], ['edges', 'struct[]'], ['input_preview', 'text'], ['output_preview', 'text'], ['completeness', 'text'],
    ['missing_parents', 'bigint'], ['clock_skewed', 'bigint']] },
  { name: 'spans', columns: [
    ['trace_id', 'text'], ['span_id', 'text'], ['parent_span_id', 'text'], ['start_time', 'timestamp'], ['start_ns', 'bigint'], ['duration_ns', 'bigint'],
    ['duration_ms', 'double'], ['name', 'text'], ['service', 'text'], ['environment', 'text'], ['service_version', 'text'], ['kind', 'text'], ['status', 'text'],
    ['status_message', 'text'], ['error_type', 'text'], ['op', 'text'], ['agent_name', 'text'], ['agent_role', 'text'], ['model', 'text'], ['model_requested', 'text'],
    ['model_answered', 'text'], ['provider', 'text'], ['response_id', 'text'], ['finish_reason', 'text'], ['tool_name', 'text'], ['tool_call_id', 'text'],
    ['session', 'text'], ['user_id', 'text'], ['query_type', 'text'], ['outcome', 'text'], ['prompt_name', 'text'], ['prompt_version', 'text'],
    ['input_tokens', 'bigint'], ['output_tokens', 'bigint'], ['total_tokens', 'bigint'], ['cache_read_tokens', 'bigint'], ['cache_write_tokens', 'bigint'],
    ['reasoning_tokens', 'bigint'], ['cost_usd', 'double'], ['time_to_first_token_ms', 'double'], ['retrieval_count', 'bigint'], ['retrieval_top_score', 'double'],
    ['fallback', 'boolean'], ['parse_error', 'boolean'], ['attributes', 'json'], ['events', 'json'], ['links', 'json']] },
  { name: 'logs', columns: [
    ['time', 'timestamp'], ['time_ns', 'bigint'], ['severity_number', 'integer'], ['severity_text', 'text'], ['service', 'text'], ['environment', 'text'],
    ['event_name', 'text'], ['body', 'text'], ['attributes', 'json'], ['trace_id', 'text'], ['span_id', 'text']] },
  { name: 'metric_points', columns: [
    ['series_id', 'bigint'], ['time', 'timestamp'], ['time_ns', 'bigint'], ['value', 'double'], ['int_value', 'bigint'], ['count', 'bigint'], ['sum', 'double'],
    ['min', 'double'], ['max', 'double'], ['detail', 'json']] },
  { name: 'metric_series', columns: [
    ['series_id', 'bigint'], ['name', 'text'], ['description', 'text'], ['unit', 'text'], ['type', 'text'], ['temporality', 'text'], ['is_monotonic', 'boolean'],
    ['service', 'text'], ['environment', 'text'], ['attributes', 'json']] },
  { name: 'scores', columns: [
    ['id', 'text'], ['trace_id', 'text'], ['span_id', 'text'], ['session', 'text'], ['name', 'text'], ['kind', 'text'], ['number', 'double'], ['text', 'text'],
    ['comment', 'text'], ['source', 'text'], ['time', 'timestamp']] },
];

export const kExamples: readonly { title: string; note: string; sql: string }[] = [
  { title: 'Agents by cost', note: 'runs, failures, p95 and cost of each agent',
    sql: `SELECT agent, count(*) AS runs, count(*) FILTER (error) AS failed,
  round(quantile_cont(duration_ms, 0.95)) AS p95_ms, sum(total_tokens) AS tokens, sum(cost_usd) AS usd
FROM runs
GROUP BY agent ORDER BY usd DESC, tokens DESC` },
  { title: 'Repeated tool calls', note: 'runs that used the same tool more than twice',
    sql: `SELECT trace_id, tool_name, count(*) AS calls
FROM spans WHERE op = 'tool'
GROUP BY ALL HAVING calls > 2 ORDER BY calls DESC LIMIT 50` },
  { title: 'Slowest models', note: 'median and tail latency of LLM calls',
    sql: `SELECT model, count(*) AS calls, quantile_cont(duration_ms, 0.5) AS p50, quantile_cont(duration_ms, 0.99) AS p99
FROM spans WHERE op = 'llm'
GROUP BY model ORDER BY p99 DESC` },
  { title: 'What fails', note: 'error messages by how often they occur',
    sql: `SELECT service, name, status_message, count(*) AS times
FROM spans WHERE status = 'error'
GROUP BY ALL ORDER BY times DESC LIMIT 50` },
];
