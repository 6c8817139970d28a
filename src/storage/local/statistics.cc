#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include "storage/local/impl.h"
#include "storage/local/run_conditions.h"

// Figures over runs, each by one statement over the runs that match.

namespace ao::storage {
namespace local {
namespace {

constexpr int64_t kMaxGroups = 100;
constexpr int64_t kMaxBins = 500;
constexpr int kBinsPerDecade = 10;
constexpr const char* kLeastZ = "2";  // about one in forty equal shares differ by as much
// The bin of values that have no logarithm.
constexpr int64_t kZeroBin = std::numeric_limits<int32_t>::min();

std::string BucketSql(Nanos step) {
  if (step <= 0) return "0::BIGINT";
  const std::string text = std::to_string(step);
  return "(start_ns // " + text + ") * " + text;
}

const char* ColumnOf(RunMeasure measure) {
  switch (measure) {
    case RunMeasure::kDuration: return "duration_ns";
    case RunMeasure::kCost: return "cost_usd";
    case RunMeasure::kTokens: return "total_tokens";
    case RunMeasure::kSteps: return "steps";
    case RunMeasure::kToolCalls: return "tool_calls";
    case RunMeasure::kSpans: return "spans";
  }
  return "duration_ns";
}

Result<std::string> GroupSql(const std::string& by) {
  if (by.empty()) return std::string("''");
  if (std::find(std::begin(kRunGroups), std::end(kRunGroups), by) == std::end(kRunGroups)) {
    return InvalidArgument("cannot group runs by '" + by + "': there is no such field",
                           "fields are agent, service, environment, status, query_type, outcome, "
                           "user, root_name");
  }
  if (by == "status") return std::string(kStatusSql);
  return by == "user" ? std::string("user_id") : by;
}

constexpr const char* kFigures =
    "count(*) AS runs, count_if(error)::BIGINT AS errors, count_if(completeness = 0)::BIGINT AS "
    "live, "
    "sum(steps)::BIGINT AS steps, sum(tool_calls)::BIGINT AS tool_calls, "
    "sum(input_tokens)::BIGINT AS input, sum(output_tokens)::BIGINT AS output, "
    "sum(total_tokens)::BIGINT AS total, round(fsum(cost_usd), 12) AS cost, "
    "quantile_disc(duration_ns, [0.5, 0.95, 0.99]) FILTER (completeness <> 0) AS q";
constexpr const char* kFigureList =
    "runs, errors, live, steps, tool_calls, input, output, total, cost, q[1], q[2], q[3]";

RunFigures ReadFigures(const duck::Rows& rows, size_t first, size_t r) {
  RunFigures f;
  size_t column = first;
  for (int64_t* n : {&f.runs, &f.errors, &f.live, &f.steps, &f.tool_calls, &f.input_tokens,
                     &f.output_tokens, &f.total_tokens}) {
    *n = rows.Int(column++, r);
  }
  f.cost_usd = rows.Double(column++, r);
  for (double* q : {&f.duration.p50, &f.duration.p95, &f.duration.p99}) {
    *q = static_cast<double>(rows.Int(column++, r));
  }
  return f;
}

std::string NumberSql(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific);
  return std::string(text, end.ptr) + "::DOUBLE";
}

// Ends of a bin of equal ratio.
double LogEdge(int64_t bin) {
  return std::pow(10.0, static_cast<double>(bin) / static_cast<double>(kBinsPerDecade));
}

// The least of 1, 2, 5, 10, .. that divides `range` into at most `bins`.
double NiceWidth(double range, int64_t bins, bool whole) {
  const double least = range / static_cast<double>(std::max<int64_t>(bins, 1));
  if (!(least > 0)) return 1;
  const double decade = std::pow(10.0, std::floor(std::log10(least)));
  double width = 10 * decade;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * decade >= least * (1 - 1e-9)) width = factor * decade;
  }
  return whole ? std::max(width, 1.0) : width;
}

class HistogramReader {
 public:
  HistogramReader(ReadView& view, const HistogramQuery& query)
      : view_(view), query_(query), column_(ColumnOf(query.measure)) {}

