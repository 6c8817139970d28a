#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

// HTTP as commands need it, so that tests can answer instead of a server. Thread-compatible.

namespace ao::cli {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Nanos timeout = kMinute;  // 0: none (streams)
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  std::string_view header(std::string_view name) const;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // unavailable "cannot reach URL: connection refused", deadline_exceeded; any HTTP status is ok.
  virtual Result<ClientResponse> Send(const ClientRequest& request) = 0;
  // Hands the body of a 2xx to `sink` as it comes; when that returns false the transfer ends with
  // cancelled. The body of any other status is in the response.
  using Sink = std::function<bool(std::string_view)>;
  virtual Result<ClientResponse> Stream(const ClientRequest& request, const Sink& sink) = 0;
};

// The real one, on libcurl.
std::unique_ptr<HttpClient> NewHttpClient();

}  // namespace ao::cli
