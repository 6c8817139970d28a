#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ids.h"
#include "model/value.h"

// Telemetry as OTLP carries it (opentelemetry-proto v1.11): traces, logs and metrics, complete
// enough to be written back without loss. Pure data; views point into the batch's arena or body.
// Times are nanoseconds since the Unix epoch; 0 is "not given".

namespace ao::model {

struct EntityRef {
  std::string_view schema_url;
  std::string_view type;
  std::span<const std::string_view> id_keys;
  std::span<const std::string_view> description_keys;
};

struct Resource {
  Attributes attributes;
  std::span<const EntityRef> entity_refs;
  uint32_t dropped_attributes_count = 0;
  std::string_view schema_url;  // of the Resource{Spans,Logs,Metrics} message
};

struct Scope {
  std::string_view name;
  std::string_view version;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  std::string_view schema_url;  // of the Scope{Spans,Logs,Metrics} message
};

enum class SpanKind : uint8_t { kUnspecified, kInternal, kServer, kClient, kProducer, kConsumer };
enum class StatusCode : uint8_t { kUnset, kOk, kError };

struct Event {
  uint64_t time = 0;
  std::string_view name;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
};

struct Link {
  TraceId trace_id;
  SpanId span_id;
  std::string_view trace_state;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  uint32_t flags = 0;
};

struct Span {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;  // empty: root
  uint32_t flags = 0;
  std::string_view trace_state;
  std::string_view name;
  SpanKind kind = SpanKind::kUnspecified;
  StatusCode status = StatusCode::kUnset;
  uint64_t start = 0;
  uint64_t end = 0;
  std::string_view status_message;
  Attributes attributes;
  std::span<const Event> events;
  std::span<const Link> links;
  uint32_t dropped_attributes_count = 0;
  uint32_t dropped_events_count = 0;
  uint32_t dropped_links_count = 0;
};

struct LogRecord {
  uint64_t time = 0;
  uint64_t observed_time = 0;
  int32_t severity_number = 0;
  std::string_view severity_text;
  Value body;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  uint32_t flags = 0;
  TraceId trace_id;  // empty: not correlated
  SpanId span_id;
  std::string_view event_name;
};

enum class MetricType : uint8_t { kGauge, kSum, kHistogram, kExponentialHistogram, kSummary };
enum class Temporality : uint8_t { kUnspecified, kDelta, kCumulative };

struct Exemplar {
  uint64_t time = 0;
  Value value;  // kInt, kDouble or kEmpty
  TraceId trace_id;
  SpanId span_id;
  Attributes filtered_attributes;
};

struct Buckets {
  int32_t offset = 0;
  std::span<const uint64_t> counts;
};

struct Quantile {
  double quantile = 0;
  double value = 0;
};

// One point of any type; which members are meaningful follows from the metric's type.
struct MetricPoint {
  Attributes attributes;
  uint64_t start_time = 0;
  uint64_t time = 0;
  uint32_t flags = 0;  // bit 0: no recorded value (stale marker)
  std::span<const Exemplar> exemplars;
  Value value;  // gauge, sum: kInt, kDouble or kEmpty
  uint64_t count = 0;
  bool has_sum = false, has_min = false, has_max = false;
  double sum = 0, min = 0, max = 0;
  std::span<const uint64_t> bucket_counts;  // histogram
  std::span<const double> explicit_bounds;  // histogram
  int32_t scale = 0;                        // exponential histogram
  uint64_t zero_count = 0;
  double zero_threshold = 0;
  Buckets positive, negative;
  std::span<const Quantile> quantiles;  // summary
};

struct Metric {
  std::string_view name;
  std::string_view description;
  std::string_view unit;
  MetricType type = MetricType::kGauge;
  Temporality temporality = Temporality::kUnspecified;
  bool is_monotonic = false;
  std::span<const MetricPoint> points;
  Attributes metadata;
};

enum class Signal : uint8_t { kTraces, kLogs, kMetrics };
constexpr std::string_view SignalName(Signal signal) {
  return signal == Signal::kTraces ? "traces" : signal == Signal::kLogs ? "logs" : "metrics";
}

// Records that came with one resource and one scope.
template <typename Record>
struct ScopeGroup {
  const Resource* resource = nullptr;
  const Scope* scope = nullptr;
  std::span<const Record> records;
};

// Why records of a batch were not accepted; reported as OTLP partial success, never dropped
// without a count.
struct Rejection {
  std::string reason;  // stable snake_case, a metric label: "invalid_trace_id"
  uint64_t count = 0;
};

// One decoded request. Owns its bytes: every view above points into `body` or `arena`, so a batch
// may be moved but the views die with it. Only the groups of `signal` are filled.
struct Batch {
  Signal signal = Signal::kTraces;
  std::string body;
  Arena arena;
  std::vector<ScopeGroup<Span>> spans;
  std::vector<ScopeGroup<LogRecord>> logs;
  std::vector<ScopeGroup<Metric>> metrics;
  uint64_t accepted = 0;  // spans, log records or data points
  std::vector<Rejection> rejected;
  std::vector<std::string> warnings;  // accepted, but worth telling the client

  uint64_t rejected_count() const {
    uint64_t n = 0;
    for (const Rejection& r : rejected) n += r.count;
    return n;
  }
};

}  // namespace ao::model
