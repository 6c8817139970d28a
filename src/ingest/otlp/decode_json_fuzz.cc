// Any bytes as a JSON request of each signal and as a line of a file: never a crash, and what
// decodes can be written and read again without change.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/encode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ao::ingest::otlp;
  using ao::model::Signal;
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (Signal signal : {Signal::kTraces, Signal::kLogs, Signal::kMetrics}) {
    const auto batch = DecodeJson(signal, body);
    if (!batch.ok()) continue;
    const std::string json = EncodeJson(*batch);
    const auto again = DecodeJson(signal, json);
    if (!again.ok() || again->accepted != batch->accepted) std::abort();
    if (EncodeJson(*again) != json) std::abort();
  }
  (void)DecodeJsonLine(body);
  return 0;
}
