#include <cstdio>
#include <utility>

#include "base/log.h"
#include "storage/local/impl.h"
#include "storage/local/sealing.h"

// Sealing: new tables take over, the old ones are written as sorted Parquet files, one per table
// and day, the manifest names them, the write-ahead log is cut.

namespace ao::storage {

using local::ColdFile;
using local::Table;

namespace {

constexpr size_t kDaysWithOwnFile = 31;
constexpr Table kHotTables[] = {Table::kSpans, Table::kLogs, Table::kPoints, Table::kSeries};

// Rows of a file are sorted; groups this large are what a lookup by id reads.
constexpr int kRowGroup = 8'192;

std::string SealedColumns(Table table) {
  std::string columns = local::ColumnList(table);
  if (table == Table::kSpans) {
    columns += ", ('0x' || left(replace(trace_id::VARCHAR, '-', ''), 16))::UBIGINT AS trace_high";
  }
  return columns;
}

}  // namespace

void LocalStore::Impl::SealLoop() {
  std::unique_lock lock(queue_mutex_);
  while (!stopping_) {
    if (!seal_wanted_) {
      seal_changed_.wait(lock, [&] { return stopping_ || seal_wanted_; });
      continue;
    }
    seal_wanted_ = false;
    lock.unlock();
    const Status status = Seal();
    lock.lock();
    seal_failing_ = !status.ok();
    seal_changed_.notify_all();
    if (!status.ok()) {
      AO_LOG(kWarn, "store", "sealing failed; it will be tried again", "error", status.message());
      seal_changed_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
      seal_wanted_ = true;
    }
  }
}

Status LocalStore::Impl::Seal() {
  std::lock_guard lock(structure_mutex_);
  return SealEverythingLocked();
}

// A seal that failed before is finished first; what came since needs another one.
Status LocalStore::Impl::SealEverythingLocked(bool even_if_nothing_is_new) {
  if (sealing_ != nullptr) AO_TRY(SealLocked());
  return SealLocked(even_if_nothing_is_new);
}

Status LocalStore::Impl::SaveManifest(local::Manifest next) {
  next.next_file = next_file_;
  if (Status status = local::SaveManifest(fs_, directory_, next); !status.ok()) {
    // Not replaced (disk full): nothing happened. Else it may or may not survive a crash.
    const auto text = ReadFile(fs_, directory_ + "/MANIFEST");
    manifest_is_sure_ = manifest_is_sure_ && text.ok() && *text == local::EncodeManifest(manifest_);
    return status;
  }
  manifest_is_sure_ = true;
  manifest_ = std::move(next);
  return OkStatus();
}

Status LocalStore::Impl::SealLocked(bool even_if_nothing_is_new) {
  const Nanos start = clock_.Monotonic();
  if (sealing_ == nullptr) {
    auto sealing = std::make_unique<Sealing>();
    AO_TRY(SwitchTables(sealing.get(), even_if_nothing_is_new));
    if (sealing->tables == nullptr) return OkStatus();  // nothing new
    sealing_ = std::move(sealing);
  }
  const auto write = [&]() -> Status {
    if (!sealing_->listed) {
      for (const Table table : kHotTables) AO_TRY(WriteTable(sealing_.get(), table));
      if (!sealing_->content) {
        AO_ASSIGN_OR_RETURN(sealing_->content, content_->WriteFrozen());
      }
      AO_TRY(WriteRuns(sealing_.get()));
      AO_TRY(fs_.SyncDirectory(directory_ + "/segments"));
    }
    return Publish(sealing_.get());
  };
  const Status status = write();
  if (!status.ok()) {
    if (!sealing_->listed) {
      for (const auto& file : sealing_->files) file->doomed = true;
      sealing_->files.clear();
      if (sealing_->open_runs != nullptr) sealing_->open_runs->doomed = true;
      sealing_->open_runs.reset();
    }
    return status.WithContext("cannot seal");
  }
  sealing_.reset();
  ++seals_;
  last_seal_duration_ = clock_.Monotonic() - start;
  {
    std::lock_guard queue(queue_mutex_);
    seal_failing_ = false;
  }
  seal_changed_.notify_all();
  return wal_ == nullptr ? OkStatus() : wal_->TruncateBefore(manifest_.sealed_before);
}

Status LocalStore::Impl::CreateTables(local::HotTables* tables) {
  for (const Table table : kHotTables) {
    AO_TRY(apply_connection_->Execute(local::CreateTableSql(table, tables->NameOf(table))));
    AO_ASSIGN_OR_RETURN(appenders_[static_cast<size_t>(table)],
                        duck::Appender::Create(*apply_connection_, tables->NameOf(table),
                                               local::ColumnTypes(table)));
  }
  return OkStatus();
}

Status LocalStore::Impl::SwitchTables(Sealing* sealing, bool even_if_nothing_is_new) {
  std::lock_guard lock(apply_mutex_);
  // Frames without new rows (duplicates) count too: the log must not keep them for ever.
  if (hot_->rows == 0 && applied_ < manifest_.sealed_before && !even_if_nothing_is_new) {
    return OkStatus();
  }
  auto fresh = std::make_shared<local::HotTables>(hot_->id + 1);
  AO_TRY(CreateTables(fresh.get()));
  content_->Freeze();
  sealing->tables = hot_;
  sealing->before = std::max(applied_ + 1, manifest_.sealed_before);
  sealing_index_ = std::move(index_);
  index_ = {};
  hot_ = fresh;
  std::unique_lock view(view_mutex_);
  auto next = std::make_shared<local::Snapshot>(*snapshot_);
  next->hot.push_back(std::move(fresh));
  snapshot_ = std::move(next);
  return OkStatus();
}

Status LocalStore::Impl::WriteTable(Sealing* sealing, Table table) {
  const local::TableSpec& spec = local::SpecOf(table);
  const std::string source = sealing->tables->NameOf(table);
  const std::string live = " WHERE true" + local::LiveSql(*CurrentSnapshot(), table, nullptr);
  const std::string day = std::string(spec.time_column) + " // " + std::to_string(kDay);
  std::vector<int64_t> days;
  AO_TRY(seal_connection_->ForEachRow(
      "SELECT " + day + ", count(*) AS n FROM " + source + live + " GROUP BY 1 ORDER BY n DESC",
      [&](const duck::Rows& rows, size_t r) { days.push_back(rows.Int(0, r)); }));
  // A day has a file of its own, so that retention can drop it; hostile clocks share one.
  std::string others;
  for (size_t i = 0; i < days.size(); ++i) {
    std::string condition = " AND " + day + " = " + std::to_string(days[i]);
    if (i >= kDaysWithOwnFile) condition = " AND " + day + " NOT IN (" + others + ")";
    AO_ASSIGN_OR_RETURN(auto file, WriteFile(*seal_connection_, table,
                                             "SELECT * FROM " + source + live + condition));
    if (file != nullptr) sealing->files.push_back(std::move(file));
    if (i >= kDaysWithOwnFile) break;
    others.append(others.empty() ? "" : ", ") += std::to_string(days[i]);
  }
  return OkStatus();
}

Result<std::shared_ptr<ColdFile>> LocalStore::Impl::WriteFile(duck::Connection& connection,
                                                              Table table,
                                                              const std::string& select) {
  const local::TableSpec& spec = local::SpecOf(table);
  local::SegmentFile meta;
  meta.table = table;
  meta.id = next_file_++;
  char number[24];
  std::snprintf(number, sizeof(number), "%010llu", static_cast<unsigned long long>(meta.id));
  meta.path = std::string("segments/") + number + "-" + spec.name + ".parquet";
  const bool indexed = table == Table::kSpans || table == Table::kRuns;
  if (indexed) meta.index = std::string("segments/") + number + "-" + spec.name + ".traces";
  const std::string path = directory_ + "/" + meta.path;

  auto file_of = [&] { return std::make_shared<ColdFile>(fs_, directory_, meta); };
  const auto write = [&]() -> Status {
    AO_TRY(connection.Execute("COPY (SELECT " + SealedColumns(table) + " FROM (" + select +
                              ") ORDER BY " + spec.order + ") TO " + duck::Quote(path) +
                              " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE " +
                              std::to_string(kRowGroup) + ")"));
    AO_ASSIGN_OR_RETURN(auto file, fs_.Open(path, FileSystem::Mode::kReadWrite));
    AO_TRY(file->Sync());
    AO_ASSIGN_OR_RETURN(const local::FileSum sum, local::SumFile(fs_, path));
    meta.schema = local::kSchemaVersion;
    meta.bytes = sum.bytes;
    meta.checksum = sum.checksum;
    const std::string time = spec.time_column;
    AO_ASSIGN_OR_RETURN(
        auto rows, connection.Query("SELECT count(*), min(" + time + "), max(" + time + ") FROM " +
                                    local::ReadParquetSql({path})));
    AO_ASSIGN_OR_RETURN(const bool any, rows->Next());
    if (!any) return Internal("cannot read back " + meta.path);
    meta.rows = static_cast<uint64_t>(rows->Int(0, 0));
    meta.min_time = rows->Int(1, 0);
    meta.max_time = rows->Int(2, 0);
    if (!indexed) return OkStatus();
    std::vector<uint64_t> hashes;
    AO_TRY(connection.ForEachRow(
        "SELECT DISTINCT project, trace_id FROM " + local::ReadParquetSql({path}),
        [&](const duck::Rows& traces, size_t r) {
          hashes.push_back(local::TraceHash(traces.Text(0, r), traces.Trace(1, r)));
        }));
    AO_ASSIGN_OR_RETURN(const uint64_t bytes,
                        local::TraceIndex::Write(fs_, directory_ + "/" + meta.index, hashes));
    meta.bytes += bytes;
    return OkStatus();
  };
  const Status status = write();
  auto file = file_of();
  if (status.ok() && indexed) {
    auto index = local::TraceIndex::Open(directory_ + "/" + meta.index);
    if (!index.ok()) {
      file->doomed = true;
      return index.status();
    }
    file->index = std::move(*index);
  }
  if (!status.ok() || meta.rows == 0) file->doomed = true;
  if (!status.ok()) return status;
  return meta.rows == 0 ? nullptr : file;
}

// Seals the rows of runs that have been quiet and have no span in newer tables. The others go to a
// file of their own, from which the next start takes them.
Status LocalStore::Impl::WriteRuns(Sealing* sealing) {
  AO_TRY(FlushRuns());
  const Nanos quiet_since = clock_.Now() - options_.run_settle;
  const auto snapshot = CurrentSnapshot();
  std::string settled = "(completeness <> 0 AND last_arrival_ns < " + std::to_string(quiet_since);
  for (const auto& hot : snapshot->hot) {
    if (hot->id <= sealing->tables->id) continue;
    settled += " AND (project, trace_id) NOT IN (SELECT (project, trace_id) FROM " +
               hot->NameOf(Table::kSpans) + ")";
  }
  settled += ")";
  const std::string all = "SELECT * FROM " + snapshot->hot_runs + " WHERE ";
  // One state of the table for both.
  AO_TRY(seal_connection_->Execute("BEGIN TRANSACTION"));
  Status status = WriteSettledRuns(sealing, all + settled);
  if (status.ok()) {
    auto file = WriteFile(*seal_connection_, Table::kRuns, all + "NOT " + settled);
    status = file.status();
    if (file.ok()) sealing->open_runs = std::move(*file);
  }
  (void)seal_connection_->Execute("ROLLBACK");
  return status;
}

Status LocalStore::Impl::WriteSettledRuns(Sealing* sealing, const std::string& settled) {
  const std::string day = "start_ns // " + std::to_string(kDay);
  std::vector<int64_t> days;
  AO_TRY(seal_connection_->ForEachRow(
      "SELECT DISTINCT " + day + " FROM (" + settled + ") ORDER BY 1 DESC",
      [&](const duck::Rows& rows, size_t r) { days.push_back(rows.Int(0, r)); }));
  for (size_t i = 0; i < days.size() && i <= kDaysWithOwnFile; ++i) {
    const bool rest = i == kDaysWithOwnFile;
    AO_ASSIGN_OR_RETURN(auto file,
                        WriteFile(*seal_connection_, Table::kRuns,
                                  "SELECT * FROM (" + settled + ") WHERE " + day +
                                      (rest ? " <= " : " = ") + std::to_string(days[i])));
    if (file != nullptr) sealing->files.push_back(std::move(file));
  }
  return OkStatus();
}

Status LocalStore::Impl::KeepUnsealedRuns(const Sealing& sealing, const std::string& new_runs,
                                          local::Manifest* next, HashSet<uint64_t>* hot_runs) {
  const auto current = CurrentSnapshot();
  std::vector<std::string> run_files;
  for (const auto& file : sealing.files) {
    if (file->meta.table == Table::kRuns) run_files.push_back(file->FullPath());
  }
  std::string keep = "SELECT * FROM " + current->hot_runs;
  if (!run_files.empty()) {
    keep +=
        " WHERE (project, trace_id, version) NOT IN (SELECT (project, trace_id, version) FROM " +
        local::ReadParquetSql(run_files) + ")";
  }
  duck::Connection& c = *runs_connection_;
  AO_TRY(c.Execute(local::CreateTableSql(Table::kRuns, new_runs)));
  AO_TRY(c.Execute("INSERT INTO " + new_runs + " " + keep));
  AO_TRY(c.Execute("DROP TABLE " + current->hot_runs));
  AO_ASSIGN_OR_RETURN(auto rows, c.Query("SELECT project, trace_id FROM " + new_runs));
  next->stale_runs = current->stale_runs;
  if (open_runs_ != nullptr) next->stale_runs.erase(open_runs_->meta.id);
  next->changed_runs.clear();
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return OkStatus();
    for (size_t r = 0; r < rows->size(); ++r) {
      const uint64_t hash = local::TraceHash(rows->Text(0, r), rows->Trace(1, r));
      hot_runs->insert(hash);
      const auto ref = [&] {
        return local::TraceRef{std::string(rows->Text(0, r)), rows->Trace(1, r)};
      };
      bool has_sealed_spans = false;
      for (const auto& file : sealing.files) {
        if (file->index == nullptr || !file->index->Contains(hash)) continue;
        if (file->meta.table == Table::kSpans) has_sealed_spans = true;
        // It changed since its row was written, and hides that row.
        if (file->meta.table == Table::kRuns) next->stale_runs[file->meta.id].insert(ref());
      }
      if (sealing.open_runs != nullptr && sealing.open_runs->index->Contains(hash)) continue;
      if (has_sealed_spans || current->HasSealedSpans(rows->Text(0, r), rows->Trace(1, r))) {
        next->changed_runs.push_back(ref());
      }
    }
  }
}

