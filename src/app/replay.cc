#include "app/replay.h"

#include <utility>

#include "ingest/otlp/replay.h"
#include "storage/encode/prepare.h"

namespace ao::app {

storage::ReplayDecoder MakeReplayDecoder(uint64_t content_seed, const cost::Pricer* pricer) {
  return [content_seed, pricer](storage::ReplayFrame frame) -> Result<storage::PreparedBatch> {
    AO_ASSIGN_OR_RETURN(model::Batch batch,
                        ingest::otlp::DecodeFormat(frame.format, std::move(frame.body)));
    return storage::Prepare(std::string(frame.project), frame.received, std::string(frame.format),
                            std::move(batch), {.content_seed = content_seed, .pricer = pricer});
  };
}

}  // namespace ao::app
