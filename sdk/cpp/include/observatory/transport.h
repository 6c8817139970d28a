#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "observatory/export.h"

namespace observatory {

enum class Signal : uint8_t { kTraces, kMetrics, kLogs };

struct ExportRequest {
  Signal signal = Signal::kTraces;
  std::string_view body;  // an OTLP Export...ServiceRequest, protobuf, not compressed
  std::chrono::milliseconds timeout{10000};
  const std::atomic<bool>* cancelled = nullptr;  // set: give up soon; may be null
};

struct ExportResponse {
  enum class Outcome : uint8_t {
    kAccepted,  // by the server, perhaps in part
    kRetry,     // try again later: nothing was taken
    kRefused,   // trying again is of no use
  };
  Outcome outcome = Outcome::kRetry;
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
  uint64_t rejected = 0;  // records that the server did not take although it accepted
  std::string message = {};  // why, or a warning
};

// Carries encoded telemetry to a backend. Called by one exporting thread per signal; may wait, up
// to the timeout; does not throw.
class OBSERVATORY_API Transport {
 public:
  virtual ~Transport();
  virtual ExportResponse send(const ExportRequest& request) noexcept = 0;
  // In the child of a fork(): what was open belongs to the parent and must be left alone.
  virtual void after_fork() noexcept;
};

}  // namespace observatory
