// Compares what is stored with what was acknowledged.
import { kSpansPerRequest, promptOf, spanIdOf, traceIdOf } from './load.mjs';

// Spans stored of `service`: a map from request key to the number of distinct spans, and the
// number of spans that are there more than once.
async function readStored(server, service) {
  const rows = await server.sql(
    `SELECT string_agg(name, ' ') AS names FROM spans WHERE service = '${service}'
     GROUP BY split_part(name, '-', 1)`);
  const seen = new Set();
  const requests = new Map();
  let duplicates = 0;
  for (const name of rows.flatMap(({ names }) => names.split(' '))) {
    if (seen.has(name)) {
      ++duplicates;
      continue;
    }
    seen.add(name);
    const key = name.slice(0, name.lastIndexOf('-'));
    requests.set(key, (requests.get(key) ?? 0) + 1);
  }
  return { requests, duplicates, spans: seen.size };
}

// Problems, as texts: payloads that differ, traces that cannot be read.
async function checkSample(server, service, keys, random) {
  const problems = [];
  for (let n = 0; n < Math.min(5, keys.length); ++n) {
    const key = keys[Math.floor(random() * keys.length)];
    const traceId = traceIdOf(`${service}/${key}`);
    const i = Math.floor(random() * kSpansPerRequest);
    try {
      const { attributes } = await server.get(`/api/v1/traces/${traceId}/spans/${spanIdOf(i)}`);
      if (attributes['input.value'] !== promptOf(key, i)) problems.push(`${key}-${i}: the prompt differs`);
      const { spans } = await server.get(`/api/traces/${traceId}`);
      if (spans.length !== kSpansPerRequest) problems.push(`${key}: the trace has ${spans.length} spans`);
      const run = await server.get(`/api/v1/runs/${traceId}`);
      if (run.spans !== kSpansPerRequest) problems.push(`${key}: the run has ${run.spans} spans`);
    } catch (error) {
      problems.push(`${key}: ${error.message}`);
    }
  }
  return problems;
}

// {lost, duplicated, torn, spans, problems}: `torn` counts requests that are stored in part.
export async function verify(server, load, random) {
  const { requests, duplicates, spans } = await readStored(server, load.service);
  const lost = load.acknowledged.reduce(
    (sum, key) => sum + kSpansPerRequest - (requests.get(key) ?? 0), 0);
  const torn = [...requests.values()].filter((count) => count !== kSpansPerRequest).length;
  const problems = await checkSample(server, load.service, load.acknowledged, random);
  return { lost, duplicated: duplicates, torn, spans, problems };
}

export async function countSpans(server) {
  const [{ n }] = await server.sql('SELECT count(*) AS n FROM spans');
  return Number(n);
}
