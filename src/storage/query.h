#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "model/canonical.h"
#include "model/run.h"
#include "model/run_filter.h"
#include "model/telemetry.h"

// What readers ask a store, and what it answers. Plain values; strings are owned.

namespace ao::storage {

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
  model::RunFilter filter;
  std::vector<TraceId> trace_ids;  // only these, when not empty
  RunSort sort = RunSort::kStart;
  bool ascending = false;
  int64_t limit = 50;
  std::string cursor;  // RunPage::next_cursor of the page before
};

// The lists of a run (usage, edges, versions, tool_usage) are most of what it takes to read one.
enum class RunDetail : uint8_t { kOverview, kLists };

struct RunPage {
  std::vector<model::Run> runs;  // without their lists
  std::string next_cursor;       // empty: no more
  int64_t total = 0;             // runs that match, over all pages
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
  model::CostSource cost_source = model::CostSource::kNone;
  std::string price;  // the row of the price that cost_usd was computed with
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

}  // namespace ao::storage
