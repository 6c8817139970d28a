// Any bytes as a protobuf request of each signal: never a crash, and what decodes can be written
// and read again without change.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/encode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ao::ingest::otlp;
  using ao::model::Signal;
  for (Signal signal : {Signal::kTraces, Signal::kLogs, Signal::kMetrics}) {
    const auto batch =
        DecodeProtobuf(signal, std::string(reinterpret_cast<const char*>(data), size));
    if (!batch.ok() || batch->accepted == 0) continue;
    const std::string bytes = EncodeProtobuf(*batch);
    const auto again = DecodeProtobuf(signal, bytes);
    if (!again.ok()) {
      // Without the records that were rejected it may look like another signal.
      if (!again.status().hint().starts_with("send it to")) std::abort();
      continue;
    }
    if (again->accepted != batch->accepted || EncodeProtobuf(*again) != bytes) std::abort();
    if (!DecodeJson(signal, EncodeJson(*batch)).ok()) std::abort();
  }
  return 0;
}
