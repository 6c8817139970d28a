#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_server.h"

// Unary gRPC calls as byte buffers (grpc++ generic service): no generated message code.

namespace ao::net {

struct GrpcRequest {
  std::string method;   // "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
  std::string message;  // decompressed
  HeaderList metadata;  // lower-case names
  std::string remote_address;
  Principal principal;
  MemoryBudget::Lease memory;
};

class GrpcReply {
 public:
  virtual ~GrpcReply() = default;
  // Exactly one of the two, once, from any thread.
  virtual void Send(std::string message) = 0;
  // `retry_after` attaches google.rpc.RetryInfo in grpc-status-details-bin.
  virtual void Fail(const Status& status, std::optional<Nanos> retry_after) = 0;
};
using GrpcReplyPtr = std::shared_ptr<GrpcReply>;
// Runs on the server's own bounded ingest pool.
using GrpcHandler = std::function<void(GrpcRequest request, GrpcReplyPtr reply)>;

struct GrpcServerOptions {
  std::string listen = "127.0.0.1:4317";
  TlsOptions tls;
  size_t max_message_bytes = 64ull << 20;
  int max_concurrent_streams = 256;
  int ingest_threads = 2;
  size_t max_queued_requests = 1024;
  Nanos max_connection_age = 0;  // 0: unlimited; set behind proxyless load balancers
};

// Also answers grpc.health.v1.Health/Check. Unknown methods: UNIMPLEMENTED. Thread-safe.
class GrpcServer {
 public:
  static Result<std::unique_ptr<GrpcServer>> Create(GrpcServerOptions options, MemoryBudget& budget,
                                                    Authenticator& authenticator);
  virtual ~GrpcServer() = default;
  virtual void AddMethod(std::string method, GrpcHandler handler) = 0;
  virtual Status Start() = 0;
  virtual std::string address() const = 0;
  virtual void Stop(Nanos grace) = 0;  // GOAWAY, then calls have up to `grace` to finish
};

}  // namespace ao::net
