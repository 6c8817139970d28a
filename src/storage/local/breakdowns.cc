#include <algorithm>
#include <iterator>

#include "storage/local/impl.h"
#include "storage/local/run_conditions.h"

// Runs by each value of a field, and calls by model: each by one statement over the runs that
// match.

namespace ao::storage {
namespace local {
namespace {

constexpr int64_t kMaxValues = 1000;

// The columns that ValueSql reads.
constexpr std::string_view kFacetColumns =
    "agent, agents, models, tools, service, environment, user_id, session, root_name, query_type, "
    "outcome, error, completeness";

// The value of a field over the columns of a run; lists give several.
Result<std::string> ValueSql(const std::string& field) {
  if (std::find(std::begin(kRunFacets), std::end(kRunFacets), field) == std::end(kRunFacets)) {
    return InvalidArgument("cannot count values of '" + field + "': there is no such field",
                           "fields are status, agent, service, environment, model, tool, user, "
                           "session, name, query_type, outcome");
  }
  if (field == "status") return std::string(kStatusSql);
  // As the search language understands it: every agent that took part, the root's included.
  if (field == "agent") {
    return std::string("unnest(list_distinct(list_append(string_split(agents, chr(31)), agent)))");
  }
  if (field == "model") return std::string("unnest(string_split(models, chr(31)))");
  if (field == "tool") return std::string("unnest(string_split(tools, chr(31)))");
  if (field == "user") return std::string("user_id");
  return field == "name" ? std::string("root_name") : field;
}

Result<RunFacets> FacetsOf(ReadView& view, const FacetQuery& q) {
  AO_ASSIGN_OR_RETURN(duck::Sql sql, SelectRuns(view.snapshot(), q.runs, kFacetColumns));
  const std::string limit = std::to_string(std::clamp<int64_t>(q.limit, 1, kMaxValues));
  std::string all =
      "SELECT -1 AS field, '' AS value, count(*) AS runs, 0::BIGINT AS errors, "
      "0::BIGINT AS n FROM m";
  RunFacets facets;
  for (const std::string& field : q.fields) {
    AO_ASSIGN_OR_RETURN(const std::string value, ValueSql(field));
    all += " UNION ALL (SELECT " + std::to_string(facets.fields.size()) +
           ", value, count(*) AS runs, count_if(error)::BIGINT, count(*) OVER () FROM (SELECT " +
           value +
           " AS value, error FROM m) WHERE value <> '' GROUP BY value ORDER BY runs DESC, "
           "value LIMIT " +
           limit + ")";
    facets.fields.push_back({field, 0, {}});
  }
  sql.text = "WITH m AS MATERIALIZED (" + sql.text +
             ") SELECT field::BIGINT, value, runs, errors, "
             "n FROM (" +
             all + ") ORDER BY field, runs DESC, value";
  AO_TRY(view.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
    const int64_t field = rows.Int(0, r);
    if (field < 0) {
      facets.runs = rows.Int(2, r);
      return;
    }
    RunFacets::Field& at = facets.fields[static_cast<size_t>(field)];
    at.distinct = rows.Int(4, r);
    at.values.push_back({std::string(rows.Text(1, r)), rows.Int(2, r), rows.Int(3, r)});
  }));
  return facets;
}

// No span begins before its run does, so the window bounds what is read of the spans as well.
Result<std::vector<ModelCalls>> ModelsOf(ReadView& view, const ModelQuery& q) {
  AO_ASSIGN_OR_RETURN(duck::Sql sql, SelectRuns(view.snapshot(), q.runs, "trace_id"));
  const std::string spans = SourceSql(
      view.snapshot(), Table::kSpans,
      "trace_id, op, status, model_answered, model_requested, duration_ns, time_to_first_token_ns",
      {q.runs.project, {q.runs.range.since, 0}, nullptr, nullptr});
  const std::string failed = std::to_string(static_cast<int>(model::StatusCode::kError));
  sql.text =
      "SELECT model, calls, errors, q[1], q[2], q[3], timed, t[1], t[2], t[3] FROM (SELECT CASE "
      "WHEN model_answered <> '' THEN model_answered ELSE model_requested END AS model, count(*) "
      "AS calls, count_if(status = " +
      failed +
      ")::BIGINT AS errors, quantile_disc(duration_ns, [0.5, 0.95, 0.99]) AS q, "
      "count(time_to_first_token_ns) AS timed, quantile_disc(time_to_first_token_ns, [0.5, 0.95, "
      "0.99]) AS t FROM " +
      spans + " WHERE op = " + std::to_string(static_cast<int>(model::Op::kLlm)) +
      " AND trace_id IN (" + sql.text +
      ") GROUP BY 1) WHERE model <> '' ORDER BY calls DESC, model LIMIT " +
      std::to_string(std::clamp<int64_t>(q.models, 1, kMaxValues));
  std::vector<ModelCalls> models;
  AO_TRY(view.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
    const auto quantiles = [&](size_t first) {
      const auto at = [&](size_t i) { return static_cast<double>(rows.Int(first + i, r)); };
      return Quantiles{at(0), at(1), at(2)};
    };
    models.push_back({std::string(rows.Text(0, r)), rows.Int(1, r), rows.Int(2, r), quantiles(3),
                      rows.Int(6, r), quantiles(7)});
  }));
  return models;
}

}  // namespace
}  // namespace local

Result<RunFacets> LocalStore::Impl::Facets(const FacetQuery& query) {
  AO_TRY(CheckProject(query.runs.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  return local::FacetsOf(*view, query);
}

Result<std::vector<ModelCalls>> LocalStore::Impl::Models(const ModelQuery& query) {
  AO_TRY(CheckProject(query.runs.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  return local::ModelsOf(*view, query);
}

}  // namespace ao::storage
