#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "observatory/transport.h"

namespace observatory::detail {

// OTLP over gRPC (opentelemetry-proto, docs/specification.md): one unary call per batch, as bytes
// that are already encoded. The channel is made with the first batch and kept.
// The child of a fork() sends by HTTP (HttpInsteadOfGrpc), because gRPC cannot be used there.
//
// Throws std::runtime_error when a certificate or key cannot be read, or when a header is none that
// gRPC can send.
std::shared_ptr<Transport> MakeGrpcTransport(Signal signal, const Endpoint& endpoint);

// Where a URL points for gRPC: "host:port" without scheme and path, or "unix:path" as it is. Of an
// endpoint without scheme, Endpoint::insecure decides.
struct GrpcTarget {
  std::string address;
  bool tls = false;
};
GrpcTarget ReadGrpcTarget(const Endpoint& endpoint);

// What a status other than OK means. `details` is a google.rpc.Status, perhaps with a RetryInfo.
ExportResponse InterpretGrpcStatus(int code, const std::string& message, std::string_view details,
                                   const std::string& url);

}  // namespace observatory::detail
