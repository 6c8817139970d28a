#include "storage/local/impl.h"

// Deletion, the part that takes effect at once: a tombstone in the manifest hides the rows from
// every read. Maintenance removes them from disk.

namespace ao::storage {

using local::Table;

namespace {

Status CollectTraces(duck::Connection& c, const duck::Sql& sql, std::set<TraceId>* traces) {
  return c.ForEachRow(sql,
                      [&](const duck::Rows& rows, size_t r) { traces->insert(rows.Trace(0, r)); });
}

std::string InList(const std::set<TraceId>& traces) {
  std::string list;
  for (const TraceId& id : traces) list.append(list.empty() ? "" : ", ") += local::UuidLiteral(id);
  return "(" + list + ")";
}

// Which of the tombstone's traces have rows in `source`, and on which days.
Status CollectRows(duck::Connection& c, const std::string& source, const std::string& time,
                   local::Tombstone* tombstone, std::set<TraceId>* found) {
  return c.ForEachRow("SELECT DISTINCT trace_id, " + time + " // " + std::to_string(kDay) +
                          " FROM " + source + " WHERE trace_id IN " + InList(tombstone->traces),
                      [&](const duck::Rows& rows, size_t r) {
                        found->insert(rows.Trace(0, r));
                        tombstone->days.insert(static_cast<Day>(rows.Int(1, r)));
                      });
}

}  // namespace

// What the query names, among the rows that are readable now.
Status LocalStore::Impl::FindDeleted(const DeleteQuery& q, local::Tombstone* tombstone,
                                     std::set<TraceId>* found) {
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  duck::Connection& c = view->connection();
  const local::Scope scope{q.project, {}, nullptr, nullptr};
  const auto source = [&](Table table, const std::string& columns) {
    return local::SourceSql(view->snapshot(), table, columns, scope);
  };
  for (const auto& [column, value] :
       {std::pair("session", q.session), std::pair("user_id", q.user)}) {
    if (value.empty()) continue;
    for (const Table table : {Table::kSpans, Table::kRuns}) {
      duck::Sql sql("SELECT DISTINCT trace_id FROM " + source(table, "trace_id, session, user_id") +
                    " WHERE ");
      sql.Add(column).Add(" = ").Bind(value);
      AO_TRY(CollectTraces(c, sql, &tombstone->traces));
    }
  }
  tombstone->traces.insert(q.trace_ids.begin(), q.trace_ids.end());
  tombstone->traces.erase(TraceId{});
  if (tombstone->traces.empty()) return OkStatus();
  for (const Table table : {Table::kSpans, Table::kLogs}) {
    const std::string time = local::SpecOf(table).time_column;
    AO_TRY(CollectRows(c, source(table, "trace_id, " + time), time, tombstone, found));
  }
  return OkStatus();
}

// The same among the rows that became readable since. Needs the structure, apply and runs locks.
Status LocalStore::Impl::FindDeletedSince(Lsn seen, local::Tombstone* tombstone,
                                          std::set<TraceId>* found) {
  tombstone->sequence = applied_;
  if (applied_ == seen) return OkStatus();
  for (const Table table : {Table::kSpans, Table::kLogs}) {
    const std::string source = "(SELECT * FROM " + hot_->NameOf(table) +
                               " WHERE project = " + duck::Quote(tombstone->project) +
                               " AND seq > " + std::to_string(seen) + ")";
    AO_TRY(
        CollectRows(*runs_connection_, source, local::SpecOf(table).time_column, tombstone, found));
  }
  return OkStatus();
}

Result<DeleteReport> LocalStore::Impl::Delete(const DeleteQuery& q) {
  AO_TRY(CheckProject(q.project));
  if (q.trace_ids.empty() && q.session.empty() && q.user.empty()) {
    return InvalidArgument("cannot delete: name traces, a session or a user");
  }
  std::lock_guard structure(structure_mutex_);
  if (sealing_ != nullptr) AO_TRY(SealLocked());  // else its files would have the rows again
  local::Tombstone tombstone{q.project, 0, {}, {}};
  std::set<TraceId> found;
  Lsn seen = 0;
  {
    std::lock_guard apply(apply_mutex_);
    seen = applied_;
  }
  AO_TRY(FindDeleted(q, &tombstone, &found));
  // First, because a deletion that is tried again must still find their traces.
  AO_TRY(scores_->DeleteTraces(q.project, tombstone.traces));
  if (!q.session.empty()) AO_TRY(scores_->DeleteSession(q.project, q.session));
  if (tombstone.traces.empty()) return DeleteReport{};

  std::lock_guard apply(apply_mutex_);
  std::lock_guard runs(runs_mutex_);
  AO_TRY(FindDeletedSince(seen, &tombstone, &found));
  const auto current = CurrentSnapshot();
  local::Manifest next = manifest_;
  next.stale_runs = current->stale_runs;
  for (const TraceId& id : tombstone.traces) {
    const uint64_t hash = local::TraceHash(q.project, id);
    for (const auto& file : current->files) {
      if (file->meta.table == Table::kRuns && file->index->Contains(hash)) {
        next.stale_runs[file->meta.id].insert({q.project, id});
      }
    }
    if (open_runs_ != nullptr && open_runs_->index->Contains(hash)) {
      next.stale_runs[open_runs_->meta.id].insert({q.project, id});
    }
  }
  next.tombstones.push_back(tombstone);
  AO_TRY(SaveManifest(std::move(next)));
  for (const TraceId& id : tombstone.traces) {
    runs_.Forget(q.project, id);
    hot_runs_.erase(local::TraceHash(q.project, id));
  }
  std::erase_if(pending_runs_, [&](const model::Run& run) {
    return run.project == q.project && tombstone.traces.contains(run.trace_id);
  });
  AO_TRY(runs_connection_->Execute("DELETE FROM " + current->hot_runs +
                                   " WHERE project = " + duck::Quote(q.project) +
                                   " AND trace_id IN " + InList(tombstone.traces)));
  // Spans of these traces that come later are new.
  const uint32_t project = ProjectNumber(q.project);
  for (local::HotIndex* index : {&index_, &sealing_index_, &sealed_index_}) {
    erase_if(index->spans, [&](const local::SpanKey& key) {
      return key.project == project && tombstone.traces.contains(key.trace_id);
    });
    erase_if(index->traces, [&](const auto& entry) {
      return entry.first.project == project && tombstone.traces.contains(entry.first.trace_id);
    });
  }
  {
    std::unique_lock view(view_mutex_);
    auto updated = std::make_shared<local::Snapshot>(*snapshot_);
    updated->tombstones = manifest_.tombstones;
    updated->stale_runs = manifest_.stale_runs;
    snapshot_ = std::move(updated);
  }
  {
    std::lock_guard lock(queue_mutex_);
    maintenance_wanted_ = true;
    maintenance_changed_.notify_all();
  }
  return DeleteReport{static_cast<int64_t>(found.size())};
}

}  // namespace ao::storage
