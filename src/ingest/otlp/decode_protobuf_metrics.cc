#include "ingest/otlp/protobuf_decoder.h"

namespace ao::ingest::otlp {

using model::Metric;
using model::MetricPoint;
using model::MetricType;
using model::Value;

namespace {

// Packed fixed-size scalars; bytes that do not fill a last element are malformed.
template <typename T>
void AppendPacked(std::string_view bytes, Scratch<T>* out) {
  if (bytes.size() % sizeof(T) != 0) throw protozero::invalid_length_exception();
  for (size_t i = 0; i < bytes.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + i, sizeof(T));
    out->Push(value);
  }
}

MetricType TypeOfField(uint32_t field) {
  switch (field) {
    case Len(7): return MetricType::kSum;
    case Len(9): return MetricType::kHistogram;
    case Len(10): return MetricType::kExponentialHistogram;
    case Len(11): return MetricType::kSummary;
    default: return MetricType::kGauge;
  }
}

}  // namespace

void ProtobufDecoder::DecodeExemplar(std::string_view bytes, model::Exemplar* exemplar) {
  const size_t base = attributes_.size();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Fixed64(2): exemplar->time = r.ReadFixed64(); break;
      case Fixed64(3): exemplar->value = Value::Double(r.ReadDouble()); break;
      case Len(4): exemplar->span_id = DecodeSpanId(r.ReadBytes()); break;
      case Len(5): exemplar->trace_id = DecodeTraceId(r.ReadBytes()); break;
      case Fixed64(6): exemplar->value = Value::Int(static_cast<int64_t>(r.ReadFixed64())); break;
      case Len(7): DecodeAttribute(r.ReadBytes()); break;
      default: r.Skip();
    }
  }
  exemplar->filtered_attributes = attributes_.Commit(base);
}

void ProtobufDecoder::DecodeNumberPoint(std::string_view bytes, MetricPoint* point) {
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Fixed64(2): point->start_time = r.ReadFixed64(); break;
      case Fixed64(3): point->time = r.ReadFixed64(); break;
      case Fixed64(4): point->value = Value::Double(r.ReadDouble()); break;
      case Len(5): DecodeExemplar(r.ReadBytes(), &exemplars_.Push()); break;
      case Fixed64(6): point->value = Value::Int(static_cast<int64_t>(r.ReadFixed64())); break;
      case Len(7): DecodeAttribute(r.ReadBytes()); break;
      case Varint(8): point->flags = r.ReadUint32(); break;
      default: r.Skip();
    }
  }
}

void ProtobufDecoder::DecodeHistogramPoint(std::string_view bytes, MetricPoint* point) {
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Fixed64(2): point->start_time = r.ReadFixed64(); break;
      case Fixed64(3): point->time = r.ReadFixed64(); break;
      case Fixed64(4): point->count = r.ReadFixed64(); break;
      case Fixed64(5):
        point->sum = r.ReadDouble();
        point->has_sum = true;
        break;
      case Len(6): AppendPacked(r.ReadBytes(), &counts_); break;
      case Fixed64(6): counts_.Push(r.ReadFixed64()); break;
      case Len(7): AppendPacked(r.ReadBytes(), &bounds_); break;
      case Fixed64(7): bounds_.Push(r.ReadDouble()); break;
      case Len(8): DecodeExemplar(r.ReadBytes(), &exemplars_.Push()); break;
      case Len(9): DecodeAttribute(r.ReadBytes()); break;
      case Varint(10): point->flags = r.ReadUint32(); break;
      case Fixed64(11):
        point->min = r.ReadDouble();
        point->has_min = true;
        break;
      case Fixed64(12):
        point->max = r.ReadDouble();
        point->has_max = true;
        break;
      default: r.Skip();
    }
  }
  point->bucket_counts = counts_.Commit(0);
  point->explicit_bounds = bounds_.Commit(0);
}

void ProtobufDecoder::DecodeBuckets(std::string_view bytes, model::Buckets* buckets) {
  buckets->offset = 0;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Varint(1): buckets->offset = r.ReadSint32(); break;
      case Varint(2): counts_.Push(r.ReadVarint()); break;
      case Len(2): {
        const std::string_view packed = r.ReadBytes();
        const char* p = packed.data();
        const char* end = p + packed.size();
        while (p != end) counts_.Push(protozero::decode_varint(&p, end));
        break;
      }
      default: r.Skip();
    }
  }
  buckets->counts = counts_.Commit(0);
}

