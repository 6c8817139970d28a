#include "net/http_server.h"

#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>

#include "base/log.h"
#include "net/ascii.h"
#include "net/connection.h"
#include "net/tls.h"

namespace ao::net {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kOverloadConnections = 256;  // beyond the limit, only to say so
constexpr Nanos kAcceptRetry = 100 * kMillisecond;

struct HostPort {
  std::string host;
  std::string port;
};

Result<HostPort> SplitAddress(std::string_view listen) {
  const size_t colon = listen.rfind(':');
  const auto port = colon == std::string_view::npos
                        ? std::nullopt
                        : ParseNumber<uint16_t>(listen.substr(colon + 1));
  if (!port.has_value()) {
    return InvalidArgument(fmt::format("cannot listen on \"{}\": expected host:port", listen));
  }
  std::string host(listen.substr(0, colon));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return HostPort{std::move(host), std::to_string(*port)};
}

std::string ToString(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                    : fmt::format("{}:{}", host, endpoint.port());
}

class BeastServer final : public HttpServer {
 public:
  BeastServer(HttpServerOptions options, MemoryBudget& budget, Authenticator& authenticator,
              std::shared_ptr<asio::ssl::context> tls)
      : core_(std::make_shared<HttpCore>(std::move(options), budget, authenticator)),
        tls_(std::move(tls)) {}
  ~BeastServer() override { Stop(0); }
  BeastServer(const BeastServer&) = delete;
  BeastServer& operator=(const BeastServer&) = delete;

  void AddRoute(Route route) override { core_->router.Add(std::move(route)); }
  void AddPrefix(std::string prefix, std::string target_prefix) override {
    core_->router.AddPrefix(std::move(prefix), std::move(target_prefix));
  }
  Status Start() override;
  std::string address() const override { return address_; }
  void Stop(Nanos grace) override;

 private:
  Status Bind();
  void Accept();
  void OnAccepted(const error_code& error, size_t thread, tcp::socket socket);

  const std::shared_ptr<HttpCore> core_;
  const std::shared_ptr<asio::ssl::context> tls_;
  const std::shared_ptr<ConnectionCount> count_ = std::make_shared<ConnectionCount>();
  std::vector<std::shared_ptr<IoThread>> threads_;
  std::optional<tcp::acceptor> acceptor_;           // on threads_[0]
  std::optional<asio::steady_timer> accept_retry_;  // on threads_[0]
  size_t next_thread_ = 0;
  std::string address_;
  bool running_ = false;
};

Status BeastServer::Bind() {
  AO_ASSIGN_OR_RETURN(const HostPort where, SplitAddress(core_->options.listen));
  const auto failed = [&](std::string_view why) {
    return Unavailable(fmt::format("cannot listen on {}: {}", core_->options.listen, why));
  };
  error_code error;
  tcp::resolver resolver(threads_[0]->io());
  const auto found = resolver.resolve(where.host, where.port, tcp::resolver::passive, error);
  if (error || found.empty()) return failed(error ? error.message() : "no such host");
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_.emplace(threads_[0]->io());
  acceptor_->open(endpoint.protocol(), error);
  if (error) return failed(error.message());
  acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  acceptor_->bind(endpoint, error);
  if (error == asio::error::address_in_use) return failed("address already in use");
  if (error) return failed(error.message());
  acceptor_->listen(1024, error);
  if (error) return failed(error.message());
  address_ = ToString(acceptor_->local_endpoint(error));
  return {};
}

Status BeastServer::Start() {
  for (int i = 0; i < std::max(1, core_->options.io_threads); ++i) {
    threads_.push_back(std::make_shared<IoThread>());
  }
  if (Status status = Bind(); !status.ok()) {
    acceptor_.reset();
    threads_.clear();
    return status;
  }
  accept_retry_.emplace(threads_[0]->io());
  core_->ingest.Start(std::max(1, core_->options.ingest_threads));
  core_->query.Start(std::max(1, core_->options.query_threads));
  running_ = true;
  Accept();
  for (const auto& thread : threads_) thread->Run();
  return {};
}

void BeastServer::Accept() {
  const size_t thread = next_thread_++ % threads_.size();
  acceptor_->async_accept(threads_[thread]->io(),
                          [this, thread](const error_code& error, tcp::socket socket) {
                            OnAccepted(error, thread, std::move(socket));
                          });
}

void BeastServer::OnAccepted(const error_code& error, size_t thread, tcp::socket socket) {
  if (!acceptor_->is_open()) return;
  if (error) {  // out of descriptors, most likely: some will come back
    AO_LOG(kWarn, "net", "cannot accept a connection", "reason", error.message());
    accept_retry_->expires_after(std::chrono::nanoseconds(kAcceptRetry));
    accept_retry_->async_wait([this](const error_code& stopped) {
      if (!stopped && acceptor_->is_open()) Accept();
    });
    return;
  }
  const size_t open = count_->Add();
  const size_t limit = core_->options.max_connections;
  if (open > limit + kOverloadConnections) {
    count_->Remove();
  } else {
    const auto connection = std::make_shared<Connection>(threads_[thread], std::move(socket), core_,
                                                         tls_, count_, open > limit);
    threads_[thread]->Post([connection, home = threads_[thread].get()] {
      connection->Start();
      if (home->draining) connection->Abort();
    });
  }
  Accept();
}

void BeastServer::Stop(Nanos grace) {
  if (!std::exchange(running_, false)) return;
  threads_[0]->Post([this] {
    error_code ignored;
    acceptor_->close(ignored);
    accept_retry_->cancel();
  });
  const auto each = [this](auto action) {
    for (const auto& thread : threads_) {
      thread->Post([thread = thread.get(), action] {
        thread->draining = true;
        const auto connections = thread->connections;  // they leave while we look
        for (const auto& connection : connections) action(*connection);
      });
    }
  };
  each([](Connection& connection) { connection.Drain(); });
  if (grace > 0) count_->AwaitNone(grace);
  each([](Connection& connection) { connection.Abort(); });
  for (const auto& thread : threads_) thread->End();
  // Their replies have nowhere to go by now.
  core_->ingest.Stop();
  core_->query.Stop();
  acceptor_.reset();
  accept_retry_.reset();
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Create(HttpServerOptions options,
                                                       MemoryBudget& budget,
                                                       Authenticator& authenticator) {
  std::shared_ptr<asio::ssl::context> tls;
  if (options.tls.enabled()) {
    AO_ASSIGN_OR_RETURN(tls, MakeTlsContext(options.tls));
  }
  return std::unique_ptr<HttpServer>(
      std::make_unique<BeastServer>(std::move(options), budget, authenticator, std::move(tls)));
}

}  // namespace ao::net
