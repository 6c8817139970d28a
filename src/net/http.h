#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/memory_budget.h"
#include "base/status.h"

// HTTP as handlers see it, whatever carried it (HTTP/1.1, HTTP/2, TLS). No transport type leaks.

namespace ao::net {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Who is asking. Without authentication everybody is the project "default" with all rights.
struct Principal {
  std::string project = "default";
  std::string key_id;  // empty: anonymous
  bool may_ingest = true;
  bool may_read = true;
  bool may_admin = true;
};

struct HttpRequest {
  std::string method;                                      // upper case
  std::string path;                                        // percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  HeaderList headers;                                      // names in lower case
  std::vector<std::pair<std::string, std::string>> path_parameters;  // from the route's {names}
  std::string body;  // content-encoding already removed
  std::string remote_address;
  Principal principal;
  MemoryBudget::Lease memory;  // covers `body`; give it on to whatever keeps the bytes

  // The first value of a header (name in lower case), or empty.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
  std::optional<std::string_view> parameter(std::string_view name) const;  // of the query
  std::string_view path_parameter(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  HeaderList headers;
  std::string body;
};

// The rest of a streamed response. Thread-safe.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  // Queues a chunk; blocks while the peer is slow and more than a bound is queued. False when the
  // peer has gone or the server is stopping: stop producing.
  virtual bool Write(std::string_view chunk) = 0;
  // Ends the response; implied by destruction.
  virtual void Finish() = 0;
  virtual bool closed() const = 0;
};

// One request to answer: exactly one of Send and Stream is called, once, from any thread, now or
// later. If a Reply dies unanswered the client gets a 500.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void Send(HttpResponse response) = 0;
  // Sends the head (its body is the first chunk) and returns the stream for the rest.
  virtual std::shared_ptr<ResponseStream> Stream(HttpResponse head) = 0;
};
using ReplyPtr = std::shared_ptr<Reply>;

using HttpHandler = std::function<void(HttpRequest request, ReplyPtr reply)>;

enum class Access : uint8_t { kPublic, kIngest, kRead, kAdmin };
// Which pool runs the handler; both are bounded and answer 503 with Retry-After when full, so slow
// queries never hold up ingest.
enum class Lane : uint8_t { kIngest, kQuery };

struct Route {
  std::string method;   // "GET", "POST", ...; "*" for any
  std::string pattern;  // "/api/v1/traces/{id}"; a last "*" matches any rest
  Access access = Access::kRead;
  Lane lane = Lane::kQuery;
  HttpHandler handler;
};

// Decides who a request comes from, from its headers. Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // unauthenticated when a key is needed and missing, unknown or revoked.
  virtual Result<Principal> Authenticate(const HeaderList& headers) = 0;
};

// {"error": {"code", "message", "hint"}} with the status that fits.
HttpResponse ErrorResponse(const Status& status);

}  // namespace ao::net
