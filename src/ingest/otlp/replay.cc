#include "ingest/otlp/replay.h"

#include <optional>

#include <fmt/core.h>

namespace ao::ingest::otlp {
namespace {

using model::Signal;

struct Format {
  Signal signal = Signal::kTraces;
  bool json = false;
};

std::optional<Format> ParseFormat(std::string_view name) {
  for (Signal signal : {Signal::kTraces, Signal::kLogs, Signal::kMetrics}) {
    for (bool json : {false, true}) {
      if (name == FormatName(signal, json)) return Format{signal, json};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string FormatName(Signal signal, bool json) {
  return fmt::format("otlp/{}/{}", SignalName(signal), json ? "json" : "protobuf");
}

bool IsOtlpFormat(std::string_view format) { return ParseFormat(format).has_value(); }

Result<model::Batch> DecodeFormat(std::string_view name, std::string body,
                                  const DecodeLimits& limits) {
  const auto format = ParseFormat(name);
  if (!format) {
    return InvalidArgument(fmt::format("cannot decode request: unknown format '{}'", name));
  }
  return format->json ? DecodeJson(format->signal, std::move(body), limits)
                      : DecodeProtobuf(format->signal, std::move(body), limits);
}

}  // namespace ao::ingest::otlp
