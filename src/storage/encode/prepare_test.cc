#include "storage/encode/prepare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "cost/pricer.h"
#include "storage/content/content_store.h"
#include "storage/encode/point_json.h"
#include "storage/encode/random_values.h"
#include "storage/encode/span_json.h"

namespace ao::storage {
namespace {

using model::KeyValue;
using model::Value;

constexpr Nanos kReceived = 1'700'000'000 * kSecond;

template <typename T>
std::span<const T> List(model::Batch* batch, std::vector<T> items) {
  return batch->arena.Copy(items);
}

model::Resource* AddResource(model::Batch* batch, std::vector<KeyValue> attributes) {
  auto* resource = new (batch->arena.Allocate(sizeof(model::Resource))) model::Resource();
  resource->attributes = batch->arena.Copy(attributes);
  return resource;
}
model::Scope* AddScope(model::Batch* batch) {
  auto* scope = new (batch->arena.Allocate(sizeof(model::Scope))) model::Scope();
  scope->name = "tests";
  return scope;
}

model::Span SpanAt(uint64_t start, uint64_t end) {
  model::Span span;
  span.trace_id.bytes[0] = 1;
  span.span_id.value = 2;
  span.start = start;
  span.end = end;
  return span;
}

PreparedBatch PrepareSpans(std::vector<model::Span> spans, size_t inline_limit = 256) {
  model::Batch batch;
  auto* resource = AddResource(&batch, {{"service.name", Value::String("loan")},
                                        {"deployment.environment", Value::String("prod")},
                                        {"service.version", Value::String("1.2")}});
  auto* scope = AddScope(&batch);
  batch.spans.push_back({resource, scope, List(&batch, std::move(spans))});
  return Prepare("default", kReceived, "otlp/traces/protobuf", std::move(batch),
                 {42, inline_limit});
}

std::string TextOf(const PreparedBatch& batch, ContentAddress address) {
  std::map<ContentAddress, std::string> texts;
  for (const ContentPiece& piece : batch.contents) {
    texts[piece.address] = texts[piece.parent] + std::string(piece.bytes);
  }
  const auto it = texts.find(address);
  return it == texts.end() ? "(missing)" : it->second;
}
ContentReader ReaderOf(const PreparedBatch& batch) {
  return [&batch](ContentAddress a) -> Result<std::string> { return TextOf(batch, a); };
}

TEST(Prepare, TakesServiceColumnsFromTheResource) {
  const PreparedBatch batch = PrepareSpans({SpanAt(10, 20)});
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(batch.spans[0].service, "loan");
  EXPECT_EQ(batch.spans[0].environment, "prod");
  EXPECT_EQ(batch.spans[0].service_version, "1.2");
  EXPECT_EQ(batch.wal_format, "otlp/traces/protobuf");
}

struct TimeCase {
  uint64_t start, end;
  Nanos row_start, row_duration;
  bool adjusted;
};

TEST(Prepare, ClampsTimesAndKeepsWhatWasSent) {
  const TimeCase cases[] = {
      {10, 25, 10, 15, false},
      {10, 10, 10, 0, false},
      {0, 25, 25, 0, true},
      {10, 0, 10, 0, true},
      {30, 20, 30, 0, true},
      {0, 0, kReceived, 0, true},
      {UINT64_MAX, UINT64_MAX, kReceived, 0, true},
      {10, UINT64_MAX, 10, 0, true},
      {1, INT64_MAX, 1, INT64_MAX - 1, false},
  };
  for (const TimeCase& c : cases) {
    const PreparedBatch batch = PrepareSpans({SpanAt(c.start, c.end)});
    const SpanRow& row = batch.spans[0];
    EXPECT_EQ(row.start, c.row_start) << c.start << " " << c.end;
    EXPECT_EQ(row.duration, c.row_duration) << c.start << " " << c.end;
    EXPECT_EQ(row.times_adjusted, c.adjusted) << c.start << " " << c.end;
    Arena arena;
    const auto span = DecodeSpan(row, ReaderOf(batch), &arena);
    ASSERT_TRUE(span.ok());
    EXPECT_EQ(span->start, c.start);
    EXPECT_EQ(span->end, c.end);
  }
}

TEST(Prepare, RebuildsRandomSpansWithoutLoss) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Arena arena;
    RandomTelemetry random(seed, &arena);
    model::Span span = SpanAt(random.Uint(), random.Uint());
    span.name = random.Text();
    span.trace_state = random.Text();
    span.status_message = random.Text();
    span.kind = model::SpanKind::kConsumer;
    span.status = model::StatusCode::kError;
    span.flags = random.Uint32();
    span.attributes = random.Map();
    span.events = random.Events();
    span.links = random.Links();
    span.dropped_attributes_count = random.Uint32();
    span.dropped_events_count = random.Uint32();
    span.dropped_links_count = random.Uint32();
    const PreparedBatch batch = PrepareSpans({span}, 16);
    const SpanRow& row = batch.spans[0];
    const auto decoded = DecodeSpan(row, ReaderOf(batch), &arena);
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
    EXPECT_EQ(decoded->name, span.name);
    EXPECT_EQ(decoded->trace_state, span.trace_state);
    EXPECT_EQ(decoded->status_message, span.status_message);
    EXPECT_EQ(decoded->kind, span.kind);
    EXPECT_EQ(decoded->status, span.status);
    EXPECT_EQ(decoded->flags, span.flags);
    EXPECT_TRUE(Same(decoded->attributes, span.attributes));
    EXPECT_TRUE(SameList(decoded->events, span.events));
    EXPECT_TRUE(SameList(decoded->links, span.links));
    EXPECT_EQ(decoded->dropped_attributes_count, span.dropped_attributes_count);
    for (const ContentAddress& ref : row.content_refs) {
      EXPECT_NE(TextOf(batch, ref), "(missing)");
    }
  }
}

