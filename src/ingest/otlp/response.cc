#include "ingest/otlp/response.h"

#include <fmt/core.h>
#include <protozero/pbf_writer.hpp>

#include "base/json_writer.h"
#include "base/utf8.h"

namespace ao::ingest::otlp {
namespace {

// Responses must stay far below the 4 MiB that clients accept.
constexpr size_t kMaxMessage = 4096;

std::string_view UnitOf(model::Signal signal) {
  switch (signal) {
    case model::Signal::kTraces: return "spans";
    case model::Signal::kLogs: return "log records";
    case model::Signal::kMetrics: return "data points";
  }
  return "records";
}

std::string_view RejectedName(model::Signal signal) {
  switch (signal) {
    case model::Signal::kTraces: return "rejectedSpans";
    case model::Signal::kLogs: return "rejectedLogRecords";
    case model::Signal::kMetrics: return "rejectedDataPoints";
  }
  return "rejectedSpans";
}

}  // namespace

ExportResult ExportResultOf(const model::Batch& batch) {
  ExportResult result{batch.rejected_count(), {}};
  if (result.rejected != 0) {
    result.message = fmt::format("rejected {} of {} {}:", result.rejected,
                                 result.rejected + batch.accepted, UnitOf(batch.signal));
    for (const auto& [reason, count] : batch.rejected) {
      result.message += fmt::format(" {} {},", count, reason);
    }
    result.message.pop_back();
  }
  for (const std::string& warning : batch.warnings) {
    if (!result.message.empty()) result.message += "; ";
    result.message += warning;
  }
  return result;
}

std::string EncodeExportResponse(Encoding encoding, model::Signal signal,
                                 const ExportResult& result) {
  const bool partial = result.rejected != 0 || !result.message.empty();
  const std::string message(Utf8Prefix(result.message, kMaxMessage));
  if (encoding == Encoding::kProtobuf) {
    std::string out;
    if (!partial) return out;
    protozero::pbf_writer writer(out);
    protozero::pbf_writer details(writer, 1);
    if (result.rejected != 0) details.add_int64(1, static_cast<int64_t>(result.rejected));
    details.add_string(2, message);
    details.commit();
    return out;
  }
  JsonWriter json;
  json.BeginObject();
  if (partial) {
    json.Key("partialSuccess").BeginObject();
    if (result.rejected != 0) json.Field(RejectedName(signal), std::to_string(result.rejected));
    json.Field("errorMessage", message).EndObject();
  }
  json.EndObject();
  return json.Take();
}

std::string EncodeStatus(Encoding encoding, const Status& status) {
  std::string message(Utf8Prefix(status.message(), kMaxMessage));
  if (!status.hint().empty()) message.append("; ").append(status.hint());
  const int code = GrpcCodeOf(status.code());
  if (encoding == Encoding::kProtobuf) {
    std::string out;
    protozero::pbf_writer writer(out);
    writer.add_int32(1, code);
    writer.add_string(2, message);
    return out;
  }
  JsonWriter json;
  json.BeginObject().Field("code", code).Field("message", message).EndObject();
  return json.Take();
}

}  // namespace ao::ingest::otlp
