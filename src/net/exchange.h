#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/memory_budget.h"
#include "net/body_buffer.h"
#include "net/cors.h"
#include "net/http_server.h"
#include "net/inflate.h"
#include "net/router.h"
#include "net/stream_queue.h"
#include "net/worker_pool.h"

// What HTTP/1.1 and HTTP/2 have in common: from a request's head and body to a handler, and from
// a handler's reply to what goes on the wire.

namespace ao::net {

// A response ready for the wire: header names in lower case, values without control characters.
struct WireResponse {
  int status = 200;
  HeaderList headers;  // without content-length, connection and date
  std::string body;
  std::shared_ptr<StreamQueue> stream;  // the body continues here; its length is not known
  bool head_only = false;               // the answer to HEAD: length but no body
  bool close = false;                   // end the connection (HTTP/1.1)
};

// A connection, seen from replies. Thread-safe; outlives its socket.
class ReplyTarget {
 public:
  virtual ~ReplyTarget() = default;
  // `exchange` is the connection's own number of the request. Late replies are dropped.
  virtual void PostResponse(uint32_t exchange, WireResponse response) = 0;
  virtual void PostStreamReady(uint32_t exchange) = 0;
};

struct HttpJob {
  const Route* route = nullptr;
  HttpRequest request;
  ReplyPtr reply;
};

// Everything that connections share. Immutable after Start, but for the pools.
struct HttpCore {
  HttpCore(HttpServerOptions opts, MemoryBudget& memory, Authenticator& auth);

  const HttpServerOptions options;
  const CorsPolicy cors;
  MemoryBudget& budget;
  Authenticator& authenticator;
  Router router;
  WorkerPool<HttpJob> ingest;
  WorkerPool<HttpJob> query;
};

struct RequestHead {
  std::string method;
  std::string target;
  HeaderList headers;  // names in lower case
  std::optional<uint64_t> content_length;
};

// What a reply needs to remember of its request.
struct ReplyTraits {
  bool gzip = false;
  bool head_only = false;
  bool ingest = false;
  std::string origin;
  // For `ingest_error`.
  std::string method, path, content_type;
};

// One request being read. Lives on its connection's thread. Each step returns the response when
// the request has failed; then the rest of the body is to be thrown away.
class Exchange {
 public:
  using Failure = std::optional<WireResponse>;

  Exchange(std::shared_ptr<HttpCore> core, std::shared_ptr<ReplyTarget> target, uint32_t id,
           std::string remote_address);

  Failure Begin(RequestHead head, bool overloaded);
  Failure OnBody(std::string_view bytes);
  // The body is complete: hands the request to its pool.
  Failure OnEnd();
  // The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }

 private:
  Failure BeginRouted(RequestHead& head, std::string_view raw_query);
  Failure Authorise();
  Failure Preflight(const RequestHead& head, std::string_view path);
  Failure Fail(int http_status, const Status& status);
  Failure Fail(const Status& status) { return Fail(HttpStatusOf(status.code()), status); }

  const std::shared_ptr<HttpCore> core_;
  const std::shared_ptr<ReplyTarget> target_;
  const uint32_t id_;
  const Route* route_ = nullptr;
  HttpRequest request_;
  ReplyTraits traits_;
  std::optional<BodyBuffer> body_;
  std::unique_ptr<Inflater> inflater_;
  bool expects_continue_ = false;
};

// Applies CORS, compression and HEAD.
WireResponse Finalise(const HttpCore& core, const ReplyTraits& traits, HttpResponse response);

}  // namespace ao::net