void ProtobufDecoder::DecodeExponentialPoint(std::string_view bytes, MetricPoint* point) {
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): DecodeAttribute(r.ReadBytes()); break;
      case Fixed64(2): point->start_time = r.ReadFixed64(); break;
      case Fixed64(3): point->time = r.ReadFixed64(); break;
      case Fixed64(4): point->count = r.ReadFixed64(); break;
      case Fixed64(5):
        point->sum = r.ReadDouble();
        point->has_sum = true;
        break;
      case Varint(6): point->scale = r.ReadSint32(); break;
      case Fixed64(7): point->zero_count = r.ReadFixed64(); break;
      case Len(8): DecodeBuckets(r.ReadBytes(), &point->positive); break;
      case Len(9): DecodeBuckets(r.ReadBytes(), &point->negative); break;
      case Varint(10): point->flags = r.ReadUint32(); break;
      case Len(11): DecodeExemplar(r.ReadBytes(), &exemplars_.Push()); break;
      case Fixed64(12):
        point->min = r.ReadDouble();
        point->has_min = true;
        break;
      case Fixed64(13):
        point->max = r.ReadDouble();
        point->has_max = true;
        break;
      case Fixed64(14): point->zero_threshold = r.ReadDouble(); break;
      default: r.Skip();
    }
  }
}

model::Quantile ProtobufDecoder::DecodeQuantile(std::string_view bytes) {
  model::Quantile quantile;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Fixed64(1): quantile.quantile = r.ReadDouble(); break;
      case Fixed64(2): quantile.value = r.ReadDouble(); break;
      default: r.Skip();
    }
  }
  return quantile;
}

void ProtobufDecoder::DecodeSummaryPoint(std::string_view bytes, MetricPoint* point) {
  point->has_sum = true;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Fixed64(2): point->start_time = r.ReadFixed64(); break;
      case Fixed64(3): point->time = r.ReadFixed64(); break;
      case Fixed64(4): point->count = r.ReadFixed64(); break;
      case Fixed64(5): point->sum = r.ReadDouble(); break;
      case Len(6): quantiles_.Push(DecodeQuantile(r.ReadBytes())); break;
      case Len(7): DecodeAttribute(r.ReadBytes()); break;
      case Varint(8): point->flags = r.ReadUint32(); break;
      default: r.Skip();
    }
  }
  point->quantiles = quantiles_.Commit(0);
}

void ProtobufDecoder::DecodePoint(std::string_view bytes, MetricType type, MetricPoint* point) {
  const size_t attributes = attributes_.size(), exemplars = exemplars_.size();
  switch (type) {
    case MetricType::kGauge:
    case MetricType::kSum: DecodeNumberPoint(bytes, point); break;
    case MetricType::kHistogram: DecodeHistogramPoint(bytes, point); break;
    case MetricType::kExponentialHistogram: DecodeExponentialPoint(bytes, point); break;
    case MetricType::kSummary: DecodeSummaryPoint(bytes, point); break;
  }
  point->attributes = attributes_.Commit(attributes);
  point->exemplars = exemplars_.Commit(exemplars);
}

// `bytes` is a Gauge, Sum, Histogram, ExponentialHistogram or Summary: points in field 1, and
// where the type has them temporality in 2 and monotonicity in 3.
void ProtobufDecoder::DecodeMetricData(uint32_t field, std::string_view bytes, Metric* metric) {
  metric->type = TypeOfField(field);
  const bool has_temporality =
      metric->type != MetricType::kGauge && metric->type != MetricType::kSummary;
  for (WireReader r(bytes); r.Next();) {
    if (r.key() == Len(1)) {
      MetricPoint& point = points_.Push();
      DecodePoint(r.ReadBytes(), metric->type, &point);
      if (!tally_.Admit(metric->type, point)) points_.Pop();
    } else if (r.key() == Varint(2) && has_temporality) {
      const uint64_t temporality = r.ReadVarint();
      metric->temporality = static_cast<model::Temporality>(temporality <= 2 ? temporality : 0);
    } else if (r.key() == Varint(3) && metric->type == MetricType::kSum) {
      metric->is_monotonic = r.ReadVarint() != 0;
    } else {
      r.Skip();
    }
  }
  metric->points = points_.Commit(0);
}

bool ProtobufDecoder::DecodeRecord(std::string_view bytes, Metric* metric) {
  const size_t attributes = attributes_.size();
  uint32_t data_field = 0;
  std::string_view data;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): metric->name = r.ReadBytes(); break;
      case Len(2): metric->description = r.ReadBytes(); break;
      case Len(3): metric->unit = r.ReadBytes(); break;
      case Len(5):
      case Len(7):
      case Len(9):
      case Len(10):
      case Len(11):
        data_field = r.key();
        data = r.ReadBytes();
        break;
      case Len(12): DecodeAttribute(r.ReadBytes()); break;
      default: r.Skip();
    }
  }
  metric->metadata = attributes_.Commit(attributes);
  DecodeMetricData(data_field, data, metric);
  return !metric->points.empty();
}

}  // namespace ao::ingest::otlp
