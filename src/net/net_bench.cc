#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "net/http_server.h"

// Requests a second over loopback, client and server in one process:
// ao_net_bench [connections] [body bytes] [pipelined requests] [seconds].

namespace ao::net {
namespace {

class OpenDoor final : public Authenticator {
 public:
  Result<Principal> Authenticate(const HeaderList&) override { return Principal(); }
};

int Connect(const std::string& address) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const size_t colon = address.rfind(':');
  sockaddr_in peer = {};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) == 0 ? fd : -1;
}

int64_t ThreadCpuNanos() {
  timespec spent = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return spent.tv_sec * kSecond + spent.tv_nsec;
}

// Counts responses until `stop`.
void Drive(int fd, const std::string& requests, int depth, const std::atomic<bool>& stop,
           std::atomic<uint64_t>* served) {
  constexpr std::string_view kMark = "\r\n\r\n{}";
  std::string buffer(1 << 16, '\0');
  while (!stop) {
    for (std::string_view rest = requests; !rest.empty();) {
      const ssize_t sent = send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      rest.remove_prefix(static_cast<size_t>(sent));
    }
    size_t filled = 0;
    int seen = 0;
    size_t from = 0;
    while (seen < depth) {
      const ssize_t got = recv(fd, buffer.data() + filled, buffer.size() - filled, 0);
      if (got <= 0) return;
      filled += static_cast<size_t>(got);
      const std::string_view text(buffer.data(), filled);
      for (size_t at; (at = text.find(kMark, from)) != std::string_view::npos; ++seen) {
        from = at + kMark.size();
      }
    }
    served->fetch_add(static_cast<uint64_t>(depth), std::memory_order_relaxed);
  }
}

int Run(int connections, size_t body_bytes, int depth, int seconds) {
  MemoryBudget budget(1ull << 30);
  OpenDoor door;
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  auto server = std::move(*HttpServer::Create(options, budget, door));
  server->AddRoute(
      {"POST", "/v1/traces", Access::kIngest, Lane::kIngest, [](HttpRequest, ReplyPtr reply) {
         reply->Send({200, "application/json", {}, "{}"});
       }});
  if (const Status status = server->Start(); !status.ok()) {
    fmt::print(stderr, "{}\n", status.message());
    return 1;
  }
  std::string requests;
  for (int i = 0; i < depth; ++i) {
    requests += fmt::format(
        "POST /v1/traces HTTP/1.1\r\nHost: localhost:4318\r\nUser-Agent: bench\r\n"
        "Content-Type: application/x-protobuf\r\nContent-Length: {}\r\n\r\n",
        body_bytes);
    requests.append(body_bytes, 'x');
  }
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> served{0};
  std::atomic<int64_t> client_cpu{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < connections; ++i) {
    clients.emplace_back([&] {
      const int fd = Connect(server->address());
      Drive(fd, requests, depth, stop, &served);
      close(fd);
      client_cpu += ThreadCpuNanos();
    });
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  stop = true;
  for (auto& client : clients) client.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC -
                             static_cast<double>(client_cpu) / kSecond;
  fmt::print(
      "{} connections, {} B bodies, depth {}: {:.0f} requests/s, {:.1f} MB/s, "
      "{:.1f} us of server CPU a request\n",
      connections, body_bytes, depth, static_cast<double>(served) / took.count(),
      static_cast<double>(served * body_bytes) / took.count() / 1e6,
      cpu_seconds * 1e6 / static_cast<double>(served));
  return 0;
}

}  // namespace
}  // namespace ao::net

int main(int argc, char** argv) {
  const auto argument = [&](int i, int otherwise) {
    return argc > i ? std::atoi(argv[i]) : otherwise;
  };
  return ao::net::Run(argument(1, 16), static_cast<size_t>(argument(2, 500)), argument(3, 1),
                      argument(4, 5));
}
