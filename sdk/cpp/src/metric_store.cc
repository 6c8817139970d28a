#include "metric_store.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core.h"
#include "wire.h"

namespace observatory::detail {
namespace {

constexpr double kDefaultBoundaries[] = {0,   5,   10,   25,   50,   75,   100,  250,
                                         500, 750, 1000, 2500, 5000, 7500, 10000};
// Fields of Metric, and the aggregation temporality.
constexpr uint32_t kGaugeField = 5, kSumField = 7, kHistogramField = 9, kExponentialField = 10;
constexpr uint64_t kDelta = 1, kCumulative = 2;

bool IsHistogram(InstrumentKind kind) {
  return kind == InstrumentKind::kHistogram || kind == InstrumentKind::kExponential;
}

std::vector<const Attribute*> Sorted(Attributes attributes) {
  std::vector<const Attribute*> sorted;
  for (const Attribute& attribute : attributes) {
    if (!attribute.key.empty()) sorted.push_back(&attribute);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Attribute* a, const Attribute* b) { return a->key < b->key; });
  return sorted;
}

void WritePacked(Buffer* out, uint32_t field, const std::vector<uint64_t>& values) {
  WriteHeader(out, field, values.size() * 8);
  out->Append({reinterpret_cast<const char*>(values.data()), values.size() * 8});
}

void WriteBuckets(Buffer* out, uint32_t field, const ExponentialBuckets& buckets) {
  if (buckets.counts.empty()) return;
  Buffer packed, message;
  for (const uint64_t count : buckets.counts) {
    if (char* at = packed.Room(10)) packed.Advance(PutVarint(at, count));
  }
  const auto zigzag = static_cast<uint32_t>(buckets.offset << 1 ^ buckets.offset >> 31);
  WriteVarint(&message, 1, zigzag);
  WriteBytes(&message, 2, packed.view());
  WriteBytes(out, field, message.view());
}

}  // namespace

Instrument::Instrument(Core* core, const Instrumentation* scope, InstrumentKind kind,
                       std::string_view name, const InstrumentOptions& options)
    : core_(core),
      scope_(scope),
      kind_(kind),
      name_(name),
      description_(options.description),
      unit_(options.unit),
      boundaries_(options.boundaries),
      began_ns_(core->UnixNanos()) {
  if (boundaries_.empty()) boundaries_.assign(std::begin(kDefaultBoundaries), std::end(kDefaultBoundaries));
  std::sort(boundaries_.begin(), boundaries_.end());
  boundaries_.erase(std::unique(boundaries_.begin(), boundaries_.end()), boundaries_.end());
}

Series* Instrument::Find(Attributes attributes) {
  Buffer encoded;
  const auto sorted = Sorted(attributes);
  for (const Attribute* attribute : sorted) {
    WriteKeyValue(&encoded, 7, attribute->key, attribute->value);
  }
  std::string key(encoded.view());
  auto found = series_.find(key);
  if (found != series_.end()) return &found->second;
  Buffer plain;
  if (series_.size() + 1 >= kMaxSeries) {
    Buffer overflow;
    WriteKeyValue(&overflow, 7, "otel.metric.overflow", true);
    WriteKeyValue(&plain, 1, "otel.metric.overflow", true);
    key = overflow.view();
    found = series_.find(key);
    if (found != series_.end()) return &found->second;
  } else {
    for (const Attribute* attribute : sorted) {
      WriteKeyValue(&plain, 1, attribute->key, attribute->value);
    }
  }
  Series& series = series_[key];
  series.attributes = std::move(key);
  series.plain = plain.view();
  series.start_ns = began_ns_;
  const size_t buckets = kind_ == InstrumentKind::kHistogram ? boundaries_.size() + 1 : 1;
  if (kind_ == InstrumentKind::kHistogram) series.buckets.resize(buckets);
  series.exemplars.resize(buckets);
  return &series;
}

void Instrument::KeepExemplar(Series* series, size_t bucket, double value) {
  const SpanContext& span = Context::current().span_context();
  if (!span.valid() || !span.sampled()) return;
  series->exemplars[bucket] = {value, core_->UnixNanos(), span.trace_id(), span.span_id()};
}

void Instrument::Add(Series* series, double value) {
  size_t bucket = 0;
  if (kind_ == InstrumentKind::kGauge || kind_ == InstrumentKind::kObserved) {
    series->sum = value;
  } else {
    series->sum += value;
  }
  ++series->count;
  if (IsHistogram(kind_)) {
    series->min = std::min(series->min, value);
    series->max = std::max(series->max, value);
    if (kind_ == InstrumentKind::kHistogram) {
      // Bucket i is (bound[i-1], bound[i]].
      bucket = static_cast<size_t>(
          std::lower_bound(boundaries_.begin(), boundaries_.end(), value) - boundaries_.begin());
      ++series->buckets[bucket];
    } else {
      series->exponential.Record(value);
    }
  } else if (value != std::floor(value) || std::abs(series->sum) > 9e15) {
    whole_ = false;
  }
  KeepExemplar(series, bucket, value);
}

