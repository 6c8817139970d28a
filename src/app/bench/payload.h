#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

// OTLP protobuf request bodies for load generation. A template is encoded once; each Stamp gives
// it fresh ids, times and (for conversations) text, so that no two requests carry the same data.

namespace protozero {
template <typename T>
class basic_pbf_writer;
using pbf_writer = basic_pbf_writer<std::string>;
}  // namespace protozero

namespace ao::bench {

enum class PayloadKind : uint8_t {
  kSmall,  // 20-span agent runs, about 500 bytes a span
  kLlm,    // agents whose LLM spans carry the growing conversation, about 8 KB a span on average
  // A 30-turn agent as they are in the field: 6 KB system prompt, 9 KB of tool definitions, tool
  // results of 2 KB; about 50 KB a span on average.
  kConversation,
};

class Payload {
 public:
  // About `spans` spans a request (rounded to whole traces).
  Payload(PayloadKind kind, int spans, uint64_t seed);

  // A body with new ids, spans ending at `now`. The reference is valid until the next call.
  // Trace ids follow from (seed, counter), so that a reader can name them again: TraceIdAt.
  const std::string& Stamp(Nanos now);

  int spans() const { return spans_; }
  int traces() const { return static_cast<int>(traces_.size()); }
  size_t bytes() const { return body_.size(); }
  // The id of the n-th trace ever stamped by a payload with this seed.
  static TraceId TraceIdAt(uint64_t seed, uint64_t n);
  uint64_t stamped_traces() const { return counter_; }

 private:
  struct SpanPatch {
    std::vector<size_t> span_id_at;  // its own id, and as the parent of others
    size_t start_at = 0, end_at = 0;
    Nanos start_offset = 0, end_offset = 0;  // relative to the end of the trace, negative
  };
  struct TracePatch {
    std::vector<size_t> trace_id_at;
    std::vector<size_t> token_at;  // 16 hex digits inside texts
    std::vector<SpanPatch> spans;
  };

  void Encode(PayloadKind kind, int spans);
  void EncodeTrace(PayloadKind kind, int per_trace, std::mt19937_64& random,
                   protozero::pbf_writer& scope_spans);
  void FindPatches();

  uint64_t seed_;
  uint64_t counter_ = 0;
  int spans_ = 0;
  std::string body_;
  std::vector<TracePatch> traces_;
  std::vector<std::pair<TraceId, std::vector<SpanId>>> markers_;
};

}  // namespace ao::bench
