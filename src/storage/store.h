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
#include "storage/rows.h"

// The storage interface: everything above it (ingest, api, cli, app) sees only this. One
// implementation keeps one data directory on this machine (storage/local/local_store.h);
// a ClickHouse cluster will be another. All methods are thread-safe. Reads see every batch that
// was acknowledged before they began, across recent and sealed data, under one snapshot.

namespace ao::storage {

struct Ack {
  uint64_t stored = 0;
  uint64_t duplicates = 0;  // spans whose (trace id, span id) was there already; kept once
};

// Half-open event-time window; 0 is unbounded.
struct TimeRange {
  Nanos since = 0;
  Nanos until = 0;
};

template <typename T>
struct Bounds {
  std::optional<T> min, max;  // both inclusive
};

enum class RunSort : uint8_t { kStart, kDuration, kCost, kTokens, kSteps, kSpans, kErrors };

// All conditions must hold; empty strings and vectors are no condition. Text is matched exactly
// unless it ends in '*', which matches any suffix.
struct RunQuery {
  std::string project;
  TimeRange range;  // on the run's start
  std::string agent, service, environment, session, user, model, tool, query_type;
  std::string status;  // "ok", "error" or "live"
  Bounds<Nanos> duration;
  Bounds<double> cost;
  Bounds<int64_t> tokens, steps;
  std::string text;  // substring of root name, previews, error message; case-insensitive
  std::vector<TraceId> trace_ids;  // only these, when not empty
  RunSort sort = RunSort::kStart;
  bool ascending = false;
  int64_t limit = 50;
  std::string cursor;  // RunPage::next_cursor of the page before
};

struct RunPage {
  std::vector<model::Run> runs;
  std::string next_cursor;  // empty: no more
  int64_t total = 0;        // runs that match, over all pages
};

// A span without its payload. Strings are owned.
struct SpanSummary {
  SpanId span_id, parent_span_id;
  Nanos start = 0, duration = 0;
  std::string name;
  model::SpanKind kind = model::SpanKind::kUnspecified;
  model::StatusCode status = model::StatusCode::kUnset;
  std::string status_message, error_type;
  model::Op op = model::Op::kOther;
  std::string service, agent_name, model, provider, tool_name, session, user, finish_reason;
  std::optional<int64_t> input_tokens, output_tokens, total_tokens;
  std::optional<int64_t> cache_read_tokens, cache_write_tokens, reasoning_tokens;
  std::optional<double> cost_usd;
  std::optional<Nanos> time_to_first_token;
  bool times_adjusted = false;
};

// Sorted by start, then span id.
struct TraceSkeleton {
  TraceId trace_id;
  std::vector<SpanSummary> spans;
};

struct LogQuery {
  std::string project;
  TimeRange range;
  TraceId trace_id;  // empty: any
  SpanId span_id;
  std::string service;
  int32_t min_severity = 0;
  std::string event_name;
  std::string text;  // substring of the body, case-insensitive
  bool ascending = false;
  int64_t limit = 100;
  std::string cursor;
};

// A log record as it was sent, with its resource and scope.
struct LogPage {
  model::Batch batch;  // one group per (resource, scope) run of neighbours; order = result order
  std::string next_cursor;
};

struct SessionRow {
  std::string session, user, agent;
  Nanos first = 0, last = 0;
  int64_t runs = 0, errors = 0, steps = 0, total_tokens = 0;
  double cost_usd = 0;
};
struct SessionQuery {
  std::string project;
  TimeRange range;
  std::string user, text;
  int64_t limit = 50;
  std::string cursor;
};
struct SessionPage {
  std::vector<SessionRow> sessions;
  std::string next_cursor;
};

// Read-only SQL over the documented tables (docs/sql.md) of one project.
struct SqlRequest {
  std::string project;
  std::string text;
  Nanos timeout = 30 * kSecond;
  uint64_t max_memory_bytes = 1ull << 30;
  int64_t max_rows = 10'000;
};
struct SqlColumn {
  std::string name, type;
};
struct SqlResult {
  std::vector<SqlColumn> columns;
  std::vector<std::string> rows;  // each a JSON array
  bool truncated = false;         // max_rows was reached
  Nanos elapsed = 0;
};

// What to write out; batches come in time order, at most `batch_records` records each, lossless.
struct ExportQuery {
  std::string project;
  TimeRange range;
  model::Signal signal = model::Signal::kTraces;
  TraceId trace_id;  // empty: any
  int64_t batch_records = 512;
};
using BatchSink = std::function<Status(const model::Batch&)>;

struct DeleteQuery {
  std::string project;
  std::vector<TraceId> trace_ids;
  std::string session, user;  // every trace of a session, or of a user
};
struct DeleteReport {
  int64_t traces = 0;
};

enum class ScoreKind : uint8_t { kThumbs, kNumeric, kCategorical, kText };
struct Score {
  std::string id;  // made by the store when empty; the same id replaces the score
  std::string project;
  TraceId trace_id;  // at least one of trace and session is given
  SpanId span_id;
  std::string session;
  std::string name;
  ScoreKind kind = ScoreKind::kNumeric;
  double number = 0;  // thumbs: 1 up, 0 down
  std::string text;   // category or text
  std::string comment;
  std::string source;  // "user", "api", ...
  Nanos time = 0;
};
struct ScoreQuery {
  std::string project;
  TraceId trace_id;
  SpanId span_id;
  std::string session, name;
  TimeRange range;
  int64_t limit = 100;
  std::string cursor;
};
struct ScorePage {
  std::vector<Score> scores;
  std::string next_cursor;
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
