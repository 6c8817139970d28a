#pragma once

#include <memory>

#include "net/connection.h"

namespace ao::net {

// HTTP/2 on `connection`, which owns the result.
std::unique_ptr<Protocol> MakeHttp2(Connection& connection);

}  // namespace ao::net
