#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/http_server.h"

// Which browser origins may call the server, and the headers that say so. Thread-safe.

namespace ao::net {

class CorsPolicy {
 public:
  explicit CorsPolicy(CorsOptions options) : options_(std::move(options)) {}

  // Appends what a response to a request from `origin` carries; nothing when it is not allowed.
  void AddHeaders(std::string_view origin, HeaderList* headers) const;
  // The same for a preflight. `requested_headers` is the Access-Control-Request-Headers.
  void AddPreflightHeaders(std::string_view origin, const std::vector<std::string>& methods,
                           std::string_view requested_headers, HeaderList* headers) const;

 private:
  bool AllowsAny() const;
  bool Allows(std::string_view origin) const;

  CorsOptions options_;
};

}  // namespace ao::net
