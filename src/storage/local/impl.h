#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/duckdb/database.h"
#include "storage/encode/attributes.h"
#include "storage/local/batch_builder.h"
#include "storage/local/hot_index.h"
#include "storage/local/local_store.h"
#include "storage/local/manifest.h"
#include "storage/local/queued_batch.h"
#include "storage/local/schema.h"
#include "storage/local/scores.h"
#include "storage/local/view.h"
#include "storage/wal/wal.h"

// The inside of LocalStore. Its methods are spread over the files that they name.

namespace ao::storage {

class LocalStore::Impl final : public Statistics {
 public:
  Impl(Options options, FileSystem& fs, const Clock& clock, ReplayDecoder decoder, RunSource& runs);
  ~Impl() override;
  Status Open();  // open.cc
  Status Close();
  StoreStats Stats();
  uint64_t content_seed() const { return content_seed_; }

  void Append(PreparedBatch batch, Done done);  // pipeline.cc

  Status Seal();  // seal.cc
  Status FlushRuns();
  Status RunMaintenance(bool merge);                             // maintenance.cc
  Result<DeleteReport> Delete(const DeleteQuery& query);         // delete.cc
  Result<ReindexReport> Reindex(const ReindexOptions& options);  // reindex.cc

  Result<RunPage> ListRuns(const RunQuery& query);  // runs.cc
  Result<model::Run> GetRun(const std::string& project, const TraceId& id, RunDetail detail);
  Result<SessionPage> ListSessions(const SessionQuery& query);  // runs.cc
  Result<AgentPage> ListAgents(const AgentQuery& query);        // groups.cc
  Result<UserPage> ListUsers(const UserQuery& query);
  Result<TraceSkeleton> GetTrace(const std::string& project, const TraceId& id);  // traces.cc
  Result<model::Batch> ReadSpans(const std::string& project, const TraceId& id,   // traces.cc
                                 std::optional<SpanId> span);
  Result<RunSeries> Series(const SeriesQuery& query) override;  // statistics.cc
  Result<RunHistogram> Histogram(const HistogramQuery& query) override;
  Result<ToolSeries> Tools(const ToolQuery& query) override;
  Result<RunDifferences> Differences(const DifferenceQuery& query) override;
  Result<RunFacets> Facets(const FacetQuery& query) override;  // breakdowns.cc
  Result<std::vector<ModelCalls>> Models(const ModelQuery& query) override;
  Result<TextPage> SearchText(const TextQuery& query);             // text_search.cc
  Result<LogPage> ListLogs(const LogQuery& query);                 // logs.cc
  Result<SqlResult> RunSql(const SqlRequest& request);             // sql.cc
  Status Export(const ExportQuery& query, const BatchSink& sink);  // export.cc
  Status ExportParquet(const std::string& directory);              // export.cc
  local::ScoreTable& scores() { return *scores_; }

 private:
  using Item = local::QueuedBatch;
  using Group = std::vector<Item>;
  struct Applied;
  struct Sealing;

  // open.cc
  Status LockDirectory();
  Status OpenManifest();
  Status OpenEngine();
  Status LoadSegments();
  Status RemoveUnlistedFiles();
  Status LoadOpenRuns();
  Status RestoreChangedRuns();
  Status Replay();
  Status ReplayFrame(Lsn lsn, std::string_view payload, Group* pending, uint64_t* bytes);
  Status Quarantine(Lsn lsn, std::string_view payload, const Status& why);

