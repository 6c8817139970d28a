#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "storage/local/impl.h"

// What happens in the background: seals by age, retention, the physical part of deletion, merging.

namespace ao::storage {

using local::ColdFile;
using local::Table;

namespace {

constexpr size_t kFilesToMerge = 4;

using Files = std::vector<std::shared_ptr<ColdFile>>;

constexpr size_t kFilesToMergeAnyway = 400;

bool Overlaps(const ColdFile& file, Day day) {
  return DayOf(file.meta.min_time) <= day && day <= DayOf(file.meta.max_time);
}

}  // namespace

void LocalStore::Impl::MaintenanceLoop() {
  uint64_t seals_before = 0;
  std::unique_lock lock(queue_mutex_);
  while (!stopping_) {
    maintenance_changed_.wait_for(lock, std::chrono::nanoseconds(options_.maintenance_interval),
                                  [&] { return stopping_ || maintenance_wanted_; });
    if (stopping_) return;
    maintenance_wanted_ = false;
    lock.unlock();
    // While data pours in, merging would take the processor and memory that seals need; it waits,
    // unless so many files have come together that reads suffer.
    const uint64_t seals = seals_;
    const bool busy = seals != std::exchange(seals_before, seals) &&
                      CurrentSnapshot()->files.size() < kFilesToMergeAnyway;
    const Status status = RunMaintenance(!busy);
    if (!status.ok()) {
      AO_LOG(kWarn, "store", "maintenance failed; it will be tried again", "error",
             status.message());
    }
    lock.lock();
  }
}

Status LocalStore::Impl::RunMaintenance(bool merge) {
  std::lock_guard round(maintenance_mutex_);
  Status first;
  const auto note = [&](Status status) {
    if (first.ok()) first = std::move(status);
  };
  {
    std::lock_guard lock(structure_mutex_);
    const auto hot = CurrentSnapshot()->hot.back();
    if (hot->rows > 0 && clock_.Monotonic() - hot->opened >= options_.seal_age) note(SealLocked());
    note(ApplyRetention());
  }
  if (!CurrentSnapshot()->tombstones.empty()) {
    const Result<Lsn> log_end = EndLogSegment();
    note(log_end.ok() ? PurgeDeleted(*log_end) : log_end.status());
  }
  if (merge && CurrentSnapshot()->hot.back()->rows < options_.seal_rows / 2) {
    note(MergeSmallFiles());
  }
  return first;
}

// Writes the manifest without the files that are gone and with the added ones, then lets readers
// see it. Runs that became stale since the new files were made are stale in them too. Needs the
// structure lock.
Status LocalStore::Impl::ReplaceFiles(local::Manifest manifest, const Rewriting& rewriting) {
  const std::set<uint64_t>& gone = rewriting.gone;
  std::lock_guard runs(runs_mutex_);
  manifest.stale_runs = CurrentSnapshot()->stale_runs;
  for (const uint64_t id : gone) {
    const auto stale = manifest.stale_runs.extract(id);
    if (stale.empty()) continue;
    const auto before = rewriting.snapshot->stale_runs.find(id);
    for (const local::TraceRef& t : stale.mapped()) {
      const bool left_out =
          before != rewriting.snapshot->stale_runs.end() && before->second.contains(t);
      if (left_out) continue;  // a row of it in the new files comes from another file
      for (const auto& file : rewriting.added) {
        if (file->meta.table == Table::kRuns &&
            file->index->Contains(local::TraceHash(t.project, t.trace_id))) {
          manifest.stale_runs[file->meta.id].insert(t);
        }
      }
    }
  }
  std::erase_if(manifest.files, [&](const auto& f) { return gone.contains(f.id); });
  for (const auto& file : rewriting.added) manifest.files.push_back(file->meta);
  AO_TRY(fs_.SyncDirectory(directory_ + "/segments"));
  AO_TRY(SaveManifest(std::move(manifest)));
  std::unique_lock view(view_mutex_);
  auto next = std::make_shared<local::Snapshot>(*snapshot_);
  std::erase_if(next->files, [&](const auto& file) {
    if (!gone.contains(file->meta.id)) return false;
    file->doomed = true;
    return true;
  });
  next->files.insert(next->files.end(), rewriting.added.begin(), rewriting.added.end());
  next->tombstones = manifest_.tombstones;
  next->stale_runs = manifest_.stale_runs;
  snapshot_ = std::move(next);
  return OkStatus();
}

// The day of the oldest unsealed row that may refer to content.
Result<Day> LocalStore::Impl::OldestHotDay() {
  int64_t oldest = INT64_MAX;
  for (const auto& hot : CurrentSnapshot()->hot) {
    for (const Table table : {Table::kSpans, Table::kLogs, Table::kSeries}) {
      AO_ASSIGN_OR_RETURN(
          const int64_t time,
          seal_connection_->QueryInt(
              duck::Sql("SELECT coalesce(min(" + std::string(local::SpecOf(table).time_column) +
                        "), 9223372036854775807) FROM " + hot->NameOf(table))));
      oldest = std::min(oldest, time);
    }
  }
  return static_cast<Day>(std::min<int64_t>(oldest / kDay, INT32_MAX));
}

// Drops scores from before `time`, and the rows of unsealed runs that ended before it.
Status LocalStore::Impl::ForgetBefore(Nanos time) {
  AO_TRY(scores_->DeleteBefore(time));
  std::lock_guard lock(runs_mutex_);
  const std::string old =
      CurrentSnapshot()->hot_runs + " WHERE start_ns + duration_ns < " + std::to_string(time);
  duck::Connection& c = *runs_connection_;
  std::vector<local::TraceRef> runs;
  AO_TRY(
      c.ForEachRow("SELECT project, trace_id FROM " + old, [&](const duck::Rows& rows, size_t r) {
        runs.push_back({std::string(rows.Text(0, r)), rows.Trace(1, r)});
      }));
  if (runs.empty()) return OkStatus();
  AO_TRY(c.Execute("DELETE FROM " + old));
  for (const local::TraceRef& run : runs) {
    hot_runs_.erase(local::TraceHash(run.project, run.trace_id));
    runs_.Forget(run.project, run.trace_id);
  }
  return OkStatus();
}

Status LocalStore::Impl::ApplyRetention() {
  Rewriting dropped{CurrentSnapshot(), {}, {}};
  const Files& files = dropped.snapshot->files;
  std::set<uint64_t>& gone = dropped.gone;
  Day drop_before = INT32_MIN;  // content of earlier days goes, where no row is left
  if (options_.retention_age > 0) {
    const Nanos cutoff = clock_.Now() - options_.retention_age;
    for (const auto& file : files) {
      if (file->meta.max_time < cutoff) gone.insert(file->meta.id);
    }
    drop_before = DayOf(cutoff);
  }
  if (options_.retention_bytes > 0) {
    uint64_t bytes = 0;
    std::map<Day, uint64_t> by_day;
    for (const auto& file : files) {
      if (gone.contains(file->meta.id)) continue;
      bytes += file->meta.bytes;
      by_day[DayOf(file->meta.max_time)] += file->meta.bytes;
    }
    for (const ContentFile& file : manifest_.content) {
      if (file.day < drop_before) continue;
      bytes += file.bytes;
      by_day[file.day] += file.bytes;
    }
    for (const auto& [day, size] : by_day) {
      if (bytes <= options_.retention_bytes) break;
      bytes -= size;
      drop_before = std::max(drop_before, day + 1);
      for (const auto& file : files) {
        if (DayOf(file->meta.max_time) == day) gone.insert(file->meta.id);
      }
    }
  }
  std::vector<ContentFile> content;
  for (const ContentFile& file : manifest_.content) {
    if (file.day >= drop_before) continue;
    const bool needed = std::any_of(files.begin(), files.end(), [&](const auto& segment) {
      return segment->meta.table != Table::kRuns && !gone.contains(segment->meta.id) &&
             Overlaps(*segment, file.day);
    });
    if (!needed) content.push_back(file);
  }
  if (drop_before == INT32_MIN && gone.empty()) return OkStatus();
  // Content, scores and unsealed runs stay while a row of their day does, also one that is not
  // sealed yet; none may come while they are dropped.
  std::lock_guard apply(apply_mutex_);
  AO_ASSIGN_OR_RETURN(const Day oldest, OldestHotDay());
  std::erase_if(content, [&](const ContentFile& file) { return file.day >= oldest; });
  Status status;
  if (!gone.empty() || !content.empty()) {
    local::Manifest next = manifest_;
    for (const ContentFile& file : content) std::erase(next.content, file);
    AO_TRY(ReplaceFiles(std::move(next), dropped));
    AO_LOG(kInfo, "store", "retention dropped files", "segments", gone.size(), "content",
           content.size());
    if (!content.empty()) status = content_->Drop(content);
  }
  AO_TRY(ForgetBefore(std::min<Nanos>({drop_before, oldest, INT64_MAX / kDay}) * kDay));
  return status;
}

Status LocalStore::Impl::PurgeDeleted(Lsn log_end) {
  Rewriting rewriting;
  {
    std::lock_guard lock(structure_mutex_);
    // Sealing leaves deleted rows out, and frees the log segments that still have them.
    // The rows of open runs are written again in any case.
    AO_TRY(SealEverythingLocked(true));
    if (manifest_.sealed_before < log_end) return OkStatus();
    AO_TRY(wal_->EraseBefore(manifest_.sealed_before));
    rewriting.snapshot = CurrentSnapshot();
  }
  const auto doom = [&](Status status) {
    for (const auto& file : rewriting.added) file->doomed = true;
    return status;
  };
  // Only maintenance removes files, so those of the snapshot stay without the lock.
  if (Status status = RewriteDeleted(&rewriting); !status.ok()) return doom(std::move(status));
  std::lock_guard lock(structure_mutex_);
  local::Manifest next = manifest_;
  std::set<std::pair<std::string, Day>> partitions;
  std::erase_if(next.tombstones, [&](const local::Tombstone& t) {
    if (t.sequence >= log_end) return false;
    for (const Day day : t.days) partitions.emplace(t.project, day);
    return true;
  });
  Status status = RewriteContent(partitions, rewriting, std::move(next));
  return status.ok() || !manifest_is_sure_ ? status : doom(std::move(status));
}

// Writes every file that has deleted or stale rows again without them.
Status LocalStore::Impl::RewriteDeleted(Rewriting* rewriting) {
  const local::Snapshot& snapshot = *rewriting->snapshot;
  duck::Connection& c = *maintenance_connection_;
  for (const auto& file : snapshot.files) {
    const Table table = file->meta.table;
    const std::string live = table == Table::kRuns ? local::CurrentSql(snapshot, file->meta.id)
                                                   : local::LiveSql(snapshot, table, nullptr);
    if (live.empty()) continue;
    const std::string rows = " FROM " + local::ReadFileSql(*file) + " WHERE true" + live;
    AO_ASSIGN_OR_RETURN(const int64_t kept, c.QueryInt(duck::Sql("SELECT count(*)" + rows)));
    if (static_cast<uint64_t>(kept) == file->meta.rows) continue;
    rewriting->gone.insert(file->meta.id);
    if (kept == 0) continue;
    AO_ASSIGN_OR_RETURN(auto rewritten,
                        WriteFile(c, table, "SELECT " + local::ColumnList(table) + rows));
    if (rewritten != nullptr) rewriting->added.push_back(std::move(rewritten));
  }
  return OkStatus();
}

// Writes the content of the partitions again, only what the sealed rows that remain refer to, and
// replaces all the files at once. Needs the structure lock.
Status LocalStore::Impl::RewriteContent(const std::set<std::pair<std::string, Day>>& partitions,
                                        const Rewriting& rewriting, local::Manifest next) {
  Files remaining = rewriting.added;
  for (const auto& file : CurrentSnapshot()->files) {
    if (!rewriting.gone.contains(file->meta.id)) remaining.push_back(file);
  }
  std::vector<std::pair<std::pair<std::string, Day>, std::vector<ContentFile>>> replaced;
  const auto rewrite = [&]() -> Status {
    for (const auto& [project, day] : partitions) {
      AO_ASSIGN_OR_RETURN(const auto live, LiveContent(remaining, project, day));
      AO_ASSIGN_OR_RETURN(auto files, content_->Rewrite(project, day, live));
      std::erase_if(next.content, [&, p = &project, d = day](const ContentFile& f) {
        return f.project == *p && f.day == d;
      });
      next.content.insert(next.content.end(), files.begin(), files.end());
      replaced.emplace_back(std::pair(project, day), std::move(files));
    }
    return ReplaceFiles(std::move(next), rewriting);
  };
  if (Status status = rewrite(); !status.ok()) {
    for (const auto& [partition, files] : replaced) {
      if (!manifest_is_sure_) break;  // it may name the new files
      std::vector<ContentFile> old;
      for (const ContentFile& f : manifest_.content) {
        if (f.project == partition.first && f.day == partition.second) old.push_back(f);
      }
      (void)content_->Replace(partition.first, partition.second, old);
    }
    return status;
  }
  for (const auto& [partition, files] : replaced) {
    AO_TRY(content_->Replace(partition.first, partition.second, files));
  }
  return OkStatus();
}

Result<std::vector<ContentAddress>> LocalStore::Impl::LiveContent(const Files& files,
                                                                  const std::string& project,
                                                                  Day day) {
  std::vector<ContentAddress> live;
  for (const auto& file : files) {
    const Table table = file->meta.table;
    if (table == Table::kRuns || table == Table::kPoints || !Overlaps(*file, day)) continue;
    const std::string time = local::SpecOf(table).time_column;
    AO_ASSIGN_OR_RETURN(
        auto rows, seal_connection_->Query("SELECT DISTINCT content_refs FROM " +
                                           local::ReadParquetSql({file->FullPath()}) +
                                           " WHERE project = " + duck::Quote(project) + " AND " +
                                           time + " >= " + std::to_string(day * kDay) + " AND " +
                                           time + " < " + std::to_string((day + 1) * kDay)));
    for (;;) {
      AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) break;
      for (size_t r = 0; r < rows->size(); ++r) {
        const std::string_view bytes = rows->Text(0, r);
        for (size_t at = 0; at + sizeof(ContentAddress) <= bytes.size();
             at += sizeof(ContentAddress)) {
          ContentAddress address;
          std::memcpy(static_cast<void*>(&address), bytes.data() + at, sizeof(address));
          live.push_back(address);
        }
      }
    }
  }
  std::sort(live.begin(), live.end());
  live.erase(std::unique(live.begin(), live.end()), live.end());
  return live;
}

