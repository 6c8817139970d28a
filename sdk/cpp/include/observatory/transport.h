#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observatory/export.h"

namespace observatory {

enum class Signal : uint8_t { kTraces, kMetrics, kLogs };
enum class Compression : uint8_t { kNone, kGzip };

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
  uint64_t rejected = 0;     // records that the server did not take although it accepted
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

// Where one signal is sent, as Options and the OTEL_EXPORTER_OTLP_* variables say.
struct Endpoint {
  std::string protocol = "http/protobuf";
  std::string url;  // of HTTP with the signal's path; else as it was given
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{10000};  // of one request
  Compression compression = Compression::kGzip;
  std::string certificate, client_key, client_certificate;  // PEM files; empty: the system's, none
  bool insecure = false;  // no TLS where the URL does not say (OTEL_EXPORTER_OTLP_INSECURE)
};

// Makes the transport of one signal. Null, or a thrown std::exception: it cannot be made.
using TransportFactory = std::shared_ptr<Transport> (*)(Signal signal, const Endpoint& endpoint);

// Teaches configurations made from now on a protocol that OTEL_EXPORTER_OTLP_PROTOCOL may name.
// Thread-safe. The component observatory::grpc does so for "grpc" by being linked.
OBSERVATORY_API void register_transport(std::string_view protocol,
                                        TransportFactory factory) noexcept;

}  // namespace observatory
