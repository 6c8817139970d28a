#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"
#include "model/telemetry.h"

// OTLP requests (opentelemetry-proto v1.11: Export*ServiceRequest, wire-identical with TracesData,
// LogsData and MetricsData) to batches. The batch keeps the body; what the protobuf decoder makes
// points straight into it. Thread-safe, no state.
//
// Records that cannot be accepted (spans without valid ids, points without a time ...) are left
// out and counted in Batch::rejected; what was mended is told in Batch::warnings. Times and
// invalid UTF-8 are kept as they came. A body that does not parse, or that holds another signal
// than `signal`, is invalid_argument; one that would need too much memory is resource_exhausted.

namespace ao::ingest::otlp {

struct DecodeLimits {
  int max_value_depth = 64;                      // nesting of arrays and maps in attribute values
  size_t max_decoded_bytes = size_t{512} << 20;  // of decoded records, besides the body
};

Result<model::Batch> DecodeProtobuf(model::Signal signal, std::string body,
                                    const DecodeLimits& limits = {});

// Lenient: snake_case names, enum names, numbers as strings, hex ids of either case, nulls and
// unknown fields are taken. Errors name the place: "resourceSpans[0].scopeSpans[0].spans[3].name".
Result<model::Batch> DecodeJson(model::Signal signal, std::string body,
                                const DecodeLimits& limits = {});

// One line of an OTLP file (JSON lines); its outermost name says which signal it is.
Result<model::Batch> DecodeJsonLine(std::string line, const DecodeLimits& limits = {});

}  // namespace ao::ingest::otlp
