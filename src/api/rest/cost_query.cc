#include "api/rest/cost_query.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "api/endpoint.h"

namespace ao::api {
namespace {

std::string Quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\0') continue;
    out.append(c == '\'' ? 2 : 1, c);
  }
  return out + "'";
}

bool IsOfRun(std::string_view field) {
  return field == "session" || field == "query_type" || field == "environment";
}

// The expression of a field over the table `parts`.
std::string FieldSql(std::string_view field, const CostQuery& query) {
  if (field == "project") return Quote(query.project);
  if (field == "user") return "user_id";
  if (IsOfRun(field)) return std::string(field);
  return fmt::format("part.{}", field);
}

std::string FilterSql(const CostQuery& query) {
  std::string sql;
  for (const auto& [field, value] : query.filters) {
    const std::string expression = FieldSql(field, query);
    sql += value.ends_with('*')
               ? fmt::format(" AND starts_with({}, {})", expression,
                             Quote(std::string_view(value).substr(0, value.size() - 1)))
               : fmt::format(" AND {} = {}", expression, Quote(value));
  }
  return sql;
}

std::string RangeSql(const CostQuery& query) {
  std::string sql;
  if (query.since != 0) sql += fmt::format(" AND start_ns >= {}", query.since);
  if (query.until != 0) sql += fmt::format(" AND start_ns < {}", query.until);
  return sql;
}

// One row a part of a run: `part` and what the run says.
std::string PartsSql(const CostQuery& query, std::string_view run_columns) {
  return fmt::format(
      "SELECT * FROM (SELECT {}, unnest(usage) AS part FROM runs WHERE true{}) WHERE true{}",
      run_columns, RangeSql(query), FilterSql(query));
}

constexpr std::string_view kSums =
    "sum(usd) AS usd, sum(default_usd) AS default_usd, count(*) AS runs, sum(calls)::BIGINT AS "
    "calls, sum(input)::BIGINT AS input, sum(output)::BIGINT AS output, sum(cache_read)::BIGINT AS "
    "cache_read, sum(cache_write)::BIGINT AS cache_write, sum(reasoning)::BIGINT AS reasoning, "
    "sum(estimated)::BIGINT AS estimated, avg(usd) AS mean, quantile_cont(usd, 0.5) AS p50, "
    "quantile_cont(usd, 0.95) AS p95";

constexpr std::string_view kRunSums =
    "sum(usd) AS usd, sum(default_usd) AS default_usd, sum(calls) AS calls, sum(input) AS input, "
    "sum(output) AS output, sum(cache_read) AS cache_read, sum(cache_write) AS cache_write, "
    "sum(reasoning) AS reasoning, sum(estimated) AS estimated";

}  // namespace

Result<std::vector<std::string>> ParseCostFields(std::string_view text) {
  std::vector<std::string> fields;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (std::find(std::begin(kCostFields), std::end(kCostFields), field) == std::end(kCostFields)) {
      return InvalidArgument(
          fmt::format("cannot group cost by {}: there is no such field", Quoted(field)),
          fmt::format("fields are {}", fmt::join(kCostFields, ", ")));
    }
    if (std::find(fields.begin(), fields.end(), field) != fields.end()) {
      return InvalidArgument(fmt::format("cannot group cost by {} twice", field));
    }
    fields.emplace_back(field);
  }
  return fields;
}

