#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "storage/replay.h"
#include "storage/store.h"

// The Store that keeps everything in one directory on this machine:
//   store.json       format version and content seed
//   LOCK             held by the one process that owns the directory
//   MANIFEST         names every sealed file; replaced atomically
//   wal/             what was acknowledged and is not sealed yet
//   segments/        sealed rows, Parquet, with an index of trace ids beside each span file
//   content/         long texts
//   quarantine/      write-ahead-log frames that could not be decoded
//   observatory.db   scores (SQLite)
// New rows live in memory (DuckDB tables) until a seal writes them. Thread-safe.

namespace ao::cost {
class Pricer;
}

namespace ao::storage {

struct ReindexOptions {
  bool all = false;                      // also spans that this version mapped: prices changed
  const cost::Pricer* pricer = nullptr;  // prices calls without a cost of the client's; may be null
  std::function<void(uint64_t done, uint64_t total)> progress = {};  // in spans
};
struct ReindexReport {
  uint64_t files = 0, spans = 0, runs = 0;
};

class LocalStore final : public Store {
 public:
  struct Options {
    std::string directory;
    uint64_t seal_rows = 400'000;        // rows in memory before they are sealed
    uint64_t seal_bytes = 384ull << 20;  // of row text in memory, likewise
    Nanos seal_age = 10 * kMinute;       // oldest unsealed row, by arrival
    uint64_t wal_max_bytes = 512ull << 20;
    uint64_t queue_max_bytes = 128ull << 20;    // batches accepted and not yet applied
    Nanos retention_age = 0;                    // by event time; 0 keeps everything
    uint64_t retention_bytes = 0;               // of segments and content; 0 is no limit
    Nanos run_settle = kMinute;                 // quiet time before a run's row may be sealed
    uint64_t memory_bytes = 2ull << 30;         // DuckDB's
    int threads = 2;                            // DuckDB's
    Nanos maintenance_interval = 15 * kSecond;  // 0: only RunMaintenance does any
    uint64_t merge_max_rows = 1'000'000;        // segments of a day are merged up to this size
  };

  // Opens or creates the directory and recovers what the log holds. failed_precondition: another
  // process owns it (the message has its pid), or a newer version wrote it.
  static Result<std::unique_ptr<LocalStore>> Open(Options options, FileSystem& fs,
                                                  const Clock& clock, ReplayDecoder decoder,
                                                  RunSource& runs);
  ~LocalStore() override;

  // The seed of PrepareOptions for batches that go to this store.
  uint64_t content_seed() const;
  // The seed of the store in `directory`, made when there is none yet (the decoder that Open needs
  // must know it first).
  static Result<uint64_t> ContentSeedOf(FileSystem& fs, const std::string& directory);

  void Append(PreparedBatch batch, Done done) override;
  Result<RunPage> ListRuns(const RunQuery& query) override;
  Result<model::Run> GetRun(const std::string& project, const TraceId& id) override;
  Result<TraceSkeleton> GetTrace(const std::string& project, const TraceId& id) override;
  Result<model::Batch> ReadSpans(const std::string& project, const TraceId& id,
                                 std::optional<SpanId> span) override;
  Result<LogPage> ListLogs(const LogQuery& query) override;
  Result<SessionPage> ListSessions(const SessionQuery& query) override;
  Result<AgentPage> ListAgents(const AgentQuery& query) override;
  Result<UserPage> ListUsers(const UserQuery& query) override;
  Statistics& statistics() override;
  Result<TextPage> SearchText(const TextQuery& query) override;
  Result<SqlResult> Sql(const SqlRequest& request) override;
  Status Export(const ExportQuery& query, const BatchSink& sink) override;
  Status ExportParquet(const std::string& directory) override;
  Result<DeleteReport> Delete(const DeleteQuery& query) override;
  Result<Score> PutScore(Score score) override;
  Result<ScorePage> ListScores(const ScoreQuery& query) override;
  Status Seal() override;
  StoreStats Stats() override;
  Status Close() override;

  // Lets the RunSource's listener know what changed, as every look at runs does.
  Status RefreshRuns();

  // Makes the canonical columns and costs of all sealed spans that an older mapping made anew, and
  // the runs that have such spans. For a store that takes no new data meanwhile; interrupted, it
  // goes on where it was when it is called again (with `all`: begins again).
  Result<ReindexReport> Reindex(const ReindexOptions& options);

  // One round of what the background thread does: seal by age, retention, physical deletion,
  // merging. Returns the first failure; everything is tried again in the next round.
  Status RunMaintenance();

 private:
  class Impl;
  explicit LocalStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Checks every file of a directory that no process has open (observatory doctor). `report` gets
// one line per problem, with what to do about it. Ok when the check could be carried out.
Status VerifyDirectory(FileSystem& fs, const std::string& directory,
                       const std::function<void(std::string)>& report);

}  // namespace ao::storage
