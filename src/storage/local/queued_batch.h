#pragma once

#include "storage/rows.h"
#include "storage/store.h"
#include "storage/wal/wal.h"

// A batch on its way through LocalStore: queued, logged, applied. Internal to storage/local.

namespace ao::storage::local {

struct QueuedBatch {
  PreparedBatch batch;
  Store::Done done;
  uint64_t bytes = 0;
  Lsn lsn = 0;
  Ack ack;
  Status status;  // of applying it
};

}  // namespace ao::storage::local
