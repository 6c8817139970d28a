#include <bit>
#include <charconv>

#include "base/log.h"
#include "storage/local/impl.h"
#include "storage/local/run_conditions.h"

// Runs: the table of those that are not sealed, and the queries over all of them.

namespace ao::storage {

using local::Table;

namespace {

constexpr int64_t kMaxPage = 10'000;

const char* SortColumn(RunSort sort) {
  switch (sort) {
    case RunSort::kStart: return "start_ns";
    case RunSort::kDuration: return "duration_ns";
    case RunSort::kCost: return "cost_usd";
    case RunSort::kTokens: return "total_tokens";
    case RunSort::kSteps: return "steps";
    case RunSort::kSpans: return "spans";
    case RunSort::kErrors: return "errors";
  }
  return "start_ns";
}

// Orders and cursors compare doubles exactly, so they travel as their bits.
std::string SortValue(const model::Run& run, RunSort sort) {
  switch (sort) {
    case RunSort::kStart: return std::to_string(run.start);
    case RunSort::kDuration: return std::to_string(run.duration);
    case RunSort::kCost: return std::to_string(std::bit_cast<int64_t>(run.cost_usd));
    case RunSort::kTokens: return std::to_string(run.total_tokens);
    case RunSort::kSteps: return std::to_string(run.steps);
    case RunSort::kSpans: return std::to_string(run.spans);
    case RunSort::kErrors: return std::to_string(run.errors);
  }
  return {};
}

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Status AddPosition(const RunQuery& q, const std::string& kind, duck::Sql* sql) {
  if (q.cursor.empty()) return OkStatus();
  AO_ASSIGN_OR_RETURN(const auto parts, local::DecodeCursor(kind, q.cursor, 2));
  const auto value = ParseInt(parts[0]);
  const auto trace = TraceId::FromHex(parts[1]);
  if (!value || !trace) return InvalidArgument("cannot use the cursor: it is damaged");
  const std::string column = SortColumn(q.sort);
  const char* op = q.ascending ? " > " : " < ";
  duck::Parameter at = *value;
  if (q.sort == RunSort::kCost) at = std::bit_cast<double>(*value);
  sql->Add(" AND (" + column + op).Bind(at).Add(" OR (" + column + " = ").Bind(at);
  sql->Add(std::string(" AND trace_id") + op + local::UuidLiteral(*trace) + "))");
  return OkStatus();
}

}  // namespace

std::shared_ptr<const local::Snapshot> LocalStore::Impl::CurrentSnapshot() const {
  std::shared_lock lock(view_mutex_);
  return snapshot_;
}

Result<std::unique_ptr<local::ReadView>> LocalStore::Impl::View() {
  AO_ASSIGN_OR_RETURN(auto connection, pool_->Take());
  std::shared_lock lock(view_mutex_);
  AO_TRY(connection->Execute("BEGIN TRANSACTION"));
  auto view = std::make_unique<local::ReadView>(*pool_, std::move(connection), snapshot_);
  // A transaction begins with its first look at a table.
  AO_TRY(view->connection().Execute("SELECT 1 FROM " + snapshot_->hot_runs + " WHERE false"));
  return view;
}

Result<std::unique_ptr<local::ReadView>> LocalStore::Impl::ViewOfRuns() {
  AO_TRY(FlushRuns());
  return View();
}

Status LocalStore::Impl::FlushRuns() {
  std::lock_guard lock(runs_mutex_);
  return FlushRunsLocked();
}

// Brings the table of unsealed runs up to date. A run whose older row is sealed hides that row.
Status LocalStore::Impl::FlushRunsLocked() {
  for (model::Run& run : runs_.TakeChanged()) pending_runs_.push_back(std::move(run));
  if (pending_runs_.empty()) return OkStatus();
  const auto snapshot = CurrentSnapshot();
  // The newest state of each run.
  HashMap<uint64_t, const model::Run*> newest;
  for (const model::Run& run : pending_runs_) {
    const model::Run*& slot = newest[local::TraceHash(run.project, run.trace_id)];
    if (slot == nullptr || slot->version <= run.version) slot = &run;
  }
  std::map<std::string, std::string> replaced;  // by project: trace ids
  std::map<uint64_t, std::set<local::TraceRef>> stale;
  for (const auto& [hash, run] : newest) {
    if (hot_runs_.contains(hash)) {
      std::string& list = replaced[run->project];
      list.append(list.empty() ? "" : ", ") += local::UuidLiteral(run->trace_id);
      continue;
    }
    for (const auto& file : snapshot->files) {
      if (file->meta.table == Table::kRuns && file->index->Contains(hash)) {
        stale[file->meta.id].insert({run->project, run->trace_id});
      }
    }
  }
  duck::Connection& c = *runs_connection_;
  AO_TRY(c.Execute("BEGIN TRANSACTION"));
  const auto write = [&]() -> Status {
    for (const auto& [project, traces] : replaced) {
      AO_TRY(c.Execute("DELETE FROM " + snapshot->hot_runs + " WHERE project = " +
                       duck::Quote(project) + " AND trace_id IN (" + traces + ")"));
    }
    Arena arena;
    AO_ASSIGN_OR_RETURN(auto appender, duck::Appender::Create(c, snapshot->hot_runs,
                                                              local::ColumnTypes(Table::kRuns)));
    for (const auto& [hash, run] : newest) {
      AO_TRY(local::WriteRun(*run, &arena, appender.get()));
    }
    return appender->Flush();
  };
  Status status = write();
  if (status.ok() && stale.empty()) status = c.Execute("COMMIT");
  if (status.ok() && !stale.empty()) {
    std::unique_lock lock(view_mutex_);
    status = c.Execute("COMMIT");
    if (status.ok()) {
      auto next = std::make_shared<local::Snapshot>(*snapshot_);
      for (auto& [file, traces] : stale) next->stale_runs[file].merge(traces);
      snapshot_ = std::move(next);
    }
  }
  if (!status.ok()) {
    (void)c.Execute("ROLLBACK");
    return status;
  }
  for (const auto& [hash, run] : newest) hot_runs_.insert(hash);
  pending_runs_.clear();
  return OkStatus();
}

Result<RunPage> LocalStore::Impl::ListRuns(const RunQuery& q) {
  AO_TRY(CheckProject(q.project));
  const std::string kind =
      "runs" + std::to_string(static_cast<int>(q.sort)) + (q.ascending ? "a" : "d");
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  AO_ASSIGN_OR_RETURN(duck::Sql sql, local::SelectRuns(view->snapshot(), q,
                                                       local::RunColumns(RunDetail::kOverview)));
  RunPage page;
  duck::Sql count = sql;
  count.text = "SELECT count(*) FROM (" + sql.text + ")";
  AO_ASSIGN_OR_RETURN(page.total, view->connection().QueryInt(count));

  AO_TRY(AddPosition(q, kind, &sql));
  const int64_t limit = std::clamp<int64_t>(q.limit, 0, kMaxPage);
  const std::string direction = q.ascending ? " ASC" : " DESC";
  sql.Add(" ORDER BY " + std::string(SortColumn(q.sort)) + direction + ", trace_id" + direction);
  sql.Add(" LIMIT " + std::to_string(limit + 1));
  AO_TRY(view->connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) -> Status {
    AO_ASSIGN_OR_RETURN(page.runs.emplace_back(), local::ReadRun(rows, r));
    return OkStatus();
  }));
  if (static_cast<int64_t>(page.runs.size()) > limit) {
    page.runs.pop_back();
    if (!page.runs.empty()) {
      const model::Run& last = page.runs.back();
      page.next_cursor =
          local::EncodeCursor(kind, {SortValue(last, q.sort), last.trace_id.ToHex()});
    }
  }
  return page;
}