  // pipeline.cc
  void WalLoop();
  void ApplyLoop();
  Status WriteGroup(Group& group);
  // Ends the log's newest segment and waits until what is in it is readable. The lsn that the next
  // segment begins with. Call it without locks.
  Result<Lsn> EndLogSegment();
  void EndSegmentOfWal();
  Status ApplyGroup(Group& group);
  // So that the batches of `group` that could not be applied do not come back with a replay.
  Status KeepRefused(const Group& group);
  Status ApplyItems(std::span<Item> items);
  Status ApplyBatch(Item& item, Applied* applied);
  Status ApplySpans(Item& item, Applied* applied);
  Status ApplyLogs(Item& item, Applied* applied);
  Status ApplyMetrics(Item& item, Applied* applied);
  struct TraceLoad;
  // Before the spans of a group: learns which spans of their traces are sealed, and brings runs
  // back to memory that are not there.
  Status PrepareTraces(std::span<Item> items);
  void PrepareTrace(const std::string& project, const local::SpanKey& trace,
                    const local::Snapshot& snapshot, std::vector<TraceLoad>* loads);
  Status LoadTraces(const std::string& project, std::span<const TraceLoad> loads);
  Status FlushAppenders();
  void ClearAppenders();
  uint32_t ProjectNumber(std::string_view project);
  void Finish(Group& group, const Status& status);
  void WaitForSpace();
  bool WantsSeal() const;

  // seal.cc
  void SealLoop();
  Status SealLocked(bool even_if_nothing_is_new = false);
  Status SealEverythingLocked(bool even_if_nothing_is_new = false);
  // Makes `next` the manifest. When that fails, `manifest_` stays; files that `next` names may only
  // be removed when manifest_is_sure_.
  Status SaveManifest(local::Manifest next);
  Status SwitchTables(Sealing* sealing, bool even_if_nothing_is_new);
  Status CreateTables(local::HotTables* tables);
  Status WriteTable(Sealing* sealing, local::Table table);
  Status WriteRuns(Sealing* sealing);
  Status WriteSettledRuns(Sealing* sealing, const std::string& settled);
  // The runs table without the runs that are sealed now; what the manifest says about the others.
  Status KeepUnsealedRuns(const Sealing& sealing, const std::string& new_runs,
                          local::Manifest* next, HashSet<uint64_t>* hot_runs);
  // Writes the rows of `select`, which are of `table`, to a new file; null when there are none.
  Result<std::shared_ptr<local::ColdFile>> WriteFile(duck::Connection& connection,
                                                     local::Table table, const std::string& select);
  Status Publish(Sealing* sealing);

  // maintenance.cc
  void MaintenanceLoop();
  Status ApplyRetention();
  Status ForgetBefore(Nanos time);
  struct Rewriting {                                  // files that a round of rewriting replaces
    std::shared_ptr<const local::Snapshot> snapshot;  // what the new files were made from
    std::set<uint64_t> gone;
    std::vector<std::shared_ptr<local::ColdFile>> added;
  };
  // Removes the rows of deletions that happened before the log segment beginning with `log_end`.
  Status PurgeDeleted(Lsn log_end);
  Status RewriteDeleted(Rewriting* rewriting);
  Status RewriteContent(const std::set<std::pair<std::string, Day>>& partitions,
                        const Rewriting& rewriting, local::Manifest next);
  Status MergeSmallFiles();
  Result<Day> OldestHotDay();
  // Every content address that rows of the files on a day refer to.
  Result<std::vector<ContentAddress>> LiveContent(
      const std::vector<std::shared_ptr<local::ColdFile>>& files, const std::string& project,
      Day day);
  Status MergeFiles(const std::vector<std::shared_ptr<local::ColdFile>>& files);
  Status ReplaceFiles(local::Manifest manifest, const Rewriting& rewriting);
  class Reindexer;  // reindex.cc
  Status FindDeleted(const DeleteQuery& query, local::Tombstone* tombstone,
                     std::set<TraceId>* found);
  Status FindDeletedSince(Lsn seen, local::Tombstone* tombstone, std::set<TraceId>* found);

  // runs.cc
  Result<std::unique_ptr<local::ReadView>> View();
  Result<std::unique_ptr<local::ReadView>> ViewOfRuns();  // run rows are up to date
  Status FlushRunsLocked();
  std::shared_ptr<const local::Snapshot> CurrentSnapshot() const;

