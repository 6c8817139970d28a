#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observatory/sdk.h"
#include "observatory/transport.h"

// The standard OTEL_* variables (OpenTelemetry specification, "Environment Variable Specification"
// and "OTLP exporter configuration").

namespace observatory::detail {

// What a variable says; nothing when it is unset or empty.
std::optional<std::string> ReadVariable(const char* name);

// "a=1,b=%20x": keys and values, percent-decoded. Members without '=' are left out and added to
// `bad`.
std::vector<std::pair<std::string, std::string>> ParsePairs(std::string_view text,
                                                            std::vector<std::string>* bad);
std::string PercentDecode(std::string_view text);
// Without blanks and tabs around it.
std::string_view Trim(std::string_view text);

struct Environment {
  std::vector<std::string> problems;  // malformed variables, as sentences; each once

  bool Disabled() const;
  // Fills what `options` leaves open.
  void Apply(Options* options);
  Endpoint EndpointOf(Signal signal, const Options& options);

 private:
  void Report(std::string problem);
  void Replace(Signal signal, Endpoint* endpoint);
  template <typename T>
  void Number(const char* name, T* value);
  void Milliseconds(const char* name, std::chrono::milliseconds* value);
  void ApplyBatch(const char* prefix, BatchOptions* options);
  void ApplyLimits(SpanLimits* limits);
  std::shared_ptr<Sampler> ReadSampler();
  void ApplyResource(Options* options);
};

}  // namespace observatory::detail
