#include <algorithm>
#include <bit>
#include <charconv>
#include <map>
#include <vector>

#include "storage/local/impl.h"

// What agents and users did, over their runs and spans.

namespace ao::storage {

using local::Table;

namespace {

constexpr int64_t kMaxPage = 10'000;

class AgentReader {
 public:
  AgentReader(local::ReadView& view, const AgentQuery& query) : view_(view), query_(query) {}

  Result<AgentPage> Read() {
    AO_TRY(ReadRuns());
    AO_TRY(ReadUsage());
    AO_TRY(ReadSpans());
    AO_TRY(ReadVersions());
    AgentPage page;
    for (auto& [name, agent] : agents_) page.agents.push_back(std::move(agent));
    page.total = static_cast<int64_t>(page.agents.size());
    std::stable_sort(page.agents.begin(), page.agents.end(),
                     [](const AgentRow& a, const AgentRow& b) { return a.last > b.last; });
    const int64_t limit = std::clamp<int64_t>(query_.limit, 0, kMaxPage);
    if (page.total > limit) page.agents.resize(static_cast<size_t>(limit));
    return page;
  }

 private:
  std::string Source(Table table, std::string_view columns) const {
    return local::SourceSql(view_.snapshot(), table, columns,
                            {query_.project, query_.range, nullptr, nullptr});
  }
  // `select` over rows that have a column `name`, grouped as `group` says.
  duck::Sql Grouped(const std::string& select, const std::string& from,
                    const std::string& group) const {
    duck::Sql sql("SELECT " + select + " FROM (" + from + ") WHERE name <> ''");
    local::AddMatch(&sql, "name", query_.agent);
    sql.Add(" GROUP BY " + group);
    return sql;
  }
  AgentRow& Agent(std::string_view name) {
    AgentRow& agent = agents_[std::string(name)];
    agent.agent = name;
    return agent;
  }

  Status ReadRuns() {
    const std::string names =
        "SELECT unnest(list_distinct(list_append(string_split(agents, chr(31)), agent))) AS name, "
        "start_ns, duration_ns, error FROM " +
        Source(Table::kRuns, "agents, agent, start_ns, duration_ns, error");
    return view_.connection().ForEachRow(
        Grouped("name, count(*)::BIGINT, count_if(error)::BIGINT, min(start_ns), "
                "max(start_ns + duration_ns)::BIGINT",
                names, "name"),
        [&](const duck::Rows& rows, size_t r) {
          AgentRow& agent = Agent(rows.Text(0, r));
          agent.runs = rows.Int(1, r);
          agent.failed_runs = rows.Int(2, r);
          agent.first = rows.Int(3, r);
          agent.last = rows.Int(4, r);
        });
  }

  Status ReadUsage() {
    const std::string parts = "SELECT p.agent AS name, p FROM (SELECT unnest(usage) AS p FROM " +
                              Source(Table::kRuns, "usage") + ")";
    return view_.connection().ForEachRow(
        Grouped("name, sum(p.calls)::BIGINT, sum(p.input_tokens)::BIGINT, "
                "sum(p.output_tokens)::BIGINT, sum(p.total_tokens)::BIGINT, "
                "round(fsum(p.cost_usd), 12)",
                parts, "name"),
        [&](const duck::Rows& rows, size_t r) {
          AgentRow& agent = Agent(rows.Text(0, r));
          agent.model_calls = rows.Int(1, r);
          agent.input_tokens = rows.Int(2, r);
          agent.output_tokens = rows.Int(3, r);
          agent.total_tokens = rows.Int(4, r);
          agent.cost_usd = rows.Double(5, r);
        });
  }

  Status ReadSpans() {
    const std::string spans =
        "SELECT CASE WHEN agent_name <> '' THEN agent_name WHEN agent_role <> '' THEN agent_role "
        "ELSE service END AS name, duration_ns, status FROM " +
        Source(Table::kSpans, "agent_name, agent_role, service, duration_ns, status, op") +
        " WHERE op = " + std::to_string(static_cast<int>(model::Op::kAgent));
    const std::string failed = std::to_string(static_cast<int>(model::StatusCode::kError));
    return view_.connection().ForEachRow(
        Grouped("name, count(*)::BIGINT, count_if(status = " + failed +
                    ")::BIGINT, quantile_disc(duration_ns, 0.5), "
                    "quantile_disc(duration_ns, 0.95)",
                spans, "name"),
        [&](const duck::Rows& rows, size_t r) {
          AgentRow& agent = Agent(rows.Text(0, r));
          agent.invocations = rows.Int(1, r);
          agent.errors = rows.Int(2, r);
          agent.p50 = rows.Int(3, r);
          agent.p95 = rows.Int(4, r);
        });
  }

