#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "observatory/transport.h"

namespace observatory::detail {

// What register_transport() was given for a protocol; null: nothing.
TransportFactory FindTransport(std::string_view protocol) noexcept;

// The transport of an endpoint, whose protocol is "http/protobuf" or registered. Never null: one
// that cannot be made is replaced by one that refuses everything and says why.
std::shared_ptr<Transport> MakeTransport(Signal signal, const Endpoint& endpoint);

}  // namespace observatory::detail
