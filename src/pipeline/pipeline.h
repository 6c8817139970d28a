#pragma once

#include <cstdint>

#include "ingest/sink.h"
#include "storage/store.h"

// The way from a decoded request to the store. Processors (enrich, redact, price, sample, forward)
// take their place here, in order, before the batch is encoded.

namespace ao::cost {
class Pricer;
}

namespace ao::pipeline {

struct PipelineOptions {
  uint64_t content_seed = 0;             // the store's
  const cost::Pricer* pricer = nullptr;  // outlives the sink; null: no call has a cost of ours
};

// `store` outlives the sink. The sink is thread-safe and does its work on the caller's thread.
ingest::Sink MakeSink(storage::Store& store, PipelineOptions options);

}  // namespace ao::pipeline