  Result<RunHistogram> Read() {
    AO_TRY(ReadSummary());
    if (histogram_.runs == 0) return std::move(histogram_);
    if (!query_.logarithmic) {
      width_ =
          NiceWidth(histogram_.max - histogram_.min, std::clamp(query_.bins, int64_t{1}, kMaxBins),
                    query_.measure != RunMeasure::kCost);
    }
    AO_TRY(ReadBins());
    if (query_.step > 0) AO_TRY(ReadCells());
    return std::move(histogram_);
  }

 private:
  // Durations of live runs are not known yet.
  Result<duck::Sql> Values(const std::string& columns) const {
    AO_ASSIGN_OR_RETURN(duck::Sql sql, SelectRuns(view_.snapshot(), query_.runs, columns));
    if (query_.measure == RunMeasure::kDuration) sql.Add(" AND completeness <> 0");
    return sql;
  }

  Status ReadSummary() {
    AO_ASSIGN_OR_RETURN(duck::Sql sql, Values(column_ + " AS v"));
    sql.text =
        "SELECT n, lo, hi, mean, q[1]::DOUBLE, q[2]::DOUBLE, q[3]::DOUBLE FROM (SELECT count(*) AS "
        "n, min(v)::DOUBLE AS lo, max(v)::DOUBLE AS hi, avg(v) AS mean, quantile_disc(v, [0.5, "
        "0.95, 0.99]) AS q FROM (" +
        sql.text + "))";
    return view_.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
      histogram_.runs = rows.Int(0, r);
      histogram_.min = rows.Double(1, r);
      histogram_.max = rows.Double(2, r);
      histogram_.mean = rows.Double(3, r);
      histogram_.quantiles = {rows.Double(4, r), rows.Double(5, r), rows.Double(6, r)};
    });
  }

  std::string BinSql() const {
    if (query_.logarithmic) {
      return "CASE WHEN v <= 0 THEN " + std::to_string(kZeroBin) + " ELSE floor(log10(v) * " +
             std::to_string(kBinsPerDecade) + ")::BIGINT END";
    }
    return "floor(v / " + NumberSql(width_) + ")::BIGINT";
  }
  double Edge(int64_t bin) const {
    return query_.logarithmic ? LogEdge(bin) : static_cast<double>(bin) * width_;
  }

  Status ReadBins() {
    AO_ASSIGN_OR_RETURN(duck::Sql sql, Values(column_ + " AS v, error"));
    sql.text = "SELECT " + BinSql() + " AS bin, count(*), count_if(error)::BIGINT FROM (" +
               sql.text + ") GROUP BY bin ORDER BY bin";
    return view_.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
      const int64_t bin = rows.Int(0, r);
      index_[bin] = histogram_.bins.size();
      const bool zero = query_.logarithmic && bin == kZeroBin;
      histogram_.bins.push_back(
          {zero ? 0 : Edge(bin), zero ? 0 : Edge(bin + 1), rows.Int(1, r), rows.Int(2, r)});
    });
  }

  Status ReadCells() {
    AO_ASSIGN_OR_RETURN(duck::Sql sql, Values(column_ + " AS v, error, start_ns"));
    sql.text = "SELECT " + BucketSql(query_.step) + " AS bucket, " + BinSql() +
               " AS bin, count(*), count_if(error)::BIGINT FROM (" + sql.text +
               ") GROUP BY bucket, bin ORDER BY bucket, bin";
    return view_.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
      const auto bin = index_.find(rows.Int(1, r));
      if (bin == index_.end()) return;
      histogram_.cells.push_back({rows.Int(0, r), bin->second, rows.Int(2, r), rows.Int(3, r)});
    });
  }

  ReadView& view_;
  const HistogramQuery& query_;
  const std::string column_;
  double width_ = 1;
  std::map<int64_t, size_t> index_;  // of bins
  RunHistogram histogram_;
};