TEST(Prepare, ListsEveryReferenceOfARow) {
  const std::string prompt(300, 'p');
  const std::string detail(400, 'd');
  const KeyValue attributes[] = {{"user.input", Value::String(prompt)}};
  const KeyValue event_attributes[] = {{"exception.stacktrace", Value::String(detail)}};
  const model::Event events[] = {{5, "exception", event_attributes, 0}};
  model::Span span = SpanAt(10, 20);
  span.attributes = attributes;
  span.events = events;
  const PreparedBatch batch = PrepareSpans({span});
  const SpanRow& row = batch.spans[0];
  std::vector<std::string> texts;
  for (const ContentAddress& ref : row.content_refs) texts.push_back(TextOf(batch, ref));
  EXPECT_EQ(texts.size(), 4u);
  for (const std::string& expected :
       {prompt, detail, TextOf(batch, row.resource_ref), TextOf(batch, row.scope_ref)}) {
    EXPECT_EQ(std::count(texts.begin(), texts.end(), expected), 1);
  }
  Arena arena;
  const auto resource = DecodeResource(TextOf(batch, row.resource_ref), &arena);
  ASSERT_TRUE(resource.ok());
  EXPECT_EQ(model::FindString((*resource)->attributes, "service.name"), "loan");
}

TEST(Prepare, KeepsAResourceOnceForEachDayOfTheBatch) {
  const PreparedBatch batch =
      PrepareSpans({SpanAt(10, 20), SpanAt(11, 21), SpanAt(kDay + 1, kDay + 2), SpanAt(12, 13)});
  std::map<Day, int> resources;
  for (const ContentPiece& piece : batch.contents) {
    if (piece.bytes.find("service.name") != std::string_view::npos) {
      ++resources[DayOf(piece.partition_time)];
    }
  }
  EXPECT_EQ(resources, (std::map<Day, int>{{0, 1}, {1, 1}}));
  for (const SpanRow& row : batch.spans) EXPECT_EQ(row.resource_ref, batch.spans[0].resource_ref);
}

TEST(Prepare, AcceptsGroupsWithoutResourceAndScope) {
  model::Batch batch;
  batch.spans.push_back({nullptr, nullptr, List<model::Span>(&batch, {SpanAt(1, 2)})});
  const PreparedBatch prepared = Prepare("p", kReceived, "f", std::move(batch), {});
  EXPECT_EQ(TextOf(prepared, prepared.spans[0].resource_ref), "{}");
}

TEST(Prepare, RowsOutliveMovesOfTheBatch) {
  model::Batch source;
  source.body.reserve(32);
  source.body = "tiny";
  model::LogRecord log;
  log.time = 5;
  log.severity_text = std::string_view(source.body).substr(0, 2);
  log.body = Value::String(std::string_view(source.body).substr(2));
  source.logs.push_back({nullptr, nullptr, List<model::LogRecord>(&source, {log})});
  PreparedBatch batch = Prepare("p", kReceived, "f", std::move(source), {});
  auto moved = std::make_unique<PreparedBatch>(std::move(batch));
  batch = PreparedBatch();
  PreparedBatch again = std::move(*moved);
  moved.reset();
  ASSERT_EQ(again.logs.size(), 1u);
  EXPECT_EQ(again.logs[0].severity_text, "ti");
  EXPECT_EQ(again.logs[0].body, "\"ny\"");
}

TEST(Prepare, GivesLogsTheBestTimeThereIs) {
  model::Batch batch;
  model::LogRecord timed, observed, none;
  timed.time = 5;
  timed.observed_time = 6;
  observed.observed_time = 6;
  none.time = UINT64_MAX;
  batch.logs.push_back({nullptr, nullptr, List<model::LogRecord>(&batch, {timed, observed, none})});
  const PreparedBatch prepared = Prepare("p", kReceived, "f", std::move(batch), {});
  EXPECT_EQ(prepared.logs[0].time, 5);
  EXPECT_EQ(prepared.logs[1].time, 6);
  EXPECT_EQ(prepared.logs[2].time, kReceived);
  Arena arena;
  EXPECT_EQ(DecodeLog(prepared.logs[2], nullptr, &arena)->time, UINT64_MAX);
  EXPECT_EQ(DecodeLog(prepared.logs[1], nullptr, &arena)->body.kind(), model::ValueKind::kEmpty);
}

