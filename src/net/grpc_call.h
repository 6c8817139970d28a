#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "base/hash_map.h"
#include "net/grpc_server.h"
#include "net/worker_pool.h"

// One unary call on grpc++'s generic service, from its arrival to its end. Internal to net/.

namespace ao::net {

struct GrpcJob {
  const GrpcHandler* handler = nullptr;
  GrpcRequest request;
  GrpcReplyPtr reply;
};

// What calls share with their server; a reply that is kept may outlive the server with it.
struct GrpcCore {
  GrpcCore(GrpcServerOptions opts, MemoryBudget& memory, Authenticator& auth);
  ~GrpcCore();
  GrpcCore(const GrpcCore&) = delete;
  GrpcCore& operator=(const GrpcCore&) = delete;

  const GrpcServerOptions options;
  MemoryBudget& budget;
  Authenticator& authenticator;
  HashMap<std::string, GrpcHandler> methods;  // immutable after Start
  WorkerPool<GrpcJob> pool;
  grpc::AsyncGenericService service;
  std::atomic<bool> draining{false};

  // The completion queues take operations until `closed`; whoever starts one holds `mutex` shared.
  std::shared_mutex mutex;
  bool closed = false;
};

class GrpcCall final : public std::enable_shared_from_this<GrpcCall> {
 public:
  // What a completion queue hands back. Keeps the call alive while the operation is under way.
  struct Tag {
    void (GrpcCall::*done)(bool ok) = nullptr;
    std::shared_ptr<GrpcCall> call;
  };

  GrpcCall(std::shared_ptr<GrpcCore> core, grpc::ServerCompletionQueue* queue)
      : core_(std::move(core)), queue_(queue) {}

  // Waits for the next call on the queue.
  static void Request(const std::shared_ptr<GrpcCore>& core, grpc::ServerCompletionQueue* queue);
  // Dispatches what a completion queue returned.
  static void Complete(void* tag, bool ok);

  // From any thread; only the first has an effect.
  void Send(std::string message);
  void Fail(const Status& status, std::optional<Nanos> retry_after);
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  void OnRequested(bool ok);
  void OnDone(bool ok);
  void OnRead(bool ok);
  void OnFinished(bool ok);
  // Why the call may not go on to be read.
  Status Admit();
  void Answer(const std::string& method);
  void* Start(Tag* tag, void (GrpcCall::*done)(bool));
  HeaderList Metadata() const;
  Status TakeMessage(GrpcRequest* request);

  const std::shared_ptr<GrpcCore> core_;
  grpc::ServerCompletionQueue* const queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  grpc::ByteBuffer incoming_;
  const GrpcHandler* handler_ = nullptr;
  Principal principal_;
  HeaderList metadata_;
  std::atomic<bool> answered_{false};
  std::atomic<bool> cancelled_{false};
  Tag operation_;  // one of request, read and finish at a time
  Tag done_;
};

}  // namespace ao::net
