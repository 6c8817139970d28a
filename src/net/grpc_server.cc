#include "net/grpc_server.h"

#include <grpc/grpc.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "net/grpc_call.h"

namespace ao::net {
namespace {

constexpr int kQueues = 2;
constexpr int kWaitingPerQueue = 16;

Result<std::string> ReadPem(std::string_view what, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return InvalidArgument(fmt::format("cannot use {} {}: not readable", what, path));
  }
  return std::move(text).str();
}

Result<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const TlsOptions& tls) {
  if (!tls.enabled()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  AO_ASSIGN_OR_RETURN(pair.cert_chain, ReadPem("TLS certificate", tls.certificate_file));
  AO_ASSIGN_OR_RETURN(pair.private_key, ReadPem("TLS key", tls.key_file));
  options.pem_key_cert_pairs.push_back(std::move(pair));
  if (!tls.client_ca_file.empty()) {
    AO_ASSIGN_OR_RETURN(options.pem_root_certs, ReadPem("client CA file", tls.client_ca_file));
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

class GenericServer final : public GrpcServer {
 public:
  GenericServer(GrpcServerOptions options, MemoryBudget& budget, Authenticator& authenticator,
                std::shared_ptr<grpc::ServerCredentials> credentials)
      : core_(std::make_shared<GrpcCore>(std::move(options), budget, authenticator)),
        credentials_(std::move(credentials)) {}
  ~GenericServer() override { Stop(0); }
  GenericServer(const GenericServer&) = delete;
  GenericServer& operator=(const GenericServer&) = delete;

  void AddMethod(std::string method, GrpcHandler handler) override {
    core_->methods[std::move(method)] = std::move(handler);
  }
  Status Start() override;
  std::string address() const override { return address_; }
  void Stop(Nanos grace) override;

 private:
  const std::shared_ptr<GrpcCore> core_;
  const std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::thread> threads_;
  std::string address_;
};

Status GenericServer::Start() {
  const GrpcServerOptions& options = core_->options;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.listen, credentials_, &port);
  builder.RegisterAsyncGenericService(&core_->service);
  const size_t limit = std::min<size_t>(options.max_message_bytes, INT32_MAX);
  builder.SetMaxReceiveMessageSize(static_cast<int>(limit));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  // Two servers must not share a port by accident.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients that ping often are common in the field, and harmless.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  if (options.max_connection_age > 0) {
    const auto age = std::min<Nanos>(options.max_connection_age / kMillisecond, INT32_MAX);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, static_cast<int>(age));
  }
  for (int i = 0; i < kQueues; ++i) queues_.push_back(builder.AddCompletionQueue());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    for (const auto& queue : queues_) queue->Shutdown();
    void* tag = nullptr;
    bool ok = false;
    for (const auto& queue : queues_) {
      while (queue->Next(&tag, &ok)) {
      }
    }
    queues_.clear();
    server_.reset();
    return Unavailable(
        fmt::format("cannot listen on {}: address already in use or not ours", options.listen));
  }
  address_ = fmt::format("{}:{}", options.listen.substr(0, options.listen.rfind(':')), port);
  core_->pool.Start(std::max(1, options.ingest_threads));
  for (const auto& queue : queues_) {
    for (int i = 0; i < kWaitingPerQueue; ++i) GrpcCall::Request(core_, queue.get());
    threads_.emplace_back([queue = queue.get()] {
      void* tag = nullptr;
      bool ok = false;
      while (queue->Next(&tag, &ok)) GrpcCall::Complete(tag, ok);
    });
  }
  return {};
}

void GenericServer::Stop(Nanos grace) {
  if (server_ == nullptr) return;
  core_->draining = true;
  // GOAWAY; calls that are still open at the deadline are cancelled.
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::nanoseconds(grace));
  {
    std::lock_guard lock(core_->mutex);
    core_->closed = true;
    for (const auto& queue : queues_) queue->Shutdown();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  core_->pool.Stop();
  server_.reset();
  queues_.clear();
}

}  // namespace

Result<std::unique_ptr<GrpcServer>> GrpcServer::Create(GrpcServerOptions options,
                                                       MemoryBudget& budget,
                                                       Authenticator& authenticator) {
  AO_ASSIGN_OR_RETURN(auto credentials, MakeCredentials(options.tls));
  return std::unique_ptr<GrpcServer>(std::make_unique<GenericServer>(
      std::move(options), budget, authenticator, std::move(credentials)));
}

}  // namespace ao::net