PreparedBatch PrepareMetric(std::vector<model::MetricPoint> points, std::string_view name = "m",
                            model::MetricType type = model::MetricType::kSum) {
  model::Batch batch;
  model::Metric metric;
  metric.name = name;
  metric.type = type;
  metric.points = List(&batch, std::move(points));
  batch.metrics.push_back({AddResource(&batch, {{"service.name", Value::String("loan")}}),
                           AddScope(&batch), List<model::Metric>(&batch, {metric})});
  return Prepare("p", kReceived, "f", std::move(batch), {});
}

model::MetricPoint PointAt(uint64_t time, model::Attributes attributes, Value value) {
  model::MetricPoint point;
  point.time = time;
  point.attributes = attributes;
  point.value = value;
  return point;
}

TEST(Prepare, GivesASeriesOneIdWhateverTheOrderOfItsAttributes) {
  const KeyValue ab[] = {{"a", Value::Int(1)}, {"b", Value::Int(2)}};
  const KeyValue ba[] = {{"b", Value::Int(2)}, {"a", Value::Int(1)}};
  const KeyValue other[] = {{"a", Value::Int(1)}, {"b", Value::Double(2)}};
  const PreparedBatch batch =
      PrepareMetric({PointAt(1, ab, Value::Int(5)), PointAt(2, ba, Value::Double(6.5)),
                     PointAt(2, other, Value())});
  ASSERT_EQ(batch.points.size(), 3u);
  EXPECT_EQ(batch.points[0].series_id, batch.points[1].series_id);
  EXPECT_NE(batch.points[0].series_id, batch.points[2].series_id);
  EXPECT_EQ(batch.series.size(), 2u);
  EXPECT_TRUE(batch.points[0].is_int);
  EXPECT_EQ(batch.points[0].int_value, 5);
  EXPECT_EQ(batch.points[1].value, 6.5);
  EXPECT_FALSE(batch.points[2].has_value);
  EXPECT_NE(PrepareMetric({PointAt(1, ab, Value::Int(5))}, "other").points[0].series_id,
            batch.points[0].series_id);
  EXPECT_EQ(PrepareMetric({PointAt(9, ba, Value::Int(7))}).points[0].series_id,
            batch.points[0].series_id);
}

TEST(Prepare, KeepsHostilePointTimesForExport) {
  const PreparedBatch batch = PrepareMetric({PointAt(UINT64_MAX, {}, Value::Int(1))});
  EXPECT_EQ(batch.points[0].time, kReceived);
  Arena arena;
  EXPECT_EQ(DecodePoint(batch.points[0], {}, &arena)->time, UINT64_MAX);
}

PreparedBatch PrepareCalls(const cost::Pricer* pricer) {
  model::Batch batch;
  auto* resource = AddResource(&batch, {});
  auto* scope = AddScope(&batch);
  std::vector<model::Span> spans(3);
  for (size_t i = 0; i < spans.size(); ++i) {
    spans[i].span_id.value = i + 1;
    spans[i].start = 1'769'851'800'000'000'000;
    std::vector<model::KeyValue> attributes = {
        {"gen_ai.operation.name", Value::String(i == 2 ? "invoke_agent" : "chat")},
        {"gen_ai.provider.name", Value::String("openai")},
        {"gen_ai.request.model", Value::String("gpt-4o")},
        {"gen_ai.usage.input_tokens", Value::Int(1'000'000)},
        {"gen_ai.usage.output_tokens", Value::Int(0)}};
    if (i == 1) attributes.push_back({"gen_ai.usage.cost", Value::Double(7)});
    spans[i].attributes = batch.arena.Copy(attributes);
  }
  batch.spans.push_back({resource, scope, List(&batch, std::move(spans))});
  return Prepare("default", kReceived, "f", std::move(batch), {.pricer = pricer});
}

TEST(PrepareTest, CallsToModelsArePricedUnlessTheClientDidAndNothingElseIs) {
  const cost::Pricer pricer(cost::Pricer::EmbeddedBook().value());
  const PreparedBatch batch = PrepareCalls(&pricer);
  const auto& call = batch.spans[0].canonical;
  EXPECT_EQ(call.cost_usd, 2.5);
  EXPECT_EQ(call.cost_source, model::CostSource::kCatalogue);
  EXPECT_EQ(call.price, "openai/gpt-4o");
  const auto& own = batch.spans[1].canonical;
  EXPECT_EQ(own.cost_usd, 7);
  EXPECT_EQ(own.cost_source, model::CostSource::kClient);
  EXPECT_EQ(own.price, "");
  const auto& agent = batch.spans[2].canonical;
  EXPECT_FALSE(agent.cost_usd);
  EXPECT_EQ(agent.cost_source, model::CostSource::kNone);
}

TEST(PrepareTest, WithoutAPricerOnlyTheClientsCostIsKnown) {
  const PreparedBatch batch = PrepareCalls(nullptr);
  EXPECT_FALSE(batch.spans[0].canonical.cost_usd);
  EXPECT_EQ(batch.spans[1].canonical.cost_usd, 7);
}

}  // namespace
}  // namespace ao::storage
