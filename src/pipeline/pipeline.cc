#include "pipeline/pipeline.h"

#include <memory>
#include <utility>

#include "storage/encode/prepare.h"

namespace ao::pipeline {

ingest::Sink MakeSink(storage::Store& store, PipelineOptions options) {
  return [&store, options](ingest::Delivery delivery, storage::Store::Done done) {
    storage::PrepareOptions prepare;
    prepare.content_seed = options.content_seed;
    prepare.pricer = options.pricer;
    storage::PreparedBatch batch =
        storage::Prepare(std::move(delivery.project), delivery.received, std::move(delivery.format),
                         std::move(delivery.batch), prepare);
    // The request's memory stays charged until the store has let go of the batch.
    auto lease = std::make_shared<MemoryBudget::Lease>(std::move(delivery.memory));
    store.Append(std::move(batch), [done = std::move(done), lease](Result<storage::Ack> ack) {
      lease->Release();
      done(std::move(ack));
    });
  };
}

}  // namespace ao::pipeline