  // traces.cc
  Result<std::vector<local::StoredSpan>> LoadSpans(const std::string& project,
                                                   const TraceId& trace_id,
                                                   std::optional<SpanId> span, Arena* arena);
  Result<std::vector<local::StoredSpan>> LoadSpansOf(const std::string& project,
                                                     const std::vector<TraceId>& traces,
                                                     Arena* arena);
  Result<model::Batch> ReadSpansOnce(const std::string& project, const TraceId& id,
                                     std::optional<SpanId> span);
  ContentReader ReaderOf(const std::string& project, Nanos time);

  const Options options_;
  FileSystem& fs_;
  const Clock& clock_;
  const ReplayDecoder decoder_;
  RunSource& runs_;
  const std::string directory_;
  uint64_t content_seed_ = 0;
  int lock_fd_ = -1;

  std::unique_ptr<duck::Database> database_;
  std::unique_ptr<local::ConnectionPool> pool_;
  std::unique_ptr<ContentStore> content_;
  std::unique_ptr<Wal> wal_;
  std::unique_ptr<local::ScoreTable> scores_;

  // Locks, taken in this order: maintenance, structure, apply, runs, view.
  std::mutex maintenance_mutex_;  // one round of maintenance at a time: only it removes files
  std::unique_ptr<duck::Connection> maintenance_connection_;  // guarded by maintenance_mutex_

  std::mutex structure_mutex_;          // guards the manifest; seals hold it all along
  local::Manifest manifest_;            // guarded by structure_mutex_
  bool manifest_is_sure_ = true;        // the one on disk is manifest_; likewise
  std::atomic<uint64_t> next_file_{1};  // the manifest's next_file
  std::unique_ptr<duck::Connection> seal_connection_;  // guarded by structure_mutex_
  std::shared_ptr<local::ColdFile> open_runs_;         // the manifest's; likewise
  std::unique_ptr<Sealing> sealing_;  // a seal that failed and is tried again; likewise

  std::mutex apply_mutex_;
  std::unique_ptr<duck::Connection> apply_connection_;
  std::unique_ptr<duck::Appender> appenders_[4];  // spans, logs, points, series
  std::shared_ptr<local::HotTables> hot_;         // takes new rows
  local::HotIndex index_, sealing_index_;
  local::HotIndex sealed_index_;  // of the tables that were sealed last
  HashMap<std::string, uint32_t> projects_;
  Lsn applied_ = 0;  // newest frame whose batch is readable
  Arena scratch_;    // of the group being applied

  std::mutex runs_mutex_;
  std::unique_ptr<duck::Connection> runs_connection_;
  HashSet<uint64_t> hot_runs_;            // TraceHash of the rows of the hot runs table
  std::vector<model::Run> pending_runs_;  // taken from runs_, not in the table yet
  uint64_t next_runs_table_ = 1;

  std::mutex export_mutex_;  // one ExportParquet at a time; taken before every other

  mutable std::shared_mutex view_mutex_;
  std::shared_ptr<const local::Snapshot> snapshot_;

  // The queue, and what the threads tell each other.
  mutable std::mutex queue_mutex_;
  std::condition_variable queue_changed_, groups_changed_, seal_changed_, maintenance_changed_;
  std::deque<Item> queue_;
  std::deque<Group> groups_;  // synced, to be applied
  uint64_t queued_bytes_ = 0;
  bool closing_ = false, wal_finished_ = false, stopping_ = false;
  bool seal_wanted_ = false, maintenance_wanted_ = false, seal_failing_ = false;
  // Ends of log segments that were asked for, begun and done (by number), and the newest one's lsn.
  uint64_t ends_wanted_ = 0, ends_begun_ = 0, ends_done_ = 0;
  Result<Lsn> segment_end_ = Lsn{0};
  Status write_error_;          // fatal: the disk failed
  Status last_append_error_;    // of the newest group; ok when it was written
  bool repair_needed_ = false;  // WAL thread only

  std::atomic<uint64_t> seals_{0}, wal_syncs_{0}, replayed_{0}, quarantined_{0};
  std::atomic<Nanos> last_seal_duration_{0}, replay_duration_{0};

  std::thread wal_thread_, apply_thread_, seal_thread_, maintenance_thread_;
};

}  // namespace ao::storage
