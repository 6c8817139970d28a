#include <cstring>

#include "base/log.h"
#include "storage/local/impl.h"

// Appends: callers queue batches; one thread writes and syncs what is queued as a group, another
// makes the group readable and acknowledges it, while the first writes the next group.

namespace ao::storage {

using local::SpanKey;
using local::Table;

namespace {

constexpr uint64_t kGroupBytes = 16ull << 20;
constexpr size_t kGroupBatches = 1024;
constexpr size_t kGroupsAhead = 2;  // synced groups that wait to be applied

uint64_t SizeOf(const PreparedBatch& batch) {
  return batch.batch.body.size() + batch.batch.arena.footprint() + batch.arena.footprint() +
         batch.spans.size() * sizeof(SpanRow) + batch.logs.size() * sizeof(LogRow) +
         batch.points.size() * sizeof(PointRow) + batch.contents.size() * sizeof(ContentPiece) +
         1024;
}

// Only a replayed frame can be older than a deletion.
bool IsDeleted(const local::Snapshot& snapshot, std::string_view project, Lsn lsn,
               const TraceId& trace) {
  for (const local::Tombstone& t : snapshot.tombstones) {
    if (lsn <= t.sequence && t.project == project && t.traces.contains(trace)) return true;
  }
  return false;
}

std::string_view BytesOf(const uint32_t& v) {
  return {reinterpret_cast<const char*>(&v), sizeof(v)};
}

}  // namespace

// What a group did so far; undone when it cannot be finished.
struct LocalStore::Impl::Applied {
  struct Observation {
    const Item* item;
    std::vector<const SpanRow*> spans;
  };
  std::vector<SpanKey> spans;
  std::vector<local::SeriesKey> series;
  std::vector<Observation> observations;
  uint64_t span_count = 0, log_count = 0, point_count = 0, rows = 0, bytes = 0;
};

void LocalStore::Impl::Append(PreparedBatch batch, Done done) {
  Item item{std::move(batch), std::move(done), 0, 0, {}, {}};
  item.bytes = SizeOf(item.batch);
  Status refused = CheckProject(item.batch.project);
  if (refused.ok()) {
    std::lock_guard lock(queue_mutex_);
    if (closing_) {
      refused = Unavailable("cannot store the batch: the store is closing");
    } else if (!write_error_.ok()) {
      refused = write_error_;
    } else if (queued_bytes_ != 0 && queued_bytes_ + item.bytes > options_.queue_max_bytes) {
      refused = Unavailable("cannot store the batch: the queue is full", "send it again later");
    } else {
      queued_bytes_ += item.bytes;
      queue_.push_back(std::move(item));
      queue_changed_.notify_one();
      return;
    }
  }
  item.done(std::move(refused));
}

void LocalStore::Impl::WalLoop() {
  for (;;) {
    Group group;
    {
      std::unique_lock lock(queue_mutex_);
      queue_changed_.wait(
          lock, [&] { return closing_ || ends_begun_ != ends_wanted_ || !queue_.empty(); });
      if (ends_begun_ != ends_wanted_) {
        lock.unlock();
        EndSegmentOfWal();
        continue;
      }
      if (queue_.empty()) break;
      uint64_t bytes = 0;
      while (!queue_.empty() && bytes < kGroupBytes && group.size() < kGroupBatches) {
        bytes += queue_.front().batch.batch.body.size();
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    const Status status = WriteGroup(group);
    {
      std::unique_lock lock(queue_mutex_);
      last_append_error_ = status;
      if (status.ok()) {
        groups_changed_.wait(lock, [&] { return groups_.size() < kGroupsAhead; });
        groups_.push_back(std::move(group));
        groups_changed_.notify_all();
        continue;
      }
    }
    Finish(group, status);
  }
  std::lock_guard lock(queue_mutex_);
  wal_finished_ = true;
  groups_changed_.notify_all();
}

Result<Lsn> LocalStore::Impl::EndLogSegment() {
  std::unique_lock lock(queue_mutex_);
  const uint64_t number = ++ends_wanted_;
  queue_changed_.notify_one();
  groups_changed_.wait(lock, [&] { return ends_done_ >= number || wal_finished_; });
  if (ends_done_ < number) return Unavailable("cannot end a log segment: the store is closing");
  return segment_end_;
}

void LocalStore::Impl::EndSegmentOfWal() {
  Status status;
  if (repair_needed_) status = wal_->Repair();
  if (status.ok()) {
    repair_needed_ = false;
    status = wal_->EndSegment();
  }
  std::unique_lock lock(queue_mutex_);
  ends_begun_ = ends_wanted_;
  if (!status.ok()) {
    segment_end_ = status;
    ends_done_ = ends_begun_;
  } else {
    // An empty group tells the apply thread: what came before it is readable then.
    groups_changed_.wait(lock, [&] { return groups_.size() < kGroupsAhead; });
    groups_.emplace_back();
    segment_end_ = wal_->next();
  }
  groups_changed_.notify_all();
}

Status LocalStore::Impl::WriteGroup(Group& group) {
  {
    std::lock_guard lock(queue_mutex_);
    if (!write_error_.ok()) return write_error_;
  }
  if (repair_needed_) {
    AO_TRY(wal_->Repair());
    repair_needed_ = false;
  }
  struct Head {
    uint32_t project, format;
    Nanos received;
    std::string_view parts[6];
  };
  std::vector<Head> heads(group.size());
  std::vector<std::span<const std::string_view>> frames(group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    const PreparedBatch& b = group[i].batch;
    Head& h = heads[i];
    h.project = static_cast<uint32_t>(b.project.size());
    h.format = static_cast<uint32_t>(b.wal_format.size());
    h.received = b.received;
    h.parts[0] = BytesOf(h.project);
    h.parts[1] = b.project;
    h.parts[2] = BytesOf(h.format);
    h.parts[3] = b.wal_format;
    h.parts[4] = {reinterpret_cast<const char*>(&h.received), sizeof(h.received)};
    h.parts[5] = b.batch.body;
    frames[i] = h.parts;
  }
  auto first = wal_->Append(frames);
  if (!first.ok()) {
    repair_needed_ = true;
    if (wal_->Repair().ok()) repair_needed_ = false;
    return first.status();
  }
  if (Status synced = wal_->Sync(); !synced.ok()) {
    // What the kernel kept of the pages is unknown; only a restart can find out.
    std::lock_guard lock(queue_mutex_);
    write_error_ = Internal("cannot store the batch: the disk failed: " + synced.message(),
                            "check the disk and restart");
    AO_LOG(kError, "store", "the write-ahead log cannot be synced; refusing all writes", "error",
           synced.message());
    return write_error_;
  }
  ++wal_syncs_;
  for (size_t i = 0; i < group.size(); ++i) group[i].lsn = *first + i;
  return OkStatus();
}

void LocalStore::Impl::ApplyLoop() {
  for (;;) {
    WaitForSpace();
    Group group;
    {
      std::unique_lock lock(queue_mutex_);
      groups_changed_.wait(lock, [&] { return wal_finished_ || !groups_.empty(); });
      if (groups_.empty()) break;
      group = std::move(groups_.front());
      groups_.pop_front();
      groups_changed_.notify_all();
    }
    if (group.empty()) {
      std::lock_guard lock(queue_mutex_);
      ends_done_ = ends_begun_;
      groups_changed_.notify_all();
      continue;
    }
    if (const Status status = ApplyGroup(group); !status.ok()) {
      AO_LOG(kError, "store", "a batch could not be applied", "error", status.message());
      if (const Status kept = KeepRefused(group); !kept.ok()) {
        AO_LOG(kError, "store", "a refused batch will be there after a restart", "error",
               kept.message());
      }
    }
    Finish(group, OkStatus());
    if (WantsSeal()) {
      std::lock_guard lock(queue_mutex_);
      seal_wanted_ = true;
      seal_changed_.notify_all();
    }
  }
}

void LocalStore::Impl::Finish(Group& group, const Status& status) {
  uint64_t bytes = 0;
  for (const Item& item : group) bytes += item.bytes;
  {
    // First: whoever hears of its batch may send the next one at once.
    std::lock_guard lock(queue_mutex_);
    queued_bytes_ -= std::min(bytes, queued_bytes_);
  }
  for (Item& item : group) {
    const Status& failure = status.ok() ? item.status : status;
    if (failure.ok()) {
      item.done(item.ack);
    } else {
      item.done(failure);
    }
  }
  group.clear();
}

bool LocalStore::Impl::WantsSeal() const {
  const auto hot = CurrentSnapshot()->hot.back();
  return hot->rows >= options_.seal_rows || hot->bytes >= options_.seal_bytes ||
         (wal_ != nullptr && hot->rows > 0 && wal_->Bytes() >= options_.wal_max_bytes / 2);
}

// Holds appends back while the tables are twice as large as they should be and a seal is under
// way; a seal that fails (disk full) does not hold them back, their own write will fail.
void LocalStore::Impl::WaitForSpace() {
  std::unique_lock lock(queue_mutex_);
  seal_changed_.wait(lock, [&] {
    const auto hot = CurrentSnapshot()->hot.back();
    return stopping_ || seal_failing_ ||
           (hot->rows < 2 * options_.seal_rows && hot->bytes < 2 * options_.seal_bytes);
  });
}

uint32_t LocalStore::Impl::ProjectNumber(std::string_view project) {
  const auto it = projects_.find(project);
  if (it != projects_.end()) return it->second;
  const auto number = static_cast<uint32_t>(projects_.size());
  projects_.emplace(std::string(project), number);
  return number;
}

Status LocalStore::Impl::ApplyGroup(Group& group) {
  std::lock_guard lock(apply_mutex_);
  Status first = ApplyItems(group);
  if (!first.ok() && group.size() > 1) {
    // A batch that cannot be applied must not take the others with it.
    first = OkStatus();
    for (Item& item : group) {
      item.status = ApplyItems({&item, 1});
      if (first.ok()) first = item.status;
    }
  } else if (!group.empty()) {
    group.front().status = first;
  }
  if (!group.empty()) applied_ = std::max(applied_, group.back().lsn);
  return first;
}

Status LocalStore::Impl::KeepRefused(const Group& group) {
  std::lock_guard lock(structure_mutex_);
  local::Manifest next = manifest_;
  for (const Item& item : group) {
    // A seal since then has made the log begin behind the batch.
    if (!item.status.ok() && item.lsn >= next.sealed_before) next.refused.insert(item.lsn);
  }
  return next.refused.size() == manifest_.refused.size() ? OkStatus()
                                                         : SaveManifest(std::move(next));
}

Status LocalStore::Impl::ApplyItems(std::span<Item> group) {
  scratch_ = Arena();
  Applied applied;
  Status status = PrepareTraces(group);
  if (!status.ok()) return status;
  status = apply_connection_->Execute("BEGIN TRANSACTION");
  for (Item& item : group) {
    if (status.ok()) status = ApplyBatch(item, &applied);
  }
  if (status.ok()) status = FlushAppenders();
  if (status.ok()) status = apply_connection_->Execute("COMMIT");
  if (!status.ok()) {
    ClearAppenders();
    (void)apply_connection_->Execute("ROLLBACK");
    for (const SpanKey& key : applied.spans) index_.spans.erase(key);
    for (const local::SeriesKey& key : applied.series) index_.series.erase(key);
    return status;
  }
  for (const Applied::Observation& o : applied.observations) {
    runs_.Observe(o.item->batch.project, o.item->batch.received, o.spans);
  }
  if (hot_->rows == 0 && !group.empty()) hot_->opened = clock_.Monotonic();
  hot_->rows += applied.rows;
  hot_->bytes += applied.bytes;
  hot_->spans += applied.span_count;
  hot_->logs += applied.log_count;
  hot_->points += applied.point_count;
  return OkStatus();
}

Status LocalStore::Impl::ApplyBatch(Item& item, Applied* applied) {
  item.ack = {};
  content_->Put(item.batch.project, item.batch.contents);
  if (!item.batch.spans.empty()) AO_TRY(ApplySpans(item, applied));
  if (!item.batch.logs.empty()) AO_TRY(ApplyLogs(item, applied));
  if (!item.batch.points.empty() || !item.batch.series.empty()) {
    AO_TRY(ApplyMetrics(item, applied));
  }
  return OkStatus();
}

Status LocalStore::Impl::ApplySpans(Item& item, Applied* applied) {
  const local::RowOrigin origin{item.batch.project, item.lsn, item.batch.received};
  const uint32_t project = ProjectNumber(item.batch.project);
  duck::Appender* out = appenders_[static_cast<size_t>(Table::kSpans)].get();
  std::vector<const SpanRow*> fresh;
  fresh.reserve(item.batch.spans.size());
  const auto snapshot = CurrentSnapshot();
  TraceId trace;
  bool dropped = false;
  for (const SpanRow& row : item.batch.spans) {
    if (trace != row.trace_id) {
      trace = row.trace_id;
      dropped = IsDeleted(*snapshot, item.batch.project, item.lsn, trace);
    }
    if (dropped) continue;
    const SpanKey key{row.trace_id, row.span_id.value, project};
    if (sealing_index_.spans.contains(key) || sealed_index_.spans.contains(key) ||
        !index_.spans.insert(key).second) {
      ++item.ack.duplicates;
      continue;
    }
    applied->spans.push_back(key);
    AO_TRY(local::WriteSpan(row, origin, &scratch_, out));
    fresh.push_back(&row);
    applied->bytes += row.attributes.size() + row.events.size() + row.links.size() + 300;
  }
  item.ack.stored += fresh.size();
  applied->span_count += fresh.size();
  applied->rows += fresh.size();
  if (!fresh.empty()) applied->observations.push_back({&item, std::move(fresh)});
  return OkStatus();
}

// A trace whose stored spans are read again before spans are added to it.
struct LocalStore::Impl::TraceLoad {
  SpanKey trace;
  bool index = false;    // its sealed spans are not known here
  bool restore = false;  // its run is not in memory
};

Status LocalStore::Impl::PrepareTraces(std::span<Item> items) {
  const auto snapshot = CurrentSnapshot();
  HashSet<SpanKey> seen;
  std::map<std::string_view, std::vector<TraceLoad>> loads;  // by project
  for (const Item& item : items) {
    SpanKey trace{{}, 0, ProjectNumber(item.batch.project)};
    for (const SpanRow& row : item.batch.spans) {
      if (trace.trace_id == row.trace_id) continue;
      trace.trace_id = row.trace_id;
      if (!seen.insert(trace).second) continue;
      PrepareTrace(item.batch.project, trace, *snapshot, &loads[item.batch.project]);
    }
  }
  for (const auto& [project, traces] : loads) {
    AO_TRY(LoadTraces(std::string(project), traces));
  }
  return OkStatus();
}

void LocalStore::Impl::PrepareTrace(const std::string& project, const SpanKey& trace,
                                    const local::Snapshot& snapshot,
                                    std::vector<TraceLoad>* loads) {
  const auto [state, is_new] = index_.traces.try_emplace(trace, false);
  bool known = state->second, older = false;
  for (const local::HotIndex* index : {&sealing_index_, &sealed_index_}) {
    const auto found = index->traces.find(trace);
    if (found == index->traces.end()) continue;
    older = true;
    known = known || found->second;
  }
  const bool sealed = !known && snapshot.HasSealedSpans(project, trace.trace_id);
  if (!known && !sealed && !older) state->second = true;
  const bool restore = (sealed || older || !is_new) && !runs_.Knows(project, trace.trace_id);
  if (sealed || restore) loads->push_back({trace, sealed, restore});
}

Status LocalStore::Impl::LoadTraces(const std::string& project, std::span<const TraceLoad> loads) {
  if (loads.empty()) return OkStatus();
  std::vector<TraceId> ids;
  for (const TraceLoad& load : loads) ids.push_back(load.trace.trace_id);
  Arena arena;
  AO_ASSIGN_OR_RETURN(const auto stored, LoadSpansOf(project, ids, &arena));
  struct Found {
    std::vector<const SpanRow*> rows;
    Nanos received = 0;
  };
  HashMap<SpanKey, Found> by_trace;
  for (const local::StoredSpan& s : stored) {
    Found& found = by_trace[{s.row.trace_id, 0, loads.front().trace.project}];
    found.rows.push_back(&s.row);
    found.received = std::max(found.received, s.received);
  }
  for (const TraceLoad& load : loads) {
    const Found& found = by_trace[load.trace];
    if (load.index) {
      for (const SpanRow* row : found.rows) {
        index_.spans.insert({row->trace_id, row->span_id.value, load.trace.project});
      }
      index_.traces[load.trace] = true;
    }
    if (load.restore && !found.rows.empty()) runs_.Restore(project, found.received, found.rows);
  }
  return OkStatus();
}

Status LocalStore::Impl::ApplyLogs(Item& item, Applied* applied) {
  const local::RowOrigin origin{item.batch.project, item.lsn, item.batch.received};
  duck::Appender* out = appenders_[static_cast<size_t>(Table::kLogs)].get();
  uint32_t ordinal = 0;
  for (const LogRow& row : item.batch.logs) {
    AO_TRY(local::WriteLog(row, origin, ordinal++, &scratch_, out));
    applied->bytes += row.attributes.size() + row.body.size() + 150;
  }
  item.ack.stored += item.batch.logs.size();
  applied->log_count += item.batch.logs.size();
  applied->rows += item.batch.logs.size();
  return OkStatus();
}

Status LocalStore::Impl::ApplyMetrics(Item& item, Applied* applied) {
  const local::RowOrigin origin{item.batch.project, item.lsn, item.batch.received};
  const uint32_t project = ProjectNumber(item.batch.project);
  duck::Appender* out = appenders_[static_cast<size_t>(Table::kSeries)].get();
  for (const SeriesRow& row : item.batch.series) {
    const local::SeriesKey key{row.series_id, project, DayOf(row.partition_time)};
    if (sealing_index_.series.contains(key) || !index_.series.insert(key).second) continue;
    applied->series.push_back(key);
    AO_TRY(local::WriteSeries(row, origin, &scratch_, out));
    applied->bytes += row.attributes.size() + 200;
    ++applied->rows;
  }
  out = appenders_[static_cast<size_t>(Table::kPoints)].get();
  for (const PointRow& row : item.batch.points) {
    AO_TRY(local::WritePoint(row, origin, out));
    applied->bytes += row.detail.size() + 100;
  }
  item.ack.stored += item.batch.points.size();
  applied->point_count += item.batch.points.size();
  applied->rows += item.batch.points.size();
  return OkStatus();
}

Status LocalStore::Impl::FlushAppenders() {
  for (auto& appender : appenders_) AO_TRY(appender->Flush());
  return OkStatus();
}

void LocalStore::Impl::ClearAppenders() {
  for (auto& appender : appenders_) appender->Clear();
}

}  // namespace ao::storage
