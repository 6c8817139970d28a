#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

// A small made-up agent run as an OTLP/JSON request, for `observatory send`.

namespace ao::cli {

struct SampleRun {
  std::string trace_id;
  std::string json;
};
// Ends at `now`; the same seed gives the same ids.
SampleRun MakeSampleRun(Nanos now, bool fail, uint64_t seed);

}  // namespace ao::cli