Status LocalStore::Impl::Publish(Sealing* sealing) {
  // Runs that are sealed now leave the hot table; a run that changed since stays, and hides its
  // sealed row.
  std::unique_lock runs(runs_mutex_);
  AO_TRY(FlushRunsLocked());
  const std::string new_runs = "hot_runs_" + std::to_string(++next_runs_table_);
  duck::Connection& c = *runs_connection_;
  AO_TRY(c.Execute("BEGIN TRANSACTION"));
  HashSet<uint64_t> hot_runs;
  const auto prepare = [&]() -> Status {
    local::Manifest next = manifest_;
    AO_TRY(KeepUnsealedRuns(*sealing, new_runs, &next, &hot_runs));
    for (const Table table : kHotTables) {
      AO_TRY(c.Execute("DROP TABLE " + sealing->tables->NameOf(table)));
    }
    for (const auto& file : sealing->files) {
      // A seal that is tried again may be listed already.
      std::erase_if(next.files, [&](const auto& f) { return f.id == file->meta.id; });
      next.files.push_back(file->meta);
    }
    for (const ContentFile& file : *sealing->content) {
      std::erase(next.content, file);
      next.content.push_back(file);
    }
    next.open_runs.reset();
    if (sealing->open_runs != nullptr) next.open_runs = sealing->open_runs->meta;
    next.sealed_before = sealing->before;
    next.refused.erase(next.refused.begin(), next.refused.lower_bound(sealing->before));
    next.tombstones = CurrentSnapshot()->tombstones;
    sealing->listed = true;
    return SaveManifest(std::move(next));
  };
  Status status = prepare();
  if (status.ok()) {
    std::unique_lock view(view_mutex_);
    status = c.Execute("COMMIT");
    if (status.ok()) {
      auto next = std::make_shared<local::Snapshot>(*snapshot_);
      std::erase(next->hot, sealing->tables);
      next->files.insert(next->files.end(), sealing->files.begin(), sealing->files.end());
      next->hot_runs = new_runs;
      next->stale_runs = manifest_.stale_runs;
      snapshot_ = std::move(next);
    }
  }
  if (!status.ok()) {
    (void)c.Execute("ROLLBACK");
    return status;
  }
  hot_runs_ = std::move(hot_runs);
  runs.unlock();
  if (open_runs_ != nullptr) open_runs_->doomed = true;
  open_runs_ = std::move(sealing->open_runs);
  local::HotIndex older;  // freed without the lock
  {
    std::lock_guard apply(apply_mutex_);
    older = std::exchange(sealed_index_, std::move(sealing_index_));
    sealing_index_ = {};
  }
  content_->Publish(*sealing->content);
  // Runs whose rows are sealed need no state in memory; a late span brings it back.
  runs_.ForgetSettled(clock_.Now() - options_.run_settle);
  return OkStatus();
}

}  // namespace ao::storage
