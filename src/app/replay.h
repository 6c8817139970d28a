#pragma once

#include "storage/replay.h"

namespace ao::app {

// Decodes what the write-ahead log keeps, of every format that a receiver writes. `content_seed`
// is the store's. Pure; thread-safe.
storage::ReplayDecoder MakeReplayDecoder(uint64_t content_seed);

}  // namespace ao::app
