#pragma once

#include <string_view>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/scratch.h"
#include "ingest/otlp/tally.h"
#include "ingest/otlp/wire.h"
#include "model/telemetry.h"

// Internal: walks one protobuf request into a batch. Throws protozero::exception on malformed
// input and DecodeFailure on exceeded limits. Single-thread, used once.

namespace ao::ingest::otlp {

class ProtobufDecoder {
 public:
  ProtobufDecoder(model::Batch* batch, const DecodeLimits& limits)
      : batch_(batch), limits_(limits), memory_(&batch->arena, limits.max_decoded_bytes) {}

  void Decode();

 private:
  // The message above a record: one resource, one scope. Both are in the arena.
  template <typename Record>
  void DecodeRequest();
  template <typename Record>
  void DecodeResourceGroup(std::string_view bytes);
  template <typename Record>
  void DecodeScopeGroup(std::string_view bytes, const model::Resource* resource);
  void DecodeResource(std::string_view bytes, model::Resource* resource);
  void DecodeScope(std::string_view bytes, model::Scope* scope);
  model::EntityRef DecodeEntityRef(std::string_view bytes);

  // False when the record is refused.
  bool DecodeRecord(std::string_view bytes, model::Span* span);
  bool DecodeRecord(std::string_view bytes, model::LogRecord* record);
  bool DecodeRecord(std::string_view bytes, model::Metric* metric);

  void DecodeEvent(std::string_view bytes, model::Event* event);
  void DecodeLink(std::string_view bytes, model::Link* link);
  static void DecodeStatus(std::string_view bytes, model::Span* span);

  void DecodeMetricData(uint32_t field, std::string_view bytes, model::Metric* metric);
  void DecodePoint(std::string_view bytes, model::MetricType type, model::MetricPoint* point);
  void DecodeNumberPoint(std::string_view bytes, model::MetricPoint* point);
  void DecodeHistogramPoint(std::string_view bytes, model::MetricPoint* point);
  void DecodeExponentialPoint(std::string_view bytes, model::MetricPoint* point);
  void DecodeSummaryPoint(std::string_view bytes, model::MetricPoint* point);
  void DecodeBuckets(std::string_view bytes, model::Buckets* buckets);
  static model::Quantile DecodeQuantile(std::string_view bytes);
  void DecodeExemplar(std::string_view bytes, model::Exemplar* exemplar);

  // Pushes the pair to attributes_. An attribute with an empty key is dropped, a map entry kept.
  void DecodeAttribute(std::string_view bytes);
  model::KeyValue DecodeKeyValue(std::string_view bytes, int depth);
  model::Value DecodeValue(std::string_view bytes, int depth);
  model::Value DecodeArray(std::string_view bytes, int depth);
  model::Value DecodeMap(std::string_view bytes, int depth);
  void CheckDepth(int depth) const {
    if (depth > limits_.max_value_depth) [[unlikely]]
      RefuseDepth();
  }
  [[noreturn]] void RefuseDepth() const;

  // Ids of records that live without them.
  TraceId DecodeTraceId(std::string_view bytes);
  SpanId DecodeSpanId(std::string_view bytes);

  template <typename Record>
  Scratch<Record>& Records();
  template <typename Record>
  std::vector<model::ScopeGroup<Record>>& Groups();

  model::Batch* batch_;
  DecodeLimits limits_;
  DecodeMemory memory_;
  Tally tally_;
  Scratch<model::KeyValue> attributes_{&memory_};
  Scratch<model::Value> values_{&memory_};
  Scratch<model::Span> spans_{&memory_};
  Scratch<model::Event> events_{&memory_};
  Scratch<model::Link> links_{&memory_};
  Scratch<model::LogRecord> logs_{&memory_};
  Scratch<model::Metric> metrics_{&memory_};
  Scratch<model::MetricPoint> points_{&memory_};
  Scratch<model::Exemplar> exemplars_{&memory_};
  Scratch<model::Quantile> quantiles_{&memory_};
  Scratch<model::EntityRef> entities_{&memory_};
  Scratch<std::string_view> strings_{&memory_};
  Scratch<uint64_t> counts_{&memory_};
  Scratch<double> bounds_{&memory_};
};

}  // namespace ao::ingest::otlp
