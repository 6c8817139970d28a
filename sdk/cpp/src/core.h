#pragma once

#include <time.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lane.h"
#include "observatory/sdk.h"
#include "record.h"

namespace observatory::detail {

class Core;
struct Environment;
class MetricStore;
class TraceBuffer;

// A name and version that records are grouped by, with its encoded InstrumentationScope message.
struct Instrumentation {
  Core* core;  // null: the global one
  std::string name, version, encoded;
};

struct Limits {
  uint32_t attributes = 128, events = 128, links = 128;
  size_t attribute_value_bytes = static_cast<size_t>(-1);
};

// One configuration and all that works for it. Thread-safe. Cores are never destroyed, so that
// spans, tracers and exporting threads may outlive a shutdown.
class Core {
 public:
  explicit Core(Options options);

  // The global one, or null.
  static Core* Global() noexcept { return global_.load(std::memory_order_acquire); }
  static Core* ReplaceGlobal(Core* core) noexcept;

  // Of the core, or of the global one when `core` is null. Lives for ever.
  static const Instrumentation* Intern(Core* core, std::string_view name, std::string_view version);

  bool disabled() const { return disabled_; }
  const Options& options() const { return options_; }
  const Limits& limits() const { return limits_; }

  int64_t SteadyNanos() const noexcept {
    return clock_ == nullptr ? Read(CLOCK_MONOTONIC) : clock_->steady_nanos();
  }
  int64_t UnixNanos() const noexcept {
    return clock_ == nullptr ? Read(CLOCK_REALTIME) : clock_->unix_nanos();
  }

  enum class Sampling : uint8_t { kAlways, kParent, kNever, kAsk };
  Sampling sampling() const { return sampling_; }
  const Sampler& sampler() const { return *options_.sampler; }

  bool watches_spans() const { return watches_spans_; }
  void OnStart(Span& span, const Context& parent) noexcept;
  void OnEnd(Record* record) noexcept;

  Lane& lane(Signal signal) { return *lanes_[static_cast<size_t>(signal)]; }
  MetricStore& metrics() { return *metrics_; }
  std::string Resource();
  const std::string& service() const { return service_; }
  void Problem(std::string_view text) noexcept;

  bool Flush(std::chrono::milliseconds deadline) noexcept;
  bool Shutdown(std::chrono::milliseconds deadline) noexcept;
  // Begins a shutdown without waiting for it.
  std::array<Lane::Ticket, 3> Stop(std::chrono::milliseconds deadline) noexcept;

  void LockForFork() noexcept;
  void UnlockAfterFork() noexcept;
  void ResetInChild() noexcept;

 private:
  static int64_t Read(clockid_t clock) noexcept {
    timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * int64_t{1000000000} + now.tv_nsec;
  }
  void MakeLanes();
  void MakeTransports(Environment* environment);

  static std::atomic<Core*> global_;

  Options options_;
  bool disabled_ = false;
  Clock* clock_ = nullptr;
  Limits limits_;
  Sampling sampling_ = Sampling::kAsk;
  bool watches_spans_ = false;
  std::string service_;
  std::unique_ptr<TraceBuffer> trace_buffer_;  // null: every trace is kept
  std::unique_ptr<MetricStore> metrics_;
  std::unique_ptr<Lane> lanes_[3];
  std::array<std::shared_ptr<Transport>, 3> transports_;  // by signal; may be one and the same
  std::mutex resource_mutex_;
  std::string resource_;  // encoded; empty: to be made
  std::atomic<int64_t> last_problem_{0};
};

// Whether a sampler must be asked at all.
Core::Sampling SamplingOf(const Sampler& sampler);

}  // namespace observatory::detail