void Instrument::Record(double value, Attributes attributes) noexcept {
  if (!std::isfinite(value) || (kind_ == InstrumentKind::kCounter && value < 0)) return;
  try {
    std::lock_guard lock(mutex_);
    Add(Find(attributes), value);
  } catch (const std::bad_alloc&) {  // this one is not counted
  }
}

void Instrument::EncodeExemplars(const Series& series, uint32_t field, Buffer* out) const {
  for (const Exemplar& exemplar : series.exemplars) {
    if (!exemplar.trace_id.valid()) continue;
    Buffer message;
    WriteFixed64(&message, 2, static_cast<uint64_t>(exemplar.time_ns));
    WriteDouble(&message, 3, exemplar.value);
    char* at = message.Room(32);
    if (at == nullptr) return;
    at = PutSpanId(at, Tag(4, kBytes), exemplar.span_id);
    message.Advance(PutTraceId(at, Tag(5, kBytes), exemplar.trace_id));
    WriteBytes(out, field, message.view());
  }
}

void Instrument::EncodeNumber(const Series& series, int64_t now, Buffer* out) const {
  const bool gauge = kind_ == InstrumentKind::kGauge || kind_ == InstrumentKind::kObserved;
  if (!gauge) WriteFixed64(out, 2, static_cast<uint64_t>(series.start_ns));
  WriteFixed64(out, 3, static_cast<uint64_t>(now));
  if (whole_) {
    WriteFixed64(out, 6, static_cast<uint64_t>(static_cast<int64_t>(series.sum)));
  } else {
    WriteDouble(out, 4, series.sum);
  }
  EncodeExemplars(series, 5, out);
  out->Append(series.attributes);
}

void Instrument::EncodeHistogram(const Series& series, int64_t now, Buffer* out) const {
  WriteFixed64(out, 2, static_cast<uint64_t>(series.start_ns));
  WriteFixed64(out, 3, static_cast<uint64_t>(now));
  WriteFixed64(out, 4, series.count);
  WriteDouble(out, 5, series.sum);
  WritePacked(out, 6, series.buckets);
  WriteHeader(out, 7, boundaries_.size() * 8);
  out->Append({reinterpret_cast<const char*>(boundaries_.data()), boundaries_.size() * 8});
  EncodeExemplars(series, 8, out);
  WriteDouble(out, 11, series.min);
  WriteDouble(out, 12, series.max);
  // Attributes are field 9 here, not 7.
  for (size_t i = 0; i < series.attributes.size();) {
    out->Append(std::string_view("\x4A", 1));
    size_t size = 0, at = i + 1;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(series.attributes[at++]);
      size |= static_cast<size_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) break;
    }
    out->Append(std::string_view(series.attributes).substr(i + 1, at + size - i - 1));
    i = at + size;
  }
}

void Instrument::EncodeExponential(const Series& series, int64_t now, Buffer* out) const {
  out->Append(series.plain);
  WriteFixed64(out, 2, static_cast<uint64_t>(series.start_ns));
  WriteFixed64(out, 3, static_cast<uint64_t>(now));
  WriteFixed64(out, 4, series.count);
  WriteDouble(out, 5, series.sum);
  const int32_t scale = series.exponential.scale();
  WriteVarint(out, 6, static_cast<uint32_t>(scale << 1 ^ scale >> 31));
  WriteFixed64(out, 7, series.exponential.zero_count());
  WriteBuckets(out, 8, series.exponential.positive());
  WriteBuckets(out, 9, series.exponential.negative());
  EncodeExemplars(series, 11, out);
  WriteDouble(out, 12, series.min);
  WriteDouble(out, 13, series.max);
}

void Instrument::EncodePoint(const Series& series, int64_t now, Buffer* out) const {
  switch (kind_) {
    case InstrumentKind::kHistogram: return EncodeHistogram(series, now, out);
    case InstrumentKind::kExponential: return EncodeExponential(series, now, out);
    default: return EncodeNumber(series, now, out);
  }
}

