#include "api/rest/cost_query.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "api/endpoint.h"
#include "api/rest/common.h"

namespace ao::api {
namespace {

bool IsOfRun(std::string_view field) {
  return field == "session" || field == "query_type" || field == "environment";
}

// The expression of a field over the table `parts`.
std::string FieldSql(std::string_view field, const CostQuery& query) {
  if (field == "project") return SqlText(query.project);
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
                             SqlText(std::string_view(value).substr(0, value.size() - 1)))
               : fmt::format(" AND {} = {}", expression, SqlText(value));
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

// The values of a group, as KindSql's rows `c` have them, as a JSON array.
std::string KeyJson(const std::vector<std::string>& names) {
  return fmt::format("to_json([c.{}])::VARCHAR", fmt::join(names, ", c."));
}

// Over the parts of runs.
constexpr std::string_view kPartSums =
    "coalesce(fsum(part.cost_usd) FILTER (part.cost_source = 'default'), 0) AS default_usd, "
    "sum(part.calls)::BIGINT AS calls, sum(part.input_tokens)::BIGINT AS input, "
    "sum(part.output_tokens)::BIGINT AS output, sum(part.cache_read_tokens)::BIGINT AS cache_read, "
    "sum(part.cache_write_tokens)::BIGINT AS cache_write, "
    "sum(part.reasoning_tokens)::BIGINT AS reasoning, "
    "sum(part.estimated_tokens)::BIGINT AS estimated";

// Over what runs cost: rows (.., usd) with one row a run, or a run and key. Rounded to a millionth
// of a millionth, below which the order of adding up shows.
constexpr std::string_view kRunSums =
    "round(fsum(usd), 12) AS usd, count(*) AS runs, round(avg(usd), 12) AS mean, "
    "quantile_cont(usd, 0.5) AS p50, quantile_cont(usd, 0.95) AS p95";

// The rows of one kind: what runs of `source` cost, and what their parts used, for each value of
// `columns` (empty: of all together).
std::string KindSql(std::string_view kind, std::string_view bucket, std::string_view key,
                    std::string_view source, const std::vector<std::string>& columns) {
  std::string list, group, same = "true";
  if (!columns.empty()) {
    list = fmt::format("{}, ", fmt::join(columns, ", "));
    group = fmt::format(" GROUP BY {}", fmt::join(columns, ", "));
    same = fmt::format("row(c.{}) IS NOT DISTINCT FROM row(p.{})", fmt::join(columns, ", c."),
                       fmt::join(columns, ", p."));
  }
  return fmt::format(
      "SELECT '{}' AS kind, {} AS bucket, {} AS k, usd, default_usd, runs, calls, input, output, "
      "cache_read, cache_write, reasoning, estimated, mean, p50, p95 FROM (SELECT {}{} FROM {}{}) "
      "AS c JOIN (SELECT {}{} FROM parts{}) AS p ON {}",
      kind, bucket, key, list, kRunSums, source, group, list, kPartSums, group, same);
}

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
  std::string keys;
  std::vector<std::string> columns;
  for (size_t i = 0; i < query.group.size(); ++i) {
    keys += fmt::format("{} AS k{}, ", FieldSql(query.group[i], query), i);
    columns.push_back(fmt::format("k{}", i));
  }
  const bool grouped = !query.group.empty();
  const std::string names = fmt::format("{}", fmt::join(columns, ", "));
  const std::string bucket =
      query.step > 0 ? fmt::format("(start_ns // {0}) * {0}", query.step) : "0::BIGINT";
  // Per run and key first: what a request costs is asked as well as what all of them cost.
  std::string sql = fmt::format(
      "WITH parts AS (SELECT {}{} AS bucket, trace_id, part FROM ({})), "
      "by_run AS MATERIALIZED (SELECT {}bucket, trace_id::UUID AS run, round(fsum(part.cost_usd), "
      "12) AS usd "
      "FROM parts GROUP BY ALL)",
      keys, bucket,
      PartsSql(query, "trace_id, start_ns, session, user_id, query_type, environment"),
      grouped ? names + ", " : std::string());
  if (grouped) {
    sql += fmt::format(
        ", whole AS (SELECT bucket, run, round(fsum(usd), 12) AS usd FROM by_run GROUP BY ALL), "
        "top AS MATERIALIZED (SELECT {0}, fsum(usd) AS usd FROM by_run GROUP BY {0} ORDER BY usd "
        "DESC, {0} LIMIT {1}), by_top AS (SELECT * FROM by_run WHERE ({0}) IN (SELECT ({0}) FROM "
        "top))",
        names, query.limit);
  }
  const std::string_view whole = grouped ? "whole" : "by_run";
  sql += " " + KindSql("total", "0::BIGINT", "NULL::VARCHAR", whole, {});
  const std::string key = grouped ? KeyJson(columns) : std::string();
  if (grouped) sql += " UNION ALL " + KindSql("group", "0::BIGINT", key, "by_top", columns);
  if (query.step > 0) {
    sql += " UNION ALL " + KindSql("bucket", "c.bucket", "NULL::VARCHAR", whole, {"bucket"});
    if (grouped) {
      columns.insert(columns.begin(), "bucket");
      sql += " UNION ALL " + KindSql("cell", "c.bucket", key, "by_top", columns);
    }
  }
  return fmt::format("SELECT * FROM ({}) ORDER BY kind, bucket, usd DESC, k", sql);
}

std::string DelegationSql(const CostQuery& query) {
  return fmt::format(
      "WITH parts AS ({}) SELECT array_to_string(list_sort(list_distinct(list_transform(edges, "
      "e -> e['from'] || chr(31) || e['to']))), chr(30)) AS topology, part.agent AS agent, "
      "fsum(part.cost_usd) AS usd FROM parts WHERE len(edges) > 0 GROUP BY ALL",
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
