#include "ingest/otlp/testing/random_batch.h"

#include <array>
#include <limits>
#include <random>

namespace ao::ingest::otlp::testing {
namespace {

using model::Signal;
using model::Value;

class Generator {
 public:
  Generator(model::Batch* batch, uint64_t seed) : batch_(batch), random_(seed) {}

  void Fill() {
    for (uint64_t r = 1 + Below(3); r-- > 0;) {
      const model::Resource* resource = NewResource();
      for (uint64_t s = 1 + Below(3); s-- > 0;) {
        const model::Scope* scope = NewScope();
        switch (batch_->signal) {
          case Signal::kTraces:
            batch_->spans.push_back({resource, scope, Some<model::Span>(1, 4)});
            batch_->accepted += batch_->spans.back().records.size();
            break;
          case Signal::kLogs:
            batch_->logs.push_back({resource, scope, Some<model::LogRecord>(1, 4)});
            batch_->accepted += batch_->logs.back().records.size();
            break;
          case Signal::kMetrics:
            batch_->metrics.push_back({resource, scope, Some<model::Metric>(1, 4)});
            for (const auto& m : batch_->metrics.back().records)
              batch_->accepted += m.points.size();
            break;
        }
      }
    }
  }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  bool Maybe() { return Below(2) == 0; }