// A field by which selected runs may differ, and its value over the columns of a run; a list gives
// several.
struct DifferenceField {
  const char* name;
  const char* value;
};
constexpr DifferenceField kDifferenceFields[] = {
    {"agent", "agent"},
    {"service", "service"},
    {"environment", "environment"},
    {"user", "user_id"},
    {"session", "session"},
    {"query_type", "query_type"},
    {"outcome", "outcome"},
    {"name", "root_name"},
    {"error", "error_message"},
    {"completeness", "CASE completeness WHEN 0 THEN 'live' WHEN 2 THEN 'incomplete' END"},
    {"model", "unnest(string_split(models, chr(31)))"},
    {"tool", "unnest(string_split(tools, chr(31)))"},
    {"version", "unnest(list_transform(agent_versions, v -> v.agent || ' ' || v.id))"},
    {"service_version",
     "unnest(list_distinct(list_transform(agent_versions, v -> v.service_version)))"},
    {"failing_tool",
     "unnest(list_distinct(list_transform(list_filter(tool_usage, t -> t.errors > 0), t -> "
     "t.tool)))"},
};

// What kDifferenceFields and the measures read.
constexpr const char* kDifferenceColumns =
    "start_ns, duration_ns, cost_usd, total_tokens, steps, tool_calls, spans, agent, service, "
    "environment, user_id, session, query_type, outcome, root_name, error_message, completeness, "
    "models, tools, agent_versions, tool_usage";

// "SELECT *, .. AS selected": the runs, and whether each is selected.
Result<duck::Sql> MarkedRuns(const Snapshot& snapshot, const DifferenceQuery& q) {
  AO_ASSIGN_OR_RETURN(duck::Sql runs, SelectRuns(snapshot, q.runs, kDifferenceColumns));
  duck::Sql sql("SELECT *, (true");
  sql.parameters = std::move(runs.parameters);
  if (q.selected.since != 0) sql.Add(" AND start_ns >= ").Bind(q.selected.since);
  if (q.selected.until != 0) sql.Add(" AND start_ns < ").Bind(q.selected.until);
  const std::string column = ColumnOf(q.measure);
  if (q.min) sql.Add(" AND " + column + " >= ").Bind(*q.min);
  if (q.max) sql.Add(" AND " + column + " < ").Bind(*q.max);
  sql.Add(") AS selected FROM (" + runs.text + ")");
  // As in the heat map that the area was chosen from.
  if (q.measure == RunMeasure::kDuration && (q.min || q.max)) sql.Add(" WHERE completeness <> 0");
  return sql;
}

// z of the two-proportion test with pooled variance
// (https://en.wikipedia.org/wiki/Two-proportion_Z-test): of a value that `a` of `s` selected runs
// and `b` of `o` others have.
constexpr const char* kProportionZ =
    "CASE WHEN s = 0 OR o = 0 OR a + b >= s + o THEN 0 ELSE (a / s - b / o) / "
    "sqrt((a + b) / (s + o) * (1 - (a + b) / (s + o)) * (1 / s + 1 / o)) END";

// The groups with most runs, at most `limit`; none when there are no others.
Result<std::vector<std::string>> TopGroups(ReadView& view, const SeriesQuery& q,
                                           const std::string& key, int64_t limit) {
  AO_ASSIGN_OR_RETURN(duck::Sql sql, SelectRuns(view.snapshot(), q.runs, key + " AS key"));
  sql.text = "SELECT key FROM (" + sql.text + ") GROUP BY key ORDER BY count(*) DESC, key LIMIT " +
             std::to_string(limit + 1);
  std::vector<std::string> keys;
  AO_TRY(view.connection().ForEachRow(
      sql, [&](const duck::Rows& rows, size_t r) { keys.emplace_back(rows.Text(0, r)); }));
  if (static_cast<int64_t>(keys.size()) <= limit) return std::vector<std::string>();
  keys.pop_back();
  return keys;
}

// "expression AS grp, expression AS other" of a run's group.
Result<std::string> FoldedGroup(ReadView& view, const SeriesQuery& q) {
  AO_ASSIGN_OR_RETURN(const std::string key, GroupSql(q.by));
  if (q.by.empty()) return std::string("'' AS grp, false AS other");
  AO_ASSIGN_OR_RETURN(const auto top,
                      TopGroups(view, q, key, std::clamp<int64_t>(q.groups, 1, kMaxGroups)));
  if (top.empty()) return key + " AS grp, false AS other";
  std::string list;
  for (const std::string& name : top) {
    if (name.find('\0') != name.npos) continue;  // cannot stand in SQL text: one of the others
    list.append(list.empty() ? "" : ", ").append(duck::Quote(name));
  }
  if (list.empty()) list = "''";
  return "CASE WHEN " + key + " IN (" + list + ") THEN " + key + " ELSE '' END AS grp, " + key +
         " NOT IN (" + list + ") AS other";
}