detail::Record* Instrument::Encode(int64_t now, bool delta) {
  if (observer_) Record(observer_(), {});
  std::lock_guard lock(mutex_);
  if (series_.empty()) return nullptr;
  const bool gauge = kind_ == InstrumentKind::kGauge || kind_ == InstrumentKind::kObserved;
  // A delta of what goes up and down would lose its value: OpenTelemetry keeps it cumulative.
  delta = delta && !gauge && kind_ != InstrumentKind::kUpDown;
  Buffer data;
  for (const auto& [key, series] : series_) {
    Buffer point;
    EncodePoint(series, now, &point);
    WriteBytes(&data, 1, point.view());
  }
  if (!gauge) WriteVarint(&data, 2, delta ? kDelta : kCumulative);
  if (kind_ == InstrumentKind::kCounter) WriteVarint(&data, 3, 1);  // monotonic
  detail::Record* record = TakeRecord();
  if (record == nullptr) return nullptr;
  record->scope = scope_;
  WriteBytes(&record->data, 1, name_);
  if (!description_.empty()) WriteBytes(&record->data, 2, description_);
  if (!unit_.empty()) WriteBytes(&record->data, 3, unit_);
  const uint32_t field = gauge                                     ? kGaugeField
                         : kind_ == InstrumentKind::kHistogram   ? kHistogramField
                         : kind_ == InstrumentKind::kExponential ? kExponentialField
                                                                 : kSumField;
  WriteBytes(&record->data, field, data.view());
  if (delta) {
    series_.clear();
    began_ns_ = now;
  } else {
    for (auto& [key, series] : series_) {
      std::fill(series.exemplars.begin(), series.exemplars.end(), Exemplar{});
    }
  }
  return record;
}

void Instrument::ResetInChild(int64_t now) noexcept {
  series_.clear();
  began_ns_ = now;
  mutex_.unlock();
}

Instrument* MetricStore::Find(const Instrumentation* scope, InstrumentKind kind,
                              std::string_view name, const InstrumentOptions& options) {
  Instrument* instrument = nullptr;
  {
    std::lock_guard lock(mutex_);
    for (const auto& known : instruments_) {
      if (known->Is(scope, name)) return known.get();
    }
    instruments_.push_back(std::make_unique<Instrument>(core_, scope, kind, name, options));
    instrument = instruments_.back().get();
  }
  core_->lane(Signal::kMetrics).Begin();
  return instrument;
}

// What became of spans and logs, by the names of the OpenTelemetry conventions for SDKs.
void MetricStore::CollectOwn() {
  const Instrumentation* scope = Core::Intern(core_, "observatory.sdk", {});
  for (const Signal signal : {Signal::kTraces, Signal::kLogs}) {
    const ExportStats now = core_->lane(signal).stats();
    ExportStats& before = reported_[static_cast<size_t>(signal)];
    const std::string what = signal == Signal::kTraces ? "span" : "log";
    const auto add = [&](const std::string& name, uint64_t current, uint64_t past,
                         std::string_view error) {
      // The child of a fork counts from 0.
      const uint64_t more = current >= past ? current - past : current;
      if (more == 0) return;
      Instrument* counter = Find(scope, InstrumentKind::kCounter, name, {.unit = "{" + what + "}"});
      if (error.empty()) {
        counter->Record(static_cast<double>(more), {});
      } else {
        counter->Record(static_cast<double>(more), {{"error.type", error}});
      }
    };
    const std::string processed = "otel.sdk.processor." + what + ".processed";
    const std::string exported = "otel.sdk.exporter." + what + ".exported";
    add(processed, now.recorded - now.dropped_full, before.recorded - before.dropped_full, {});
    add(processed, now.dropped_full, before.dropped_full, "queue_full");
    add(exported, now.exported, before.exported, {});
    add(exported, now.dropped_refused, before.dropped_refused, "rejected");
    add(exported, now.dropped_expired, before.dropped_expired, "timeout");
    before = now;
  }
}

void MetricStore::Collect() {
  CollectOwn();
  const int64_t now = core_->UnixNanos();
  std::vector<Instrument*> instruments;
  {
    std::lock_guard lock(mutex_);
    for (const auto& instrument : instruments_) instruments.push_back(instrument.get());
  }
  for (Instrument* instrument : instruments) {
    if (detail::Record* record = instrument->Encode(now, core_->options().delta_metrics)) {
      core_->lane(Signal::kMetrics).Add(record);
    }
  }
}

void MetricStore::LockForFork() noexcept {
  mutex_.lock();
  for (const auto& instrument : instruments_) instrument->LockForFork();
}

void MetricStore::UnlockAfterFork() noexcept {
  for (const auto& instrument : instruments_) instrument->UnlockAfterFork();
  mutex_.unlock();
}

void MetricStore::ResetInChild() noexcept {
  const int64_t now = core_->UnixNanos();
  for (const auto& instrument : instruments_) instrument->ResetInChild(now);
  mutex_.unlock();
}

}  // namespace observatory::detail
