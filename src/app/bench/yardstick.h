#pragma once

#include "app/bench/payload.h"
#include "base/status.h"

namespace ao::bench {

// Costs on one core, in this process, of the same request body.
struct WalkCost {
  double bytes_per_span = 0;
  double walk_ns = 0;     // bare protozero walk over every field, nothing kept: the yardstick
  double decode_ns = 0;   // ingest::otlp::DecodeProtobuf
  double prepare_ns = 0;  // storage::Prepare of the decoded batch
};
Result<WalkCost> MeasureWalk(PayloadKind kind);

}  // namespace ao::bench
