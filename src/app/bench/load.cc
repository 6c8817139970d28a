#include "app/bench/load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace ao::bench {
namespace {

void SleepUntil(Nanos monotonic) {
  const timespec t{monotonic / kSecond, monotonic % kSecond};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) {
  }
}

struct Shared {
  const LoadOptions& options;
  Nanos begin;
  std::atomic<uint64_t> spans{0};
  std::mutex mutex;
  LoadReport report;             // guarded by mutex
  std::vector<Nanos> latencies;  // guarded by mutex
  Status failure;                // guarded by mutex
};

Status Drive(Shared& shared, int index) {
  const LoadOptions& options = shared.options;
  AO_ASSIGN_OR_RETURN(HttpConnection connection, HttpConnection::Connect(options.port));
  Payload payload(options.kind, options.spans_per_request,
                  options.seed * 1000 + static_cast<uint64_t>(index));
  const double per_connection = options.spans_per_second / options.connections;
  const Nanos interval =
      per_connection > 0 ? static_cast<Nanos>(1e9 * payload.spans() / per_connection) : 0;
  Nanos due = shared.begin + interval * index / options.connections;
  std::vector<Nanos> latencies;
  uint64_t refused = 0, requests = 0, bytes = 0;
  const auto spans = static_cast<uint64_t>(payload.spans());
  for (;;) {
    const Nanos now = SystemClock().Monotonic();
    if (options.max_spans > 0) {
      if (shared.spans.fetch_add(spans) >= options.max_spans) break;
    } else if (now - shared.begin >= options.duration) {
      break;
    }
    if (interval > 0) {
      if (due > now) SleepUntil(due);
    } else {
      due = now;
    }
    const std::string& body = payload.Stamp(SystemClock().Now());
    Nanos sent = interval > 0 ? due : SystemClock().Monotonic();
    for (;;) {
      AO_ASSIGN_OR_RETURN(const auto response,
                          connection.Send("POST", "/v1/traces", "application/x-protobuf", body));
      if (response.status == 200) break;
      if (response.status != 503 && response.status != 429) {
        return Internal(fmt::format("cannot send spans: the server answered {}: {}",
                                    response.status, response.body));
      }
      ++refused;
      SleepUntil(SystemClock().Monotonic() + 20 * kMillisecond);
    }
    latencies.push_back(SystemClock().Monotonic() - sent);
    ++requests;
    bytes += body.size();
    due += interval;
  }
  std::lock_guard lock(shared.mutex);
  shared.report.requests += requests;
  shared.report.spans += requests * spans;
  shared.report.bytes += bytes;
  shared.report.refused += refused;
  uint64_t& least = shared.report.traces_per_connection;
  least = least == 0 ? payload.stamped_traces() : std::min(least, payload.stamped_traces());
  shared.latencies.insert(shared.latencies.end(), latencies.begin(), latencies.end());
  return OkStatus();
}

}  // namespace

Result<HttpConnection> HttpConnection::Connect(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return ErrnoStatus("create a socket", errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(fd);
    return ErrnoStatus(fmt::format("connect to port {}", port), error);
  }
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return HttpConnection(fd);
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
HttpConnection::~HttpConnection() {
  if (fd_ >= 0) ::close(fd_);
}

Result<HttpConnection::Response> HttpConnection::Send(std::string_view method,
                                                      std::string_view target,
                                                      std::string_view content_type,
                                                      std::string_view body) {
  const std::string head = fmt::format(
      "{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n", method,
      target, content_type, body.size());
  iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                    {const_cast<char*>(body.data()), body.size()}};
  size_t done = 0;
  const size_t total = head.size() + body.size();
  while (done < total) {
    const ssize_t n = ::writev(fd_, parts, 2);
    if (n < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus("send a request", errno);
    }
    done += static_cast<size_t>(n);
    auto left = static_cast<size_t>(n);
    for (iovec& part : parts) {
      const size_t take = std::min(left, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + take;
      part.iov_len -= take;
      left -= take;
    }
  }
  const auto fill = [this]() -> Status {
    char chunk[65536];
    const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
    if (n < 0) return ErrnoStatus("read a response", errno);
    if (n == 0) return Unavailable("cannot read a response: the server closed the connection");
    buffer_.append(chunk, static_cast<size_t>(n));
    return OkStatus();
  };
  size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) AO_TRY(fill());
  Response response;
  response.status = std::atoi(buffer_.c_str() + 9);
  std::string lower = buffer_.substr(0, end);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const size_t at = lower.find("content-length:");
  const size_t length =
      at == std::string::npos ? 0 : std::strtoull(lower.c_str() + at + 15, nullptr, 10);
  buffer_.erase(0, end + 4);
  while (buffer_.size() < length) AO_TRY(fill());
  response.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return response;
}

Result<LoadReport> RunLoad(const LoadOptions& options) {
  Shared shared{options, SystemClock().Monotonic(), {}, {}, {}, {}, {}};
  std::vector<std::jthread> threads;
  for (int i = 0; i < options.connections; ++i) {
    threads.emplace_back([&shared, i] {
      Status status = Drive(shared, i);
      std::lock_guard lock(shared.mutex);
      if (!status.ok() && shared.failure.ok()) shared.failure = std::move(status);
    });
  }
  threads.clear();
  if (!shared.failure.ok()) return shared.failure;
  shared.report.elapsed = SystemClock().Monotonic() - shared.begin;
  std::sort(shared.latencies.begin(), shared.latencies.end());
  shared.report.p50 = Quantile(shared.latencies, 0.5);
  shared.report.p99 = Quantile(shared.latencies, 0.99);
  shared.report.max = shared.latencies.empty() ? 0 : shared.latencies.back();
  return shared.report;
}

Nanos Quantile(const std::vector<Nanos>& sorted, double q) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[at];
}

}  // namespace ao::bench