  std::string_view Text() {
    static constexpr std::array<std::string_view, 10> kTexts = {"",
                                                                "a",
                                                                "gen_ai.request.model",
                                                                "grüße",
                                                                "模型调用",
                                                                "🛰️",
                                                                "\"quoted\\\"",
                                                                "line\nbreak\ttab",
                                                                "\x01\x1f\x7f",
                                                                "</script>"};
    if (Below(20) == 0) {
      const std::string large(1 + Below(5000), static_cast<char>('a' + Below(26)));
      return batch_->arena.Copy(large);
    }
    return kTexts[Below(kTexts.size())];
  }
  std::string_view Key() {
    const std::string_view text = Text();
    return text.empty() ? "key" : text;
  }
  std::string_view Bytes() {
    std::string bytes(Below(10), '\0');
    for (char& c : bytes) c = static_cast<char>(Below(256));
    return batch_->arena.Copy(bytes);
  }
  double Number() {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    constexpr std::array<double, 10> kNumbers = {
        0,          -0.0,
        0.1,        1,
        -2.5e-300,  1.7976931348623157e308,
        5e-324,     kInfinity,
        -kInfinity, std::numeric_limits<double>::quiet_NaN()};
    return kNumbers[Below(kNumbers.size())];
  }
  int64_t Integer() {
    constexpr std::array<int64_t, 6> kIntegers = {0, 1, -1, INT64_MAX, INT64_MIN, 1LL << 53};
    return kIntegers[Below(kIntegers.size())];
  }
  uint64_t Count() { return Maybe() ? Below(100) : UINT64_MAX - Below(3); }
  uint32_t Small() { return Maybe() ? 0 : static_cast<uint32_t>(random_()); }
  uint64_t Time() { return Maybe() ? 1'700'000'000'000'000'000 + Below(1'000'000'000) : 1; }
  TraceId Trace() {
    TraceId id;
    for (uint8_t& byte : id.bytes) byte = static_cast<uint8_t>(Below(256));
    id.bytes[0] = 1;
    return id;
  }
  SpanId SpanIdentity() { return {random_() | 1}; }

  Value AnyValue(int depth) {
    switch (Below(depth < 4 ? 8 : 6)) {
      case 0: return {};
      case 1: return Value::Bool(Maybe());
      case 2: return Value::Int(Integer());
      case 3: return Value::Double(Number());
      case 4: return Value::String(Text());
      case 5: return Value::Bytes(Bytes());
      case 6: {
        std::vector<Value> items(Below(4));
        for (Value& item : items) item = AnyValue(depth + 1);
        return Value::Array(batch_->arena.Copy(items));
      }
      default: {
        std::vector<model::KeyValue> pairs(Below(4));
        for (auto& pair : pairs) pair = {Text(), AnyValue(depth + 1)};
        return Value::Map(batch_->arena.Copy(pairs));
      }
    }
  }
  model::Attributes Attributes() {
    std::vector<model::KeyValue> pairs(Below(5));
    for (auto& pair : pairs) pair = {Key(), AnyValue(0)};
    return batch_->arena.Copy(pairs);
  }
  std::span<const std::string_view> Keys() {
    std::vector<std::string_view> keys(Below(3));
    for (auto& key : keys) key = Text();
    return batch_->arena.Copy(keys);
  }

  template <typename T>
  std::span<const T> Some(uint64_t least, uint64_t most) {
    std::vector<T> items(least + Below(most - least + 1));
    for (T& item : items) Make(&item);
    return batch_->arena.Copy(items);
  }

  const model::Resource* NewResource() {
    auto* r = new (batch_->arena.AllocateArray<model::Resource>(1)) model::Resource;
    *r = {Attributes(), Some<model::EntityRef>(0, 2), Small(), Text()};
    return r;
  }
  const model::Scope* NewScope() {
    auto* s = new (batch_->arena.AllocateArray<model::Scope>(1)) model::Scope;
    *s = {Text(), Text(), Attributes(), Small(), Text()};
    return s;
  }

  void Make(model::EntityRef* e) { *e = {Text(), Text(), Keys(), Keys()}; }
  void Make(model::Event* e) { *e = {Maybe() ? Time() : 0, Text(), Attributes(), Small()}; }
  void Make(model::Link* l) {
    *l = {Trace(), SpanIdentity(), Text(), Attributes(), Small(), Small()};
    if (Below(8) == 0) l->trace_id = {};
  }
  void Make(model::Span* s) {
    s->trace_id = Trace();
    s->span_id = SpanIdentity();
    if (Maybe()) s->parent_span_id = SpanIdentity();
    s->flags = Small();
    s->trace_state = Text();
    s->name = Text();
    s->kind = static_cast<model::SpanKind>(Below(6));
    s->status = static_cast<model::StatusCode>(Below(3));
    s->status_message = Text();
    s->start = Maybe() ? Time() : 0;
    s->end = Maybe() ? Time() : UINT64_MAX;
    s->attributes = Attributes();
    s->events = Some<model::Event>(0, 3);
    s->links = Some<model::Link>(0, 3);
    s->dropped_attributes_count = Small();
    s->dropped_events_count = Small();
    s->dropped_links_count = Small();
  }
  void Make(model::LogRecord* r) {
    r->time = Time();
    r->observed_time = Maybe() ? Time() : 0;
    r->severity_number = static_cast<int32_t>(Below(26)) - 1;
    r->severity_text = Text();
    r->body = AnyValue(0);
    r->attributes = Attributes();
    r->dropped_attributes_count = Small();
    r->flags = Small();
    if (Maybe()) r->trace_id = Trace();
    if (Maybe()) r->span_id = SpanIdentity();
    r->event_name = Text();
  }
  void Make(model::Quantile* q) { *q = {Number(), Number()}; }
  void Make(uint64_t* count) { *count = Count(); }
  void Make(double* number) { *number = Number(); }
  void Make(model::Exemplar* e) {
    *e = {Time(), Scalar(), Maybe() ? Trace() : TraceId{}, Maybe() ? SpanIdentity() : SpanId{},
          Attributes()};
  }
  Value Scalar() {
    const uint64_t kind = Below(3);
    return kind == 0 ? Value() : kind == 1 ? Value::Int(Integer()) : Value::Double(Number());
  }
  model::Buckets SomeBuckets() {
    return {static_cast<int32_t>(Below(100)) - 50, Some<uint64_t>(0, 5)};
  }

  void MakePoint(model::MetricType type, model::MetricPoint* p) {
    p->attributes = Attributes();
    p->start_time = Maybe() ? Time() : 0;
    p->time = Time();
    p->flags = Small();
    if (type == model::MetricType::kGauge || type == model::MetricType::kSum) {
      p->value = Scalar();
      p->exemplars = Some<model::Exemplar>(0, 2);
      return;
    }
    p->count = Count();
    p->has_sum = Maybe() || type == model::MetricType::kSummary;
    if (p->has_sum) p->sum = Number();
    if (type == model::MetricType::kSummary) {
      p->quantiles = Some<model::Quantile>(0, 4);
      return;
    }
    p->exemplars = Some<model::Exemplar>(0, 2);
    p->has_min = Maybe();
    if (p->has_min) p->min = Number();
    p->has_max = Maybe();
    if (p->has_max) p->max = Number();
    if (type == model::MetricType::kHistogram) {
      p->explicit_bounds = Some<double>(0, 4);
      const size_t buckets = p->explicit_bounds.size() + 1;
      if (buckets > 1 || Maybe()) p->bucket_counts = Some<uint64_t>(buckets, buckets);
    } else {
      p->scale = static_cast<int32_t>(Below(30)) - 10;
      p->zero_count = Count();
      p->zero_threshold = Maybe() ? 0 : 1e-9;
      p->positive = SomeBuckets();
      p->negative = SomeBuckets();
    }
  }
  void Make(model::Metric* m) {
    m->name = Text();
    m->description = Text();
    m->unit = Text();
    m->type = static_cast<model::MetricType>(Below(5));
    const bool cumulates =
        m->type != model::MetricType::kGauge && m->type != model::MetricType::kSummary;
    if (cumulates) m->temporality = static_cast<model::Temporality>(Below(3));
    m->is_monotonic = m->type == model::MetricType::kSum && Maybe();
    std::vector<model::MetricPoint> points(1 + Below(3));
    for (auto& point : points) MakePoint(m->type, &point);
    m->points = batch_->arena.Copy(points);
    m->metadata = Attributes();
  }

  model::Batch* batch_;
  std::mt19937_64 random_;
};

}  // namespace

model::Batch RandomBatch(Signal signal, uint64_t seed) {
  model::Batch batch;
  batch.signal = signal;
  Generator(&batch, seed).Fill();
  return batch;
}

}  // namespace ao::ingest::otlp::testing
