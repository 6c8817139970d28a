#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "ingest/ledger.h"
#include "ingest/otlp/decode.h"
#include "ingest/sink.h"
#include "net/grpc_server.h"
#include "net/http.h"
#include "net/http_server.h"

// The OTLP receiver: traces, logs and metrics over HTTP (protobuf and JSON) and gRPC. Decodes,
// delivers to the sink, and answers when the sink has: OK means durable and readable. Requests
// without a single acceptable record are answered at once.
//
// A sink that fails is answered so that clients try again where that helps: unavailable,
// deadline_exceeded and cancelled as 503 (gRPC UNAVAILABLE) to be retried after 1 s;
// resource_exhausted, which from a store means a full disk, likewise but after 30 s. What a
// retry cannot cure keeps its own code.
//
// Thread-safe. Outlives the servers that it is registered with and the sink's callbacks; the
// ledger and the clock outlive it.
//
//   Receiver receiver(sink, ledger, SystemClock());
//   receiver.Register(*http_server);
//   receiver.Register(*grpc_server);

namespace ao::ingest::otlp {

class Receiver {
 public:
  Receiver(Sink sink, Ledger& ledger, const Clock& clock, DecodeLimits limits = {});
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  void Register(net::HttpServer& server);
  void Register(net::GrpcServer& server);

  // Fits net::HttpServerOptions::ingest_error: transport errors (400, 401, 413, 415, 503 ...) as
  // a google.rpc.Status in the request's content type, booked in the ledger.
  net::HttpResponse TransportError(const net::HttpRequest& request, int http_status,
                                   const Status& status);

 private:
  struct Call;

  void HandleHttp(model::Signal signal, net::HttpRequest request, const net::ReplyPtr& reply);
  void HandleGrpc(model::Signal signal, net::GrpcRequest request, const net::GrpcReplyPtr& reply);
  // Decodes and delivers; `call` says how to answer.
  void Export(Call call);

  const Sink sink_;
  Ledger& ledger_;
  const Clock& clock_;
  const DecodeLimits limits_;
};

}  // namespace ao::ingest::otlp