  Status ReadVersions() {
    const std::string versions =
        "SELECT v.agent AS name, v, start_ns FROM (SELECT unnest(agent_versions) AS v, start_ns "
        "FROM " +
        Source(Table::kRuns, "agent_versions, start_ns") + ")";
    duck::Sql sql = Grouped(
        "name, v.id, any_value(v.service_version), any_value(v.model), any_value(v.setup), "
        "min(start_ns), max(start_ns) AS last, count(*)::BIGINT",
        versions, "name, v.id");
    sql.Add(" ORDER BY last DESC, v.id");
    return view_.connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
      AgentVersionRow row;
      const auto text = [&](size_t column) { return std::string(rows.Text(column, r)); };
      row.version = {text(0), text(2), text(3), text(4), text(1)};
      row.first = rows.Int(5, r);
      row.last = rows.Int(6, r);
      row.runs = rows.Int(7, r);
      Agent(row.version.agent).versions.push_back(std::move(row));
    });
  }

  local::ReadView& view_;
  const AgentQuery& query_;
  std::map<std::string, AgentRow> agents_;
};

const char* SortColumn(UserSort sort) {
  switch (sort) {
    case UserSort::kLast: return "last_ns";
    case UserSort::kCost: return "cost";
    case UserSort::kTokens: return "tokens";
    case UserSort::kRuns: return "runs";
    case UserSort::kErrors: return "errors";
  }
  return "last_ns";
}

// Doubles travel in cursors as their bits.
int64_t SortValue(const UserRow& user, UserSort sort) {
  switch (sort) {
    case UserSort::kLast: return user.last;
    case UserSort::kCost: return std::bit_cast<int64_t>(user.cost_usd);
    case UserSort::kTokens: return user.total_tokens;
    case UserSort::kRuns: return user.runs;
    case UserSort::kErrors: return user.errors;
  }
  return user.last;
}

UserRow ReadUser(const duck::Rows& rows, size_t r) {
  UserRow user;
  user.user = rows.Text(0, r);
  size_t column = 1;
  for (int64_t* count :
       {&user.first, &user.last, &user.sessions, &user.runs, &user.errors, &user.steps,
        &user.tool_calls, &user.input_tokens, &user.output_tokens, &user.total_tokens}) {
    *count = rows.Int(column++, r);
  }
  user.cost_usd = rows.Double(column, r);
  return user;
}

Status AddPosition(const UserQuery& q, const std::string& kind, duck::Sql* sql) {
  if (q.cursor.empty()) return OkStatus();
  AO_ASSIGN_OR_RETURN(const auto parts, local::DecodeCursor(kind, q.cursor, 2));
  int64_t value = 0;
  std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), value);
  const auto bind = [&] {
    return q.sort == UserSort::kCost ? &sql->Bind(std::bit_cast<double>(value)) : &sql->Bind(value);
  };
  const std::string column = SortColumn(q.sort);
  sql->Add(" HAVING " + column + " < ");
  bind()->Add(" OR (" + column + " = ");
  bind()->Add(" AND user_id > ").Bind(parts[1]).Add(")");
  return OkStatus();
}

}  // namespace

Result<AgentPage> LocalStore::Impl::ListAgents(const AgentQuery& q) {
  AO_TRY(CheckProject(q.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  return AgentReader(*view, q).Read();
}

Result<UserPage> LocalStore::Impl::ListUsers(const UserQuery& q) {
  AO_TRY(CheckProject(q.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  duck::Sql sql(
      "SELECT user_id, min(start_ns), max(start_ns + duration_ns)::BIGINT AS last_ns, "
      "count(DISTINCT nullif(session, ''))::BIGINT, count(*)::BIGINT AS runs, "
      "count_if(error)::BIGINT AS errors, sum(steps)::BIGINT, sum(tool_calls)::BIGINT, "
      "sum(input_tokens)::BIGINT, sum(output_tokens)::BIGINT, sum(total_tokens)::BIGINT AS tokens, "
      "round(fsum(cost_usd), 12) AS cost FROM ");
  sql.Add(local::SourceSql(view->snapshot(), Table::kRuns,
                           "user_id, session, start_ns, duration_ns, error, steps, tool_calls, "
                           "input_tokens, output_tokens, total_tokens, cost_usd",
                           {q.project, q.range, nullptr, nullptr}));
  sql.Add(" WHERE user_id <> ''");
  if (!q.text.empty()) {
    sql.Add(" AND contains(lower(user_id), lower(").Bind(q.text).Add("))");
  }
  sql.Add(" GROUP BY user_id");
  const std::string kind = "users" + std::to_string(static_cast<int>(q.sort));
  AO_TRY(AddPosition(q, kind, &sql));
  const int64_t limit = std::clamp<int64_t>(q.limit, 0, kMaxPage);
  sql.Add(" ORDER BY " + std::string(SortColumn(q.sort)) + " DESC, user_id LIMIT " +
          std::to_string(limit + 1));
  UserPage page;
  AO_TRY(view->connection().ForEachRow(
      sql, [&](const duck::Rows& rows, size_t r) { page.users.push_back(ReadUser(rows, r)); }));
  if (static_cast<int64_t>(page.users.size()) > limit) {
    page.users.pop_back();
    if (!page.users.empty()) {
      const UserRow& last = page.users.back();
      page.next_cursor =
          local::EncodeCursor(kind, {std::to_string(SortValue(last, q.sort)), last.user});
    }
  }
  return page;
}

}  // namespace ao::storage
