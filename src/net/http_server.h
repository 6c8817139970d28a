#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http.h"

namespace ao::net {

struct TlsOptions {
  std::string certificate_file, key_file;  // PEM; both empty: no TLS
  std::string client_ca_file;              // not empty: client certificates are required
  bool enabled() const { return !certificate_file.empty(); }
};

struct CorsOptions {
  std::vector<std::string>
      allowed_origins;  // "https://app.example.com", "https://*.example.com", "*"
  std::vector<std::string> allowed_headers;  // besides content-type
  Nanos max_age = 2 * kHour;
};

struct HttpServerOptions {
  std::string listen = "127.0.0.1:4318";  // port 0 picks a free one
  TlsOptions tls;
  CorsOptions cors;
  size_t max_body_bytes = 64ull << 20;  // counted while inflating too
  Nanos read_header_timeout = kMinute;
  Nanos write_timeout = 30 * kSecond;
  Nanos idle_timeout = kMinute;
  int io_threads = 2;
  int ingest_threads = 2;
  int query_threads = 4;
  size_t max_queued_requests = 1024;  // per lane
  size_t max_connections = 4096;
  // How an unroutable or failed request under an OTLP path is answered is the route's business:
  // routes registered with Lane::kIngest get `ingest_error` to render transport errors (400, 413,
  // 415, 401, 503 ...) in the protocol's own body; null: ErrorResponse.
  std::function<HttpResponse(const HttpRequest&, int http_status, const Status&)> ingest_error;
};

// HTTP/1.1 and HTTP/2 (prior knowledge, or ALPN under TLS) on one port, keep-alive, chunked
// bodies, Expect: 100-continue, content-encoding gzip, zstd, deflate and identity, CORS.
// Add routes, then Start. Thread-safe after Start.
class HttpServer {
 public:
  // `budget`, `authenticator` outlive the server.
  static Result<std::unique_ptr<HttpServer>> Create(HttpServerOptions options, MemoryBudget& budget,
                                                    Authenticator& authenticator);
  virtual ~HttpServer() = default;
  virtual void AddRoute(Route route) = 0;
  // Routes also answer under this prefix ("/api/public/otel").
  virtual void AddPrefix(std::string prefix, std::string target_prefix) = 0;
  // Binds and serves; "cannot listen on A: address already in use" and the like.
  virtual Status Start() = 0;
  // host:port actually bound.
  virtual std::string address() const = 0;
  // Stops accepting, lets requests under way finish for up to `grace`, then closes. Connections
  // without a request are closed at once.
  virtual void Stop(Nanos grace) = 0;
};

}  // namespace ao::net
