#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observatory/clock.h"
#include "observatory/export.h"
#include "observatory/processor.h"
#include "observatory/sampler.h"
#include "observatory/tracer.h"
#include "observatory/transport.h"
#include "observatory/value.h"

// Start here:
//
//   observatory::configure({.service_name = "loan-agent"});
//   auto run = observatory::tracer().start_active_span("agent.run");
//
// What is not given is taken from the standard OTEL_* variables, then from the defaults below; what
// is given in code wins, except OTEL_SDK_DISABLED=true, which always does. Everything is sent in
// the background, flushed at exit, and dropped and counted when memory limits are reached. No
// function here throws, and none but flush() and shutdown() waits.

namespace observatory {

class Meter;
class Logger;
namespace detail {
class Core;
}

struct BatchOptions {
  std::chrono::milliseconds schedule_delay{0};  // 0: 1 s; OTEL_BSP_/OTEL_BLRP_SCHEDULE_DELAY
  size_t max_queue_bytes = size_t{32} << 20;    // waiting and being sent; more is dropped, counted
  size_t max_queue_records = 0;                 // 0: OTEL_..._MAX_QUEUE_SIZE, else no limit
  size_t max_batch_bytes = size_t{4} << 20;     // of one request; a larger record goes alone
  size_t max_batch_records = 0;                 // 0: OTEL_..._MAX_EXPORT_BATCH_SIZE, else 2048
  std::chrono::milliseconds initial_backoff{1000};  // doubles up to the next, with full jitter
  std::chrono::milliseconds max_backoff{30000};
  std::chrono::milliseconds max_retry_time{300000};  // then the batch is dropped and counted
};

struct SpanLimits {  // 0: OTEL_SPAN_..._LIMIT, else 128
  uint32_t attributes = 0, events = 0, links = 0;
  size_t attribute_value_bytes = 0;  // of a text; 0: OTEL_..._VALUE_LENGTH_LIMIT, else no limit
};

struct Options {
  std::string service_name = {};     // OTEL_SERVICE_NAME, else unknown_service:<program>
  std::string service_version = {};  // service.version
  std::string environment = {};      // deployment.environment.name
  Value::Map resource = {};          // more attributes; OTEL_RESOURCE_ATTRIBUTES adds to them

  // Base URL; OTEL_EXPORTER_OTLP_ENDPOINT, else http://localhost:4318, of gRPC port 4317.
  std::string endpoint = {};
  // OTEL_EXPORTER_OTLP_PROTOCOL, else "http/protobuf"; "grpc" needs the component of that name.
  std::string protocol = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // OTEL_EXPORTER_OTLP_HEADERS
  std::chrono::milliseconds timeout{0};  // of one request; OTEL_EXPORTER_OTLP_TIMEOUT, else 10 s
  std::optional<Compression> compression = std::nullopt;  // OTEL_EXPORTER_OTLP_COMPRESSION, gzip
  std::shared_ptr<Transport> transport = nullptr;         // instead of these

  std::shared_ptr<Sampler> sampler = nullptr;  // OTEL_TRACES_SAMPLER, else parent_based(always_on)
  std::optional<TraceSampler> trace_sampler = std::nullopt;  // absent: every recorded trace is kept
  std::vector<std::shared_ptr<SpanProcessor>> processors = {};
  std::vector<std::string> baggage_attributes = {};  // baggage keys copied onto spans and logs
  SpanLimits limits = {};
  BatchOptions traces = {}, logs = {};
  std::chrono::milliseconds metric_interval{0};  // OTEL_METRIC_EXPORT_INTERVAL, else 10 s
  bool delta_metrics = false;  // OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta
  std::chrono::milliseconds exit_timeout{2000};  // to flush when the program ends; 0: do not
  std::shared_ptr<Clock> clock = nullptr;
  // Told of problems (a refused batch, a malformed variable), at most one a second; else stderr.
  std::function<void(std::string_view)> on_problem = nullptr;
};

// What became of the records of one signal. Also exported: otel.sdk.exporter.span.exported and
// otel.sdk.processor.span.processed, with error.type for what was lost (and the same for logs).
struct ExportStats {
  uint64_t recorded = 0;         // handed to the exporter
  uint64_t exported = 0;         // taken by the server
  uint64_t dropped_full = 0;     // the queue was full
  uint64_t dropped_refused = 0;  // the server refused them
  uint64_t dropped_expired = 0;  // retried for too long, or not sent before shutdown
  uint64_t sampled_out = 0;      // by the TraceSampler
  uint64_t retries = 0;          // requests sent again
  uint64_t queued_bytes = 0;     // now
};

// A handle to one configuration. Thread-safe, trivially copyable. Most programs have one, the
// global one; more make sense in tests, and to send to several places.
class OBSERVATORY_API Sdk {
 public:
  static Sdk create(Options options) noexcept;

  Tracer tracer(std::string_view name = {}, std::string_view version = {}) const noexcept;
  Meter meter(std::string_view name = {}, std::string_view version = {}) const noexcept;
  Logger logger(std::string_view name = {}, std::string_view version = {}) const noexcept;

  // Sends what was recorded before the call. False when the deadline passed first, or when some of
  // it was lost.
  bool flush(std::chrono::milliseconds deadline = std::chrono::seconds(10)) const noexcept;
  // Flushes, then stops; later records are dropped and counted.
  bool shutdown(std::chrono::milliseconds deadline = std::chrono::seconds(10)) const noexcept;
  ExportStats stats(Signal signal) const noexcept;

 private:
  friend OBSERVATORY_API Sdk configure(Options options) noexcept;
  friend OBSERVATORY_API Sdk sdk() noexcept;
  explicit Sdk(detail::Core* core) : core_(core) {}
  detail::Core* core_;  // null: the global one, whatever it is by then
};

// Creates the global configuration; an earlier one is flushed in the background and stopped.
OBSERVATORY_API Sdk configure(Options options = {}) noexcept;
// The global one; before configure() it records nothing.
OBSERVATORY_API Sdk sdk() noexcept;

inline Tracer tracer(std::string_view name = {}, std::string_view version = {}) noexcept {
  return sdk().tracer(name, version);
}
inline bool flush(std::chrono::milliseconds deadline = std::chrono::seconds(10)) noexcept {
  return sdk().flush(deadline);
}
inline bool shutdown(std::chrono::milliseconds deadline = std::chrono::seconds(10)) noexcept {
  return sdk().shutdown(deadline);
}

}  // namespace observatory
