#pragma once

#include <cstdint>

namespace ao::api {

// What this process uses, from /proc/self; 0 where it cannot be read.
struct ProcessStats {
  uint64_t resident_bytes = 0;
  double cpu_seconds = 0;
  uint64_t open_files = 0;
  uint64_t max_files = 0;
  uint64_t threads = 0;
};
ProcessStats ReadProcessStats();

}  // namespace ao::api
