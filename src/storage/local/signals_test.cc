#include "storage/local/store_fixture.h"

// Log records and metrics through the store and out again.

namespace ao::storage {
namespace {

using model::MetricType;

class SignalsTest : public StoreTest {
 protected:
  const model::Resource* NewResource(Arena* arena) {
    auto* resource = new (arena->Allocate(sizeof(model::Resource))) model::Resource();
    const std::vector<model::KeyValue> attributes{{"service.name", model::Value::String("svc")}};
    resource->attributes = arena->Copy(attributes);
    return resource;
  }
  Ack PutBatch(model::Batch batch) {
    auto ack = Send(Prepare("p", clock_.Now(), "test", std::move(batch), {seed_, 256})).get();
    EXPECT_TRUE(ack.ok()) << ack.status().ToString();
    return ack.value_or(Ack{});
  }
  std::vector<std::string> Bodies(LogQuery q) {
    std::vector<std::string> bodies;
    q.project = "p";
    q.limit = 2;
    do {
      auto page = store_->ListLogs(q);
      EXPECT_TRUE(page.ok()) << page.status().ToString();
      if (!page.ok()) return bodies;
      for (const auto& group : page->batch.logs) {
        for (const auto& log : group.records) bodies.emplace_back(log.body.as_string());
      }
      q.cursor = page->next_cursor;
    } while (!q.cursor.empty());
    return bodies;
  }
};

TEST_F(SignalsTest, ListsLogsByFilterInOrderAcrossASeal) {
  const std::string lengthy = "Start " + std::string(900, 'x') + " NEEDLE";
  for (int half = 0; half < 2; ++half) {
    model::Batch batch;
    batch.signal = model::Signal::kLogs;
    std::vector<model::LogRecord> logs;
    for (int i = half * 3; i < half * 3 + 3; ++i) {
      model::LogRecord log;
      log.time = static_cast<uint64_t>(kNoon + i);
      log.severity_number = i;
      log.trace_id = i % 2 == 0 ? Trace(1) : TraceId{};
      log.body =
          model::Value::String(batch.arena.Copy(i == 4 ? lengthy : "Body \"" + std::to_string(i)));
      logs.push_back(log);
    }
    static const model::Scope scope;
    batch.logs.push_back({NewResource(&batch.arena), &scope, batch.arena.Copy(logs)});
    batch.accepted = 3;
    EXPECT_EQ(PutBatch(std::move(batch)).stored, 3u);
    if (half == 0) Seal();
  }
  EXPECT_THAT(Bodies({.ascending = true}), testing::ElementsAre("Body \"0", "Body \"1", "Body \"2",
                                                                "Body \"3", lengthy, "Body \"5"));
  EXPECT_THAT(Bodies({.trace_id = Trace(1)}),
              testing::ElementsAre(lengthy, "Body \"2", "Body \"0"));
  EXPECT_THAT(Bodies({.min_severity = 4}), testing::ElementsAre("Body \"5", lengthy));
  EXPECT_THAT(Bodies({.text = "needle"}), testing::ElementsAre(lengthy));
  EXPECT_THAT(Bodies({.text = "body \"1"}), testing::ElementsAre("Body \"1"));
  EXPECT_THAT(Bodies({.service = "sv*", .text = "nowhere"}), testing::IsEmpty());
  EXPECT_THAT(Bodies({.range = {kNoon + 1, kNoon + 3}}),
              testing::ElementsAre("Body \"2", "Body \"1"));
}

TEST_F(SignalsTest, ExportsEveryMetricTypeAsItCame) {
  model::Batch batch;
  batch.signal = model::Signal::kMetrics;
  static const uint64_t counts[] = {1, 2, 3};
  static const double bounds[] = {0.5, 1.5};
  static const model::Quantile quantiles[] = {{0.5, 10}, {0.99, 20}};
  std::vector<model::Metric> metrics;
  for (const MetricType type : {MetricType::kGauge, MetricType::kSum, MetricType::kHistogram,
                                MetricType::kExponentialHistogram, MetricType::kSummary}) {
    model::MetricPoint point;
    point.time = static_cast<uint64_t>(kNoon);
    point.start_time = static_cast<uint64_t>(kNoon - kSecond);
    if (type == MetricType::kGauge) point.value = model::Value::Double(2.5);
    if (type == MetricType::kSum) point.value = model::Value::Int(7);
    if (type >= MetricType::kHistogram) point.count = 6, point.has_sum = true, point.sum = 4.5;
    if (type == MetricType::kHistogram) {
      point.bucket_counts = counts;
      point.explicit_bounds = bounds;
    }
    if (type == MetricType::kExponentialHistogram) {
      point.scale = -3;
      point.zero_count = 2;
      point.positive = {-4, counts};
    }
    if (type == MetricType::kSummary) point.quantiles = quantiles;
    model::Metric metric;
    metric.name = batch.arena.Copy("m" + std::to_string(static_cast<int>(type)));
    metric.unit = "s";
    metric.type = type;
    metric.is_monotonic = type == MetricType::kSum;
    metric.points = batch.arena.Copy(std::vector<model::MetricPoint>{point});
    metrics.push_back(metric);
  }
  static const model::Scope scope;
  batch.metrics.push_back({NewResource(&batch.arena), &scope, batch.arena.Copy(metrics)});
  batch.accepted = 5;
  EXPECT_EQ(PutBatch(std::move(batch)).stored, 5u);
  for (int round = 0; round < 2; ++round) {
    int seen = 0;
    const Status status = store_->Export(
        {.project = "p", .signal = model::Signal::kMetrics}, [&](const model::Batch& out) {
          for (const auto& group : out.metrics) {
            EXPECT_EQ(model::FindString(group.resource->attributes, "service.name"), "svc");
            for (const model::Metric& m : group.records) {
              ++seen;
              EXPECT_EQ(m.name, "m" + std::to_string(static_cast<int>(m.type)));
              EXPECT_EQ(m.unit, "s");
              EXPECT_EQ(m.is_monotonic, m.type == MetricType::kSum);
              EXPECT_EQ(m.points.size(), 1u);
              const model::MetricPoint& p = m.points[0];
              EXPECT_EQ(p.time, static_cast<uint64_t>(kNoon));
              EXPECT_EQ(p.start_time, static_cast<uint64_t>(kNoon - kSecond));
              if (m.type == MetricType::kGauge) {
                EXPECT_EQ(p.value.as_double(), 2.5);
              }
              if (m.type == MetricType::kSum) {
                EXPECT_EQ(p.value.as_int(), 7);
              }
              if (m.type >= MetricType::kHistogram) {
                EXPECT_EQ(p.sum, 4.5);
              }
              if (m.type == MetricType::kHistogram) {
                EXPECT_THAT(p.bucket_counts, testing::ElementsAre(1, 2, 3));
                EXPECT_THAT(p.explicit_bounds, testing::ElementsAre(0.5, 1.5));
              }
              if (m.type == MetricType::kExponentialHistogram) {
                EXPECT_EQ(p.scale, -3);
                EXPECT_EQ(p.zero_count, 2u);
                EXPECT_EQ(p.positive.offset, -4);
                EXPECT_THAT(p.positive.counts, testing::ElementsAre(1, 2, 3));
              }
              if (m.type == MetricType::kSummary) {
                EXPECT_EQ(p.quantiles.size(), 2u);
                EXPECT_EQ(p.quantiles[1].value, 20);
              }
            }
          }
          return OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(seen, 5);
    if (round == 0) Seal();
  }
}

}  // namespace
}  // namespace ao::storage