Result<model::Run> LocalStore::Impl::GetRun(const std::string& project, const TraceId& id,
                                            RunDetail detail) {
  AO_TRY(CheckProject(project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  const local::Scope scope{project, {}, &id, nullptr};
  const std::string columns = local::RunColumns(detail);
  AO_ASSIGN_OR_RETURN(
      auto rows,
      view->connection().Query("SELECT " + columns + " FROM " +
                               local::SourceSql(view->snapshot(), Table::kRuns, columns, scope) +
                               " ORDER BY version DESC LIMIT 1"));
  AO_ASSIGN_OR_RETURN(const bool found, rows->Next());
  if (!found) return NotFound("cannot find run " + id.ToHex() + " in project '" + project + "'");
  return local::ReadRun(*rows, 0);
}

Result<SessionPage> LocalStore::Impl::ListSessions(const SessionQuery& q) {
  AO_TRY(CheckProject(q.project));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  duck::Sql sql(
      "SELECT session, arg_max(user_id, start_ns), arg_max(agent, start_ns), "
      "min(start_ns), max(start_ns + duration_ns)::BIGINT AS last_ns, count(*)::BIGINT, "
      "count_if(error)::BIGINT, sum(steps)::BIGINT, sum(total_tokens)::BIGINT, "
      "round(fsum(cost_usd), 12) FROM ");
  sql.Add(local::SourceSql(view->snapshot(), Table::kRuns,
                           "session, user_id, agent, start_ns, duration_ns, error, steps, "
                           "total_tokens, cost_usd",
                           {q.project, q.range, nullptr, nullptr}));
  sql.Add(" WHERE session <> ''");
  local::AddMatch(&sql, "user_id", q.user);
  if (!q.text.empty()) {
    sql.Add(" AND (contains(lower(session), lower(").Bind(q.text).Add("))");
    sql.Add(" OR contains(lower(user_id), lower(").Bind(q.text).Add(")))");
  }
  sql.Add(" GROUP BY session");
  if (!q.cursor.empty()) {
    AO_ASSIGN_OR_RETURN(const auto parts, local::DecodeCursor("sessions", q.cursor, 2));
    const auto last = ParseInt(parts[0]);
    if (!last) return InvalidArgument("cannot use the cursor: it is damaged");
    sql.Add(" HAVING last_ns < ").Bind(*last).Add(" OR (last_ns = ").Bind(*last);
    sql.Add(" AND session > ").Bind(parts[1]).Add(")");
  }
  const int64_t limit = std::clamp<int64_t>(q.limit, 0, kMaxPage);
  sql.Add(" ORDER BY last_ns DESC, session LIMIT " + std::to_string(limit + 1));
  SessionPage page;
  AO_TRY(view->connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
    SessionRow s;
    s.session = rows.Text(0, r);
    s.user = rows.Text(1, r);
    s.agent = rows.Text(2, r);
    s.first = rows.Int(3, r);
    s.last = rows.Int(4, r);
    s.runs = rows.Int(5, r);
    s.errors = rows.Int(6, r);
    s.steps = rows.Int(7, r);
    s.total_tokens = rows.Int(8, r);
    s.cost_usd = rows.Double(9, r);
    page.sessions.push_back(std::move(s));
  }));
  if (static_cast<int64_t>(page.sessions.size()) > limit) {
    page.sessions.pop_back();
    if (!page.sessions.empty()) {
      const SessionRow& last = page.sessions.back();
      page.next_cursor = local::EncodeCursor("sessions", {std::to_string(last.last), last.session});
    }
  }
  return page;
}

}  // namespace ao::storage
