#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/bench/payload.h"
#include "base/clock.h"
#include "base/status.h"

namespace ao::bench {

// One keep-alive HTTP/1.1 connection, blocking, for load generation. Single-thread.
class HttpConnection {
 public:
  static Result<HttpConnection> Connect(uint16_t port);
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection& operator=(HttpConnection&&) = delete;
  ~HttpConnection();

  struct Response {
    int status = 0;
    std::string body;
  };
  Result<Response> Send(std::string_view method, std::string_view target,
                        std::string_view content_type, std::string_view body);

 private:
  explicit HttpConnection(int fd) : fd_(fd) {}
  int fd_;
  std::string buffer_;
};

struct LoadOptions {
  uint16_t port = 0;
  PayloadKind kind = PayloadKind::kSmall;
  int connections = 8;
  int spans_per_request = 500;
  Nanos duration = 10 * kSecond;
  double spans_per_second = 0;  // 0: as fast as acknowledged; else paced, open loop
  uint64_t max_spans = 0;       // 0: until `duration`
  uint64_t seed = 1;
};

struct LoadReport {
  uint64_t spans = 0, requests = 0, refused = 0, bytes = 0;
  Nanos elapsed = 0;
  // Acknowledgement latency; in a paced run counted from when the request was due.
  Nanos p50 = 0, p99 = 0, max = 0;
  uint64_t traces_per_connection = 0;  // the least of them; each numbers its traces from 0

  double spans_per_second() const {
    return elapsed == 0 ? 0 : static_cast<double>(spans) * 1e9 / static_cast<double>(elapsed);
  }
};

Result<LoadReport> RunLoad(const LoadOptions& options);

// The value at quantile `q` of `sorted`.
Nanos Quantile(const std::vector<Nanos>& sorted, double q);

}  // namespace ao::bench