// One merge a round: the smallest files of one table and day.
Status LocalStore::Impl::MergeSmallFiles() {
  std::map<std::pair<Table, Day>, Files> groups;
  for (const auto& file : CurrentSnapshot()->files) {
    const Day day = DayOf(file->meta.min_time);
    if (day != DayOf(file->meta.max_time)) continue;
    if (file->meta.rows > options_.merge_max_rows / 2) continue;
    groups[{file->meta.table, day}].push_back(file);
  }
  for (auto& [key, files] : groups) {
    if (files.size() < kFilesToMerge) continue;
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a->meta.rows < b->meta.rows; });
    uint64_t rows = 0;
    size_t count = 0;
    while (count < files.size() && rows + files[count]->meta.rows <= options_.merge_max_rows) {
      rows += files[count++]->meta.rows;
    }
    if (count < 2) continue;
    files.resize(count);
    return MergeFiles(files);
  }
  return OkStatus();
}

// Without the structure lock: seals do not wait for it, and only maintenance removes files.
Status LocalStore::Impl::MergeFiles(const Files& files) {
  const Table table = files.front()->meta.table;
  Rewriting rewriting{CurrentSnapshot(), {}, {}};
  std::string union_all;
  for (const auto& file : files) {
    rewriting.gone.insert(file->meta.id);
    union_all += (union_all.empty() ? "" : " UNION ALL ") + std::string("SELECT ") +
                 local::ColumnList(table) + " FROM " + local::ReadFileSql(*file) + " WHERE true" +
                 local::CurrentSql(*rewriting.snapshot, file->meta.id);
  }
  if (table == Table::kSeries) {
    union_all = "SELECT DISTINCT ON (project, series_id) * FROM (" + union_all + ")";
  }
  AO_ASSIGN_OR_RETURN(auto merged, WriteFile(*maintenance_connection_, table, union_all));
  if (merged != nullptr) rewriting.added.push_back(merged);
  std::lock_guard lock(structure_mutex_);
  const Status status = ReplaceFiles(manifest_, rewriting);
  if (!status.ok() && merged != nullptr && manifest_is_sure_) merged->doomed = true;
  return status;
}

}  // namespace ao::storage
