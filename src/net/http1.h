#pragma once

#include <memory>

#include "net/connection.h"

namespace ao::net {

// HTTP/1.1 on `connection`, which owns the result.
std::unique_ptr<Protocol> MakeHttp1(Connection& connection);

}  // namespace ao::net
