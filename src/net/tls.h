#pragma once

#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "base/status.h"
#include "net/http_server.h"

namespace ao::net {

// A server context that offers h2 and http/1.1. invalid_argument with the file that is at fault.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsOptions& options);

}  // namespace ao::net