Result<RunSeries> SeriesOf(ReadView& view, const SeriesQuery& q) {
  AO_ASSIGN_OR_RETURN(const std::string folded, FoldedGroup(view, q));
  AO_ASSIGN_OR_RETURN(
      duck::Sql sql,
      SelectRuns(view.snapshot(), q.runs,
                 BucketSql(q.step) + " AS bucket, " + folded +
                     ", duration_ns, error, completeness, steps, tool_calls, input_tokens, "
                     "output_tokens, total_tokens, cost_usd"));
  std::string sets = "()";
  if (q.step > 0) sets += ", (bucket)";
  if (!q.by.empty()) sets += ", (grp, other)";
  if (q.step > 0 && !q.by.empty()) sets += ", (bucket, grp, other)";
  sql.text = "WITH m AS MATERIALIZED (" + sql.text +
             ") SELECT has_bucket, has_key, bucket, grp, other, " + kFigureList + " FROM (SELECT " +
             (q.step > 0 ? "grouping(bucket) = 0" : "false") + " AS has_bucket, " +
             (q.by.empty() ? "false" : "grouping(grp) = 0") + " AS has_key, " +
             (q.step > 0 ? "bucket" : "0::BIGINT AS bucket") + ", " +
             (q.by.empty() ? "'' AS grp, false AS other" : "grp, other") + ", " + kFigures +
             " FROM m GROUP BY GROUPING SETS (" + sets +
             ")) ORDER BY has_bucket, other, runs DESC, grp, bucket";
  RunSeries series;
  std::map<std::pair<bool, std::string>, size_t> index;
  AO_TRY(view.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
    const bool has_bucket = rows.Bool(0, r), has_key = rows.Bool(1, r);
    const RunFigures figures = ReadFigures(rows, 5, r);
    const RunSeries::Point point{rows.Int(2, r), figures};
    if (!has_key) {
      if (has_bucket) {
        series.points.push_back(point);
      } else {
        series.total = figures;
      }
      return;
    }
    const auto name = std::pair(rows.Bool(4, r), std::string(rows.Text(3, r)));
    if (!has_bucket) {
      index[name] = series.groups.size();
      series.groups.push_back({name.second, name.first, figures, {}});
    } else if (const auto group = index.find(name); group != index.end()) {
      series.groups[group->second].points.push_back(point);
    }
  }));
  const auto by_start = [](const RunSeries::Point& a, const RunSeries::Point& b) {
    return a.start < b.start;
  };
  std::sort(series.points.begin(), series.points.end(), by_start);
  for (RunSeries::Group& group : series.groups) {
    std::sort(group.points.begin(), group.points.end(), by_start);
  }
  return series;
}