std::string CostSql(const CostQuery& query) {
  // The group's values are columns k0, k1, ...
  std::string keys, names;
  for (size_t i = 0; i < query.group.size(); ++i) {
    keys += fmt::format("{} AS k{}, ", FieldSql(query.group[i], query), i);
    names += fmt::format("{}k{}", i == 0 ? "" : ", ", i);
  }
  const bool grouped = !query.group.empty();
  const std::string key_json =
      grouped ? fmt::format("to_json([{}])::VARCHAR", names) : "NULL::VARCHAR";
  const std::string bucket =
      query.step > 0 ? fmt::format("(start_ns // {0}) * {0}", query.step) : "0::BIGINT";
  // Per run and key first: what a request costs is asked as well as what all of them cost.
  std::string sql = fmt::format(
      "WITH parts AS ({}), by_run AS MATERIALIZED (SELECT {}{} AS bucket, trace_id, "
      "sum(part.cost_usd) AS usd, coalesce(sum(part.cost_usd) FILTER (part.cost_source = "
      "'default'), 0) AS default_usd, sum(part.calls) AS calls, sum(part.input_tokens) AS input, "
      "sum(part.output_tokens) AS output, sum(part.cache_read_tokens) AS cache_read, "
      "sum(part.cache_write_tokens) AS cache_write, sum(part.reasoning_tokens) AS reasoning, "
      "sum(part.estimated_tokens) AS estimated FROM parts GROUP BY ALL)",
      PartsSql(query, "trace_id, start_ns, session, user_id, query_type, environment"), keys,
      bucket);
  sql += fmt::format(
      ", whole AS ({})",
      grouped ? fmt::format("SELECT bucket, trace_id, {} FROM by_run GROUP BY ALL", kRunSums)
              : "SELECT * FROM by_run");
  if (grouped) {
    sql += fmt::format(
        ", top AS (SELECT {0}, {1} FROM by_run GROUP BY {0} ORDER BY usd DESC, {0} "
        "LIMIT {2})",
        names, kSums, query.limit);
  }
  sql += fmt::format(
      " SELECT 'total' AS kind, 0::BIGINT AS bucket, NULL::VARCHAR AS k, {} FROM whole", kSums);
  if (grouped) {
    sql += fmt::format(
        " UNION ALL SELECT 'group', 0::BIGINT, {}, usd, default_usd, runs, calls, input, output, "
        "cache_read, cache_write, reasoning, estimated, mean, p50, p95 FROM top",
        key_json);
  }
  if (query.step > 0) {
    sql += fmt::format(
        " UNION ALL SELECT 'bucket', bucket, NULL::VARCHAR, {} FROM whole GROUP BY bucket", kSums);
    if (grouped) {
      sql += fmt::format(
          " UNION ALL SELECT 'cell', bucket, {0}, {1} FROM by_run WHERE ({2}) IN (SELECT ({2}) "
          "FROM top) GROUP BY bucket, {2}",
          key_json, kSums, names);
    }
  }
  return fmt::format("SELECT * FROM ({}) ORDER BY kind, bucket, usd DESC, k", sql);
}

std::string DelegationSql(const CostQuery& query) {
  return fmt::format(
      "WITH parts AS ({}) SELECT array_to_string(list_sort(list_distinct(list_transform(edges, "
      "e -> e['from'] || chr(31) || e['to']))), chr(30)) AS topology, part.agent AS agent, "
      "sum(part.cost_usd) AS usd FROM parts WHERE len(edges) > 0 GROUP BY ALL",
      PartsSql(query, "session, user_id, query_type, environment, edges"));
}

namespace {

using Graph = std::map<std::string, std::set<std::string>, std::less<>>;

Graph GraphOf(std::string_view topology) {
  Graph graph;
  while (!topology.empty()) {
    const size_t end = std::min(topology.find('\x1e'), topology.size());
    const std::string_view pair = topology.substr(0, end);
    topology.remove_prefix(std::min(end + 1, topology.size()));
    const size_t middle = pair.find('\x1f');
    if (middle == pair.npos) continue;
    graph[std::string(pair.substr(0, middle))].emplace(pair.substr(middle + 1));
  }
  return graph;
}

std::set<std::string> Reachable(const Graph& graph, const std::string& start) {
  std::set<std::string> seen;
  std::vector<std::string> open = {start};
  while (!open.empty()) {
    const auto node = graph.find(open.back());
    open.pop_back();
    if (node == graph.end()) continue;
    for (const std::string& next : node->second) {
      if (next != start && seen.insert(next).second) open.push_back(next);
    }
  }
  return seen;
}

}  // namespace

std::vector<std::pair<std::string, double>> DelegatedCosts(const std::vector<DelegationRow>& rows) {
  std::map<std::string, std::map<std::string, double>> own;  // by topology, agent
  for (const DelegationRow& row : rows) own[row.topology][row.agent] += row.usd;
  std::map<std::string, double> delegated;
  for (const auto& [topology, costs] : own) {
    const Graph graph = GraphOf(topology);
    for (const auto& [caller, callees] : graph) {
      double sum = 0;
      for (const std::string& callee : Reachable(graph, caller)) {
        const auto cost = costs.find(callee);
        if (cost != costs.end()) sum += cost->second;
      }
      delegated[caller] += sum;
    }
  }
  return {delegated.begin(), delegated.end()};
}

}  // namespace ao::api
