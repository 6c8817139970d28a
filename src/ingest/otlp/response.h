#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "model/telemetry.h"

// Internal: the bodies that OTLP clients get. Thread-safe, no state.

namespace ao::ingest::otlp {

enum class Encoding : uint8_t { kProtobuf, kJson };

constexpr std::string_view ContentType(Encoding encoding) {
  return encoding == Encoding::kProtobuf ? "application/x-protobuf" : "application/json";
}

// What a stored request is answered with. Nothing rejected and no message: plain success.
struct ExportResult {
  uint64_t rejected = 0;
  std::string message;
};
// Counts and reasons of what the decoder left out, and its warnings.
ExportResult ExportResultOf(const model::Batch& batch);

// Export{Trace,Logs,Metrics}ServiceResponse.
std::string EncodeExportResponse(Encoding encoding, model::Signal signal,
                                 const ExportResult& result);
// google.rpc.Status with message and hint.
std::string EncodeStatus(Encoding encoding, const Status& status);

}  // namespace ao::ingest::otlp
