#pragma once

#include <string>

#include "storage/rows.h"

namespace ao::storage {

struct PrepareOptions {
  uint64_t content_seed = 0;   // the store's (LocalStore::content_seed)
  size_t inline_limit = 256;   // strings up to this many bytes stay inside the attribute JSON
};

// Turns a decoded batch into rows: canonical columns by semconv, attributes as JSON, long strings
// as content references. Pure; thread-safe.
PreparedBatch Prepare(std::string project, Nanos received, std::string wal_format,
                      model::Batch batch, const PrepareOptions& options);

}  // namespace ao::storage
