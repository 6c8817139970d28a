#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/http_client.h"
#include "cli/json.h"

// The server's REST API as commands call it: base URL, key and timeout from the flags of
// ServerFlags(), errors of the server as Status. Lives as long as one command.

namespace ao::cli {

class ApiClient {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;  // empty values are left out

  static Result<ApiClient> From(const Invocation& invocation, Io& io);

  Result<Json> Get(std::string_view path, const Query& query = {});
  Result<Json> Post(std::string_view path, std::string body);
  Result<Json> Put(std::string_view path, std::string body);
  Result<Json> Delete(std::string_view path, const Query& query = {});
  // As it came, whatever its HTTP status.
  Result<ClientResponse> PostRaw(std::string_view path, std::string body);
  // Hands on the body as it comes, without time limit.
  Status Stream(std::string_view path, const Query& query, const HttpClient::Sink& sink);

  const std::string& server() const { return server_; }

 private:
  ApiClient(HttpClient& http, std::string server, std::string key, Nanos timeout)
      : http_(&http), server_(std::move(server)), key_(std::move(key)), timeout_(timeout) {}
  ClientRequest Request(std::string method, std::string_view path, const Query& query) const;

  HttpClient* http_;
  std::string server_;
  std::string key_;
  Nanos timeout_;
};

// What an error answer says: code by HTTP status, message and hint from its body. Ok for 2xx.
Status StatusOfResponse(const ClientResponse& response);

std::string PercentEncode(std::string_view text);

}  // namespace ao::cli
