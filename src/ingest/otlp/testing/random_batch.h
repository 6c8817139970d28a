#pragma once

#include <cstdint>

#include "model/telemetry.h"

// For tests: a batch of acceptable records with everything in it that OTLP knows, and its extremes
// (empty values, 64-bit limits, NaN, nested maps, text of every script). The same seed gives the
// same batch.

namespace ao::ingest::otlp::testing {

model::Batch RandomBatch(model::Signal signal, uint64_t seed);

}  // namespace ao::ingest::otlp::testing
