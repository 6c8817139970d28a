#pragma once

#include "storage/replay.h"

namespace ao::cost {
class Pricer;
}

namespace ao::app {

// Decodes what the write-ahead log keeps, of every format that a receiver writes. `content_seed`
// is the store's, `pricer` prices calls as at ingest (null: not at all) and outlives the decoder.
// Thread-safe.
storage::ReplayDecoder MakeReplayDecoder(uint64_t content_seed, const cost::Pricer* pricer);

}  // namespace ao::app
