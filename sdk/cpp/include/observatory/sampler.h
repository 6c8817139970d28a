#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "observatory/context.h"
#include "observatory/export.h"
#include "observatory/span.h"

// Which traces are recorded. A Sampler decides when a span starts, a TraceSampler when the local
// part of a trace has ended. Both decide the same for one trace id in every process.

namespace observatory {

struct SamplingInput {
  const SpanContext& parent;  // invalid: the span begins a trace
  TraceId trace_id;
  uint8_t flags;
  std::string_view name;
  SpanKind kind;
  Attributes attributes;
};

struct SamplingDecision {
  bool record = true;
  std::optional<std::string> trace_state = std::nullopt;  // absent: the parent's
};

// Thread-safe, and does not throw.
class OBSERVATORY_API Sampler {
 public:
  virtual ~Sampler();
  virtual SamplingDecision should_sample(const SamplingInput& input) const noexcept = 0;
};

OBSERVATORY_API std::shared_ptr<Sampler> always_on();
OBSERVATORY_API std::shared_ptr<Sampler> always_off();
// W3C consistent probability: `ratio` of all traces, by the 56 random bits of the trace id (or the
// `ot=rv` of tracestate), written as `ot=th` so that later decisions agree and counts can be
// scaled up. `ratio` is clamped to [2^-56, 1]; 0 and less is always_off().
OBSERVATORY_API std::shared_ptr<Sampler> probability(double ratio);
// What the parent decided; `root` decides for spans without one.
OBSERVATORY_API std::shared_ptr<Sampler> parent_based(std::shared_ptr<Sampler> root);

// Requirement of whole traces: every trace with an error and every trace of more than `max_steps`
// steps is kept, and `ratio` of the others. Spans wait, bounded, until the last open span of the
// trace in this process has ended.
struct TraceSamplerOptions {
  double ratio = 0.10;
  int64_t max_steps = 15;               // the larger of agent.steps and the calls of the trace
  size_t max_bytes = size_t{16} << 20;  // waiting spans; beyond, the oldest trace is kept as it is
  std::chrono::milliseconds max_wait = std::chrono::minutes(5);  // then it is kept as it is
};

// What is known of a trace when it is decided about.
struct TraceFacts {
  TraceId trace_id;
  bool error = false;  // any span with status ERROR
  int64_t steps = 0;
};

// Thread-safe. Install it with Options::trace_sampler, or ask decide() yourself.
class OBSERVATORY_API TraceSampler {
 public:
  enum class Reason : uint8_t { kError, kSteps, kShare, kDropped };

  explicit TraceSampler(TraceSamplerOptions options = {});
  Reason decide(const TraceFacts& facts) const noexcept;
  bool keep(const TraceFacts& facts) const noexcept { return decide(facts) != Reason::kDropped; }
  const TraceSamplerOptions& options() const { return options_; }

 private:
  TraceSamplerOptions options_;
  uint64_t threshold_;  // of the 56 random bits: kept from here on
};

}  // namespace observatory
