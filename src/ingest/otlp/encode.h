#pragma once

#include <string>

#include "model/telemetry.h"

// Batches back to OTLP: one TracesData, LogsData or MetricsData message, as `batch.signal` says.
// Lossless, but for invalid UTF-8, which JSON cannot carry (U+FFFD takes its place). Fields with
// their default value are left out. Thread-safe, no state.

namespace ao::ingest::otlp {

std::string EncodeProtobuf(const model::Batch& batch);

// Strict OTLP-JSON: lowerCamelCase names, hex ids, 64-bit integers as strings, enums as integers.
std::string EncodeJson(const model::Batch& batch);

}  // namespace ao::ingest::otlp
