#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "storage/rows.h"

namespace ao::storage {

// Makes a batch again from what the write-ahead log kept of it. Injected by app/, because the
// formats belong to ingest/, which lies above storage. Called from one thread during recovery.
struct ReplayFrame {
  std::string_view project;
  std::string_view format;  // PreparedBatch::wal_format
  Nanos received = 0;
  std::string body;
};
using ReplayDecoder = std::function<Result<PreparedBatch>(ReplayFrame)>;

}  // namespace ao::storage
