#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/canonical.h"
#include "model/run.h"
#include "runs/interner.h"
#include "storage/rows.h"

// What the assembler keeps of a run, and how a model::Run is made of it. Internal to runs/.

namespace ao::runs {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
constexpr size_t kPreviewCodePoints = 200;

// One span, small. Names are interned.
struct SpanState {
  SpanId id, parent;  // no parent: a root
  Nanos start = 0, duration = 0;
  // -1: not given. 2^31 tokens of one span, and what is above, is nonsense and counts as 2^31 - 1.
  int32_t input_tokens = -1, output_tokens = -1, total_tokens = -1;
  int32_t cache_read_tokens = -1, cache_write_tokens = -1, reasoning_tokens = -1;
  double cost_usd = -1;
  uint64_t call_key = 0;  // hash of the response id (LLM) or the tool call id (tool); 0: none
  uint32_t name = 0, service = 0, environment = 0, agent = 0, model = 0, tool = 0, provider = 0;
  uint32_t extra = kNone;  // index into RunState::extras
  model::Op op = model::Op::kOther;
  model::CostSource cost_source = model::CostSource::kNone;
  bool error : 1 = false;
  bool times_adjusted : 1 = false;
  bool open : 1 = false;  // sent without an end
  bool consumer : 1 = false, producer : 1 = false;
  bool estimated : 1 = false;  // the tokens were not reported but estimated
  uint16_t setup = 0;          // of an LLM call: index into RunState::setups

  bool has_usage() const { return input_tokens >= 0 || output_tokens >= 0 || total_tokens >= 0; }
  int64_t tokens() const;  // input and output, or the reported total when that is more
  Nanos end() const;
};

// What few spans have.
struct SpanExtra {
  uint32_t session = 0, user = 0, query_type = 0, outcome = 0;
  std::string input, output;  // previews
  std::string error_message;
  uint32_t delegate_to = 0;  // the agent that the span hands work to, as far as it says
  model::EdgeEvidence delegate_evidence = model::EdgeEvidence::kTool;
  bool handoff = false;
};

// How LLM calls were set up; most calls of a run share a few of these.
struct Setup {
  uint64_t hash = 0;  // SetupHash
  uint32_t service_version = 0, model = 0;

  bool operator==(const Setup&) const = default;
};

struct SpanLink {
  uint32_t span = 0;  // index into RunState::spans of the span that has the link
  TraceId trace;      // of the linked span
  SpanId target;
  uint32_t agent = 0;  // the linked span's agent, when the link says so
};

// The preview of the earliest input (or latest output) of an LLM call: kept apart so that not
// every call has to keep its own.
struct Candidate {
  Nanos time = 0;
  SpanId id;
  std::string preview;
  bool set = false;
};

struct RunState {
  uint32_t project = 0;
  TraceId trace_id;
  std::vector<SpanState> spans;
  std::vector<SpanExtra> extras;
  std::vector<SpanLink> links;
  std::vector<Setup> setups;
  Candidate first_input, last_output;
  Nanos last_arrival = 0;
  uint64_t version = 0;
  uint32_t open_spans = 0;
  model::Completeness completeness = model::Completeness::kLive;
  bool dirty = false;   // in the list of changed runs
  bool queued = false;  // in the queue of runs to settle

  size_t MemoryUsage() const;
};

// Adds what is to be kept of `row`.
void AddSpan(const storage::SpanRow& row, Interner* interner, RunState* run);

// Everything of the run but its project, completeness, arrival and version. Time O(n log n) in its
// spans.
model::Run RenderRun(const RunState& run, const Interner& interner);

}  // namespace ao::runs