Result<ToolSeries> ToolsOf(ReadView& view, const ToolQuery& q) {
  AO_ASSIGN_OR_RETURN(duck::Sql sql, SelectRuns(view.snapshot(), q.runs,
                                                BucketSql(q.step) + " AS bucket, trace_id, "
                                                                    "unnest(tool_usage) AS use"));
  sql.text =
      "WITH u AS MATERIALIZED (SELECT bucket, trace_id, use.tool AS tool, use.calls AS calls, "
      "use.errors AS errors, use.duration_ns AS duration_ns FROM (" +
      sql.text +
      ")), top AS (SELECT tool AS top_tool FROM u GROUP BY tool ORDER BY sum(calls) DESC, tool "
      "LIMIT " +
      std::to_string(std::clamp<int64_t>(q.tools, 1, kMaxGroups)) +
      "), m AS (SELECT u.*, coalesce(top_tool, '') AS grp, top_tool IS NULL AS other FROM u LEFT "
      "JOIN top ON tool = top_tool) SELECT grouping(bucket) = 0 AS has_bucket, other, grp, bucket, "
      "sum(calls)::BIGINT AS calls, sum(errors)::BIGINT, count(DISTINCT trace_id), "
      "least(sum(duration_ns), 9223372036854775807)::BIGINT FROM m GROUP BY GROUPING SETS ((grp, "
      "other), (bucket, grp, "
      "other)) ORDER BY has_bucket, other, calls DESC, grp";
  ToolSeries series;
  std::map<std::pair<bool, std::string>, size_t> index;
  AO_TRY(view.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
    const auto name = std::pair(rows.Bool(1, r), std::string(rows.Text(2, r)));
    if (!rows.Bool(0, r)) {
      index[name] = series.tools.size();
      series.tools.push_back({name.second,
                              name.first,
                              rows.Int(4, r),
                              rows.Int(5, r),
                              rows.Int(6, r),
                              rows.Int(7, r),
                              {}});
    } else if (const auto tool = index.find(name); tool != index.end() && q.step > 0) {
      series.tools[tool->second].points.push_back({rows.Int(3, r), rows.Int(4, r), rows.Int(5, r)});
    }
  }));
  for (ToolSeries::Tool& tool : series.tools) {
    std::sort(tool.points.begin(), tool.points.end(),
              [](const auto& a, const auto& b) { return a.start < b.start; });
  }
  return series;
}

Result<RunDifferences> DifferencesOf(ReadView& view, const DifferenceQuery& q) {
  AO_ASSIGN_OR_RETURN(duck::Sql sql, MarkedRuns(view.snapshot(), q));
  std::string values;
  for (const auto& [name, value] : kDifferenceFields) {
    values += (values.empty() ? "" : " UNION ALL ") + std::string("SELECT '") + name +
              "' AS field, value, count_if(selected)::DOUBLE AS a, count_if(NOT selected)::DOUBLE "
              "AS b FROM (SELECT " +
              value +
              " AS value, selected FROM r) WHERE value <> '' GROUP BY value HAVING "
              "count_if(selected) > 0";
  }
  const int64_t limit = std::clamp<int64_t>(q.limit, 1, 1000);
  sql.text = "WITH r AS MATERIALIZED (" + sql.text +
             "), t AS (SELECT count_if(selected)::DOUBLE AS s, count_if(NOT selected)::DOUBLE AS o "
             "FROM r), v AS (" +
             values + "), z AS (SELECT field, value, a, b, " + kProportionZ +
             " AS z FROM v, t) SELECT field, value, a::BIGINT, b::BIGINT, z FROM (SELECT '' AS "
             "field, '' AS value, s AS a, o AS b, 0::DOUBLE AS z FROM t UNION ALL (FROM z WHERE z "
             ">= " +
             kLeastZ + " ORDER BY z DESC, field, value LIMIT " + std::to_string(limit) +
             ")) ORDER BY field <> '', z DESC, field, value";
  RunDifferences differences;
  AO_TRY(view.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
    const int64_t selected = rows.Int(2, r), rest = rows.Int(3, r);
    if (rows.Text(0, r).empty()) {
      differences.selected = selected;
      differences.rest = rest;
      return;
    }
    differences.values.push_back({std::string(rows.Text(0, r)), std::string(rows.Text(1, r)),
                                  selected, rest, rows.Double(4, r)});
  }));
  return differences;
}

}  // namespace
}  // namespace local

Result<RunSeries> LocalStore::Impl::Series(const SeriesQuery& query) {
  AO_TRY(CheckProject(query.runs.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  return local::SeriesOf(*view, query);
}

Result<RunHistogram> LocalStore::Impl::Histogram(const HistogramQuery& query) {
  AO_TRY(CheckProject(query.runs.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  return local::HistogramReader(*view, query).Read();
}

Result<ToolSeries> LocalStore::Impl::Tools(const ToolQuery& query) {
  AO_TRY(CheckProject(query.runs.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  return local::ToolsOf(*view, query);
}

Result<RunDifferences> LocalStore::Impl::Differences(const DifferenceQuery& query) {
  AO_TRY(CheckProject(query.runs.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  return local::DifferencesOf(*view, query);
}

}  // namespace ao::storage
