#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/run.h"
#include "model/telemetry.h"
#include "storage/group_query.h"
#include "storage/query.h"
#include "storage/rows.h"
#include "storage/statistics.h"
#include "storage/text_query.h"

// The storage interface: everything above it (ingest, api, cli, app) sees only this. One
// implementation keeps one data directory on this machine (storage/local/local_store.h);
// a ClickHouse cluster will be another. All methods are thread-safe. Reads see every batch that
// was acknowledged before they began, across recent and sealed data, under one snapshot.

namespace ao::storage {

struct Ack {
  uint64_t stored = 0;
  uint64_t duplicates = 0;  // spans whose (trace id, span id) was there already; kept once
};

struct StoreStats {
  uint64_t spans = 0, logs = 0, points = 0, runs = 0;  // readable now
  uint64_t hot_rows = 0, hot_bytes = 0, segments = 0;
  uint64_t disk_bytes = 0, wal_bytes = 0, content_bytes = 0, segment_bytes = 0;
  uint64_t content_raw_bytes = 0;  // text handed to the content store, before deduplication
  uint64_t seals = 0, wal_syncs = 0, replayed_batches = 0;
  Nanos last_seal_duration = 0, replay_duration = 0;
  std::string write_error;  // why appends are refused now; empty when they are not
};

// Sees every stored span in the order of storage, on the store's apply thread, before the batch
// is acknowledged. Implemented by runs::Assembler.
class RunSource {
 public:
  virtual ~RunSource() = default;
  // `spans` are new to the store (duplicates are gone). `received` is the arrival time.
  virtual void Observe(std::string_view project, Nanos received,
                       std::span<const SpanRow* const> spans) = 0;
  // Rebuilds a run from its stored spans before more spans of it are observed.
  virtual void Restore(std::string_view project, Nanos received,
                       std::span<const SpanRow* const> spans) = 0;
  // Is the trace's state in memory?
  virtual bool Knows(std::string_view project, const TraceId& trace_id) const = 0;
  // Runs changed since the last call, in their current state.
  virtual std::vector<model::Run> TakeChanged() = 0;
  // Forgets the state of runs that are complete (or incomplete) and were last changed before
  // `quiet_since`, after their rows were sealed; returns their ids.
  virtual std::vector<TraceId> ForgetSettled(Nanos quiet_since) = 0;
  virtual void Forget(std::string_view project, const TraceId& trace_id) = 0;
};

class Store {
 public:
  using Done = std::function<void(Result<Ack>)>;

  virtual ~Store() = default;

  // Stores a batch: `done` is called once, from a store thread, when the batch is synced to disk
  // and readable, or with the reason why it is neither. unavailable: try again later (queue full);
  // resource_exhausted: the disk is full; internal: the disk failed and the store no longer
  // acknowledges.
  virtual void Append(PreparedBatch batch, Done done) = 0;

  virtual Result<RunPage> ListRuns(const RunQuery& query) = 0;
  // not_found when no span of the trace is stored.
  virtual Result<model::Run> GetRun(const std::string& project, const TraceId& id) = 0;
  virtual Result<TraceSkeleton> GetTrace(const std::string& project, const TraceId& id) = 0;
  // The spans as they were sent, whole; only `span` when given.
  virtual Result<model::Batch> ReadSpans(const std::string& project, const TraceId& id,
                                         std::optional<SpanId> span) = 0;
  virtual Result<LogPage> ListLogs(const LogQuery& query) = 0;
  virtual Result<SessionPage> ListSessions(const SessionQuery& query) = 0;
  virtual Result<AgentPage> ListAgents(const AgentQuery& query) = 0;
  virtual Result<UserPage> ListUsers(const UserQuery& query) = 0;
  virtual Statistics& statistics() = 0;
  virtual Result<TextPage> SearchText(const TextQuery& query) = 0;
  virtual Result<SqlResult> Sql(const SqlRequest& request) = 0;
  virtual Status Export(const ExportQuery& query, const BatchSink& sink) = 0;
  // Copies the sealed data and a snapshot of the recent data as Parquet files into `directory`.
  virtual Status ExportParquet(const std::string& directory) = 0;

  // Gone from reads on return, from disk within a minute (also after a restart in between).
  virtual Result<DeleteReport> Delete(const DeleteQuery& query) = 0;

  virtual Result<Score> PutScore(Score score) = 0;
  virtual Result<ScorePage> ListScores(const ScoreQuery& query) = 0;

  // Writes everything in memory to sealed segments and empties the write-ahead log.
  virtual Status Seal() = 0;
  virtual StoreStats Stats() = 0;
  // Refuses new batches, finishes those under way, stops the threads. Called once.
  virtual Status Close() = 0;
};

}  // namespace ao::storage
