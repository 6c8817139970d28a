#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "observatory/sdk.h"

// For tests only: a real gRPC server that keeps the bytes of every call.

namespace observatory::testing {

inline std::string ToText(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Dump(&slices).ok()) return out;
  for (const grpc::Slice& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

struct Call {
  std::string method, body;
  std::map<std::string, std::string> metadata;
  bool has_deadline = false, compressed = false;
};
struct GrpcAnswer {
  grpc::Status status = grpc::Status::OK;
  std::string body = {};
  bool never = false;  // until the client gives up
};

// A real gRPC server on a free port. Messages are bytes, as they came.
class GrpcServer final : public grpc::CallbackGenericService {
 public:
  using Handler = std::function<GrpcAnswer(const Call&)>;

  explicit GrpcServer(Handler handler = {}, int port = 0,
                      const std::shared_ptr<grpc::ServerCredentials>& credentials =
                          grpc::InsecureServerCredentials())
      : handler_(std::move(handler)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), credentials, &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~GrpcServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Call> calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor(GrpcServer* server, grpc::GenericCallbackServerContext* context)
        : server_(server), context_(context) {
      call_.method = context->method();
      for (const auto& [name, value] : context->client_metadata()) {
        call_.metadata.emplace(std::string(name.data(), name.size()),
                               std::string(value.data(), value.size()));
      }
      const auto left = context->deadline() - std::chrono::system_clock::now();
      call_.has_deadline = left < std::chrono::hours(1);
      StartRead(&request_);
    }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status(grpc::INTERNAL, "nothing came"));
      call_.body = ToText(request_);
      const GrpcAnswer answer = server_->Take(call_);
      if (answer.never) return;
      if (!answer.status.ok()) return Finish(answer.status);
      const grpc::Slice slice(answer.body);
      reply_ = grpc::ByteBuffer(&slice, 1);
      StartWriteAndFinish(&reply_, {}, grpc::Status::OK);
    }
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }

   private:
    GrpcServer* const server_;
    grpc::GenericCallbackServerContext* const context_;
    Call call_;
    grpc::ByteBuffer request_, reply_;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(this, context);
  }
  GrpcAnswer Take(const Call& call) {
    {
      std::lock_guard lock(mutex_);
      calls_.push_back(call);
    }
    return handler_ ? handler_(call) : GrpcAnswer();
  }

  const Handler handler_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Call> calls_;
  std::unique_ptr<grpc::Server> server_;
};

inline Options OverGrpcTo(const std::string& url) {
  Options options;
  options.service_name = "over-grpc";
  options.endpoint = url;
  options.protocol = "grpc";
  options.traces.initial_backoff = options.traces.max_backoff = std::chrono::milliseconds(1);
  options.on_problem = [](std::string_view) {};
  return options;
}

}  // namespace observatory::testing
