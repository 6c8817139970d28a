#include "storage/local/run_conditions.h"

#include "storage/local/run_filter.h"

namespace ao::storage::local {
namespace {

// A name in a joined list: exactly, or by prefix.
void AddListMatch(duck::Sql* sql, std::string_view condition, std::string_view column,
                  const std::string& pattern) {
  if (pattern.empty()) return;
  const bool prefix = pattern.back() == '*';
  const std::string needle =
      "\x1f" + (prefix ? pattern.substr(0, pattern.size() - 1) : pattern + "\x1f");
  sql->Add(condition).Add("contains(").Add(column).Add(", ").Bind(needle).Add(")");
}

template <typename T>
void AddBounds(duck::Sql* sql, std::string_view column, const Bounds<T>& bounds) {
  if (bounds.min) sql->Add(" AND ").Add(column).Add(" >= ").Bind(*bounds.min);
  if (bounds.max) sql->Add(" AND ").Add(column).Add(" <= ").Bind(*bounds.max);
}

Status AddConditions(const RunQuery& q, duck::Sql* sql) {
  AddMatch(sql, "service", q.service);
  AddMatch(sql, "environment", q.environment);
  AddMatch(sql, "session", q.session);
  AddMatch(sql, "user_id", q.user);
  AddMatch(sql, "query_type", q.query_type);
  if (!q.agent.empty()) {
    sql->Add(" AND (true");
    AddMatch(sql, "agent", q.agent);
    AddListMatch(sql, " OR ", "agents", q.agent);
    sql->Add(")");
  }
  AddListMatch(sql, " AND ", "models", q.model);
  AddListMatch(sql, " AND ", "tools", q.tool);
  if (q.status == "error") {
    sql->Add(" AND error");
  } else if (q.status == "ok") {
    sql->Add(" AND NOT error AND completeness <> 0");
  } else if (q.status == "live") {
    sql->Add(" AND completeness = 0");
  } else if (!q.status.empty()) {
    return InvalidArgument("cannot filter runs by status '" + q.status +
                           "': it is one of ok, error, live");
  }
  AddBounds(sql, "duration_ns", q.duration);
  AddBounds(sql, "cost_usd", q.cost);
  AddBounds(sql, "total_tokens", q.tokens);
  AddBounds(sql, "steps", q.steps);
  if (!q.text.empty()) {
    sql->Add(" AND (false");
    for (const char* column : {"root_name", "input_preview", "output_preview", "error_message"}) {
      sql->Add(" OR contains(lower(").Add(column).Add("), lower(").Bind(q.text).Add("))");
    }
    sql->Add(")");
  }
  if (!q.trace_ids.empty()) {
    sql->Add(" AND trace_id IN (");
    for (size_t i = 0; i < q.trace_ids.size(); ++i) {
      sql->Add(i == 0 ? "" : ", ").Add(UuidLiteral(q.trace_ids[i]));
    }
    sql->Add(")");
  }
  return OkStatus();
}

}  // namespace

Result<duck::Sql> SelectRuns(const Snapshot& snapshot, const RunQuery& q,
                             std::string_view columns) {
  const Scope scope{q.project, Narrowed(q.range, q.filter), nullptr, nullptr};
  duck::Sql sql("SELECT ");
  sql.Add(columns).Add(" FROM ");
  sql.Add(SourceSql(snapshot, Table::kRuns, ColumnList(Table::kRuns), scope)).Add(" WHERE true");
  AO_TRY(AddConditions(q, &sql));
  sql.Add(" AND ");
  AddFilter(q.filter,
            SourceSql(snapshot, Table::kSpans, "trace_id, attributes",
                      {q.project, {scope.range.since, 0}, nullptr, nullptr}),
            &sql);
  return sql;
}

}  // namespace ao::storage::local
