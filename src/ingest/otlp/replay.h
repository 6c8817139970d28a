#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "ingest/otlp/decode.h"
#include "model/telemetry.h"

// Names for how a request was encoded, kept beside its body so that it can be decoded again after
// a crash: "otlp/traces/protobuf", "otlp/logs/json", ... Thread-safe, no state.

namespace ao::ingest::otlp {

std::string FormatName(model::Signal signal, bool json);
bool IsOtlpFormat(std::string_view format);

// invalid_argument when the format is not one of OTLP's.
Result<model::Batch> DecodeFormat(std::string_view format, std::string body,
                                  const DecodeLimits& limits = {});

}  // namespace ao::ingest::otlp
