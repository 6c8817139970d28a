#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace ao::bench {

// A server process of this same binary on free ports, for benchmarks and crash tests.
class ChildServer {
 public:
  // Starts `<this binary> serve --data-dir dir ...extra` and waits until it is ready.
  static Result<std::unique_ptr<ChildServer>> Start(const std::string& data_dir,
                                                    std::vector<std::string> extra = {});
  ~ChildServer();  // kills it if it still runs

  const std::string& http_address() const { return http_address_; }
  uint16_t http_port() const { return http_port_; }
  Nanos start_time() const { return start_time_; }  // from exec to ready
  // VmHWM and VmRSS of the process, bytes.
  uint64_t peak_memory() const;
  uint64_t memory() const;
  Nanos cpu_time() const;  // user + system
  Status Terminate();      // SIGTERM, waits for exit 0
  void Kill();             // SIGKILL

 private:
  ChildServer() = default;
  int pid_ = -1;
  std::string http_address_;
  uint16_t http_port_ = 0;
  Nanos start_time_ = 0;
};

}  // namespace ao::bench
