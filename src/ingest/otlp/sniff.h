#pragma once

#include <cstdint>
#include <string_view>

#include "model/telemetry.h"

// Internal: guesses what a protobuf request holds from the shape of its records. The three
// requests share their outer field numbers, so that a body sent to the wrong endpoint decodes
// into nonsense instead of failing.

namespace ao::ingest::otlp {

struct Sniffed {
  model::Signal signal = model::Signal::kTraces;
  uint64_t records = 0;  // 0: cannot tell
};

// Sure only when every record has the shape of one signal. Never throws. Thread-safe.
Sniffed SniffProtobuf(std::string_view body);

}  // namespace ao::ingest::otlp
