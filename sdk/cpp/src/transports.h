#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "observatory/transport.h"

namespace observatory::detail {

// Of OTLP over HTTP, after the base URL.
const char* PathOf(Signal signal) noexcept;

// What register_transport() was given for a protocol; null: nothing.
TransportFactory FindTransport(std::string_view protocol) noexcept;

// The transport of an endpoint, whose protocol is "http/protobuf" or registered. Never null: one
// that cannot be made is replaced by one that refuses everything and says why.
std::shared_ptr<Transport> MakeTransport(Signal signal, const Endpoint& endpoint);

// The same place by HTTP, for who cannot speak gRPC: with the path of the signal, and at port 4318
// instead of 4317, where HTTP would not be understood.
OBSERVATORY_API Endpoint HttpInsteadOfGrpc(Signal signal, Endpoint endpoint);
// For the component grpc, to which the library's own transport is hidden.
OBSERVATORY_API std::shared_ptr<Transport> MakeHttpFallback(const Endpoint& endpoint);

}  // namespace observatory::detail
