#pragma once

#include <functional>
#include <string>

#include "base/memory_budget.h"
#include "model/telemetry.h"
#include "storage/store.h"

namespace ao::ingest {

// A decoded request on its way to the pipeline and the store.
struct Delivery {
  std::string project;
  // How to decode the body again after a crash: "otlp/traces/protobuf", "otlp/logs/json", ...
  std::string format;
  Nanos received = 0;
  model::Batch batch;
  MemoryBudget::Lease memory;  // held until the batch is stored
};

// Where receivers deliver (app/ puts the pipeline and the store behind it). `done` is called once,
// from any thread, when the batch is durable and readable, or with the reason why not.
using Sink = std::function<void(Delivery delivery, storage::Store::Done done)>;

}  // namespace ao::ingest
