#pragma once

#include <string>

#include "storage/rows.h"

namespace ao::cost {
class Pricer;
}

namespace ao::storage {

struct PrepareOptions {
  uint64_t content_seed = 0;  // the store's (LocalStore::content_seed)
  size_t inline_limit = 256;  // strings up to this many bytes stay inside the attribute JSON
  // Prices calls to models whose cost the client did not supply; null: they have no cost. Outlives
  // the call.
  const cost::Pricer* pricer = nullptr;
};

// Turns a decoded batch into rows: canonical columns by semconv, costs by the prices of now and the
// span's start, attributes as JSON, long strings as content references. Pure; thread-safe.
//
// The rows view the batch they came from and the arena, and stay valid when the PreparedBatch is
// moved. For that `batch.body`, where views point into it, must live on the heap: whoever decodes a
// body reserves more than the string's inline buffer (32 bytes) before taking views.
//
// Times that make no sense (0, beyond the range of Nanos, end before start) are replaced in the
// rows and kept as they were in raw_start and raw_end. Content is kept per day, so a resource, a
// scope or a series is written once for each day that the batch has rows on.
PreparedBatch Prepare(std::string project, Nanos received, std::string wal_format,
                      model::Batch batch, const PrepareOptions& options);

}  // namespace ao::storage
