#include "observatory/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "exponential.h"
#include "testing.h"

namespace observatory {
namespace {

using testing::Fields;
using testing::Fixture;

// The data points of a metric in the last export that has it; `field` is that of its aggregation.
std::vector<std::string> Points(const Fixture& f, std::string_view name, uint32_t field) {
  std::vector<std::string> out;
  for (const std::string& body : f.transport->bodies(Signal::kMetrics)) {
    for (const testing::Item& item : testing::Items(body)) {
      if (Fields(item.message, 1).at(0) == name) out = Fields(Fields(item.message, field).at(0), 1);
    }
  }
  return out;
}

uint64_t Number(std::string_view message, uint32_t field) {
  for (detail::FieldReader reader(message); reader.Next();) {
    if (reader.field() == field) return reader.number();
  }
  return 0;
}
double Double(std::string_view message, uint32_t field) {
  return std::bit_cast<double>(Number(message, field));
}

TEST(CounterTest, AddsUpByAttributes) {
  Fixture f;
  const Counter counter = f.sdk->meter("m").counter("agent.tokens.total", {.unit = "{token}"});
  counter.add(5, {{"a", "x"}, {"b", 1}});
  counter.add(7, {{"b", 1}, {"a", "x"}});
  counter.add(1);
  counter.add(-4);
  counter.add(std::nan(""));
  f.sdk->flush();
  const auto points = Points(f, "agent.tokens.total", 7);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(Number(points[0], 6) + Number(points[1], 6), 13u);
}

TEST(CounterTest, IsCumulativeUnlessDeltaIsAsked) {
  for (const bool delta : {false, true}) {
    Options options;
    options.delta_metrics = delta;
    Fixture f(std::move(options));
    const Counter counter = f.sdk->meter().counter("c");
    counter.add(2);
    f.sdk->flush();
    counter.add(3);
    f.clock->Advance(std::chrono::seconds(10));
    f.sdk->flush();
    const auto points = Points(f, "c", 7);
    EXPECT_EQ(Number(points.at(0), 6), delta ? 3u : 5u);
    EXPECT_LT(Number(points[0], 2), Number(points[0], 3));
  }
}

TEST(CounterTest, OneNameIsOneInstrument) {
  Fixture f;
  f.sdk->meter().counter("c").add(1);
  f.sdk->meter().counter("c").add(1);
  f.sdk->flush();
  EXPECT_EQ(Number(Points(f, "c", 7).at(0), 6), 2u);
}

TEST(CounterTest, CardinalityIsBounded) {
  Fixture f;
  const Counter counter = f.sdk->meter().counter("c");
  for (int i = 0; i < 2500; ++i) counter.add(1, {{"id", i}});
  f.sdk->flush();
  const auto points = Points(f, "c", 7);
  EXPECT_EQ(points.size(), 2000u);
  uint64_t sum = 0;
  for (const std::string& point : points) sum += Number(point, 6);
  EXPECT_EQ(sum, 2500u);
}

TEST(UpDownCounterTest, GoesDown) {
  Fixture f;
  const UpDownCounter counter = f.sdk->meter().up_down_counter("u");
  counter.add(2.5);
  counter.add(-4);
  f.sdk->flush();
  EXPECT_DOUBLE_EQ(Double(Points(f, "u", 7).at(0), 4), -1.5);
}

TEST(GaugeTest, KeepsTheLast) {
  Fixture f;
  f.sdk->meter().gauge("g").set(1.5);
  f.sdk->meter().gauge("g").set(2.5);
  f.sdk->meter().observe("o", [] { return 7.5; });
  f.sdk->flush();
  EXPECT_DOUBLE_EQ(Double(Points(f, "g", 5).at(0), 4), 2.5);
  EXPECT_DOUBLE_EQ(Double(Points(f, "o", 5).at(0), 4), 7.5);
}

TEST(HistogramTest, CountsIntoItsBuckets) {
  Fixture f;
  const Histogram histogram =
      f.sdk->meter().histogram("agent.run.duration_ms", {.unit = "ms", .boundaries = {10, 20}});
  for (const double value : {5.0, 10.0, 10.5, 99.0}) histogram.record(value, {{"k", "v"}});
  f.sdk->flush();
  const std::string point = Points(f, "agent.run.duration_ms", 9).at(0);
  EXPECT_EQ(Number(point, 4), 4u);
  EXPECT_DOUBLE_EQ(Double(point, 5), 124.5);
  EXPECT_DOUBLE_EQ(Double(point, 11), 5);
  EXPECT_DOUBLE_EQ(Double(point, 12), 99);
  const std::string counts = Fields(point, 6).at(0);
  const auto* buckets = reinterpret_cast<const uint64_t*>(counts.data());
  ASSERT_EQ(counts.size(), 24u);
  EXPECT_EQ(buckets[0], 2u);
  EXPECT_EQ(buckets[1], 1u);
  EXPECT_EQ(buckets[2], 1u);
  EXPECT_EQ(testing::KeyValues(point, 9), (Value::Map{{"k", "v"}}));
}

TEST(HistogramTest, ExemplarsCarryTheTrace) {
  Fixture f;
  const Histogram histogram = f.sdk->meter().histogram("h", {.boundaries = {10}});
  ActiveSpan span = f.sdk->tracer().start_active_span("run");
  histogram.record(3);
  f.sdk->flush();
  const std::string exemplar = Fields(Points(f, "h", 9).at(0), 8).at(0);
  EXPECT_DOUBLE_EQ(Double(exemplar, 3), 3);
  const std::string id = Fields(exemplar, 5).at(0);
  std::string hex;
  for (const char c : id) {
    char text[3];
    std::snprintf(text, sizeof(text), "%02x", static_cast<unsigned char>(c));
    hex += text;
  }
  EXPECT_EQ(hex, span->trace_id().hex());
}

TEST(ExponentialHistogramTest, BucketBoundsAreUpperInclusive) {
  using detail::ExponentialHistogram;
  for (const int scale : {-2, -1, 0, 1, 3, 8}) {
    const double base = std::exp2(std::exp2(-scale));
    for (const double value : {0.001, 0.5, 1.0, 1.0001, 2.0, 3.7, 4.0, 1000.0, 65536.0}) {
      const int index = ExponentialHistogram::IndexOf(value, scale);
      EXPECT_LT(std::pow(base, index), value * (1 + 1e-9)) << value << " at " << scale;
      EXPECT_GE(std::pow(base, index + 1), value * (1 - 1e-9)) << value << " at " << scale;
    }
  }
  EXPECT_EQ(ExponentialHistogram::IndexOf(2, 0), 0);
  EXPECT_EQ(ExponentialHistogram::IndexOf(4, 0), 1);
  EXPECT_EQ(ExponentialHistogram::IndexOf(4, -1), 0);
}

TEST(ExponentialHistogramTest, WidensInsteadOfGrowing) {
  detail::ExponentialHistogram histogram;
  uint64_t recorded = 0;
  for (double value = 1e-3; value < 1e6; value *= 1.01, ++recorded) histogram.Record(value);
  histogram.Record(0);
  histogram.Record(-5);
  EXPECT_LE(histogram.positive().counts.size(), detail::ExponentialHistogram::kMaxBuckets);
  uint64_t counted = 0;
  for (const uint64_t count : histogram.positive().counts) counted += count;
  EXPECT_EQ(counted, recorded);
  EXPECT_EQ(histogram.zero_count(), 1u);
  EXPECT_EQ(histogram.negative().counts.size(), 1u);
  EXPECT_GE(histogram.scale(), 2);
}

TEST(ExponentialHistogramTest, IsExported) {
  Fixture f;
  f.sdk->meter().exponential_histogram("e").record(3, {{"k", 1}});
  f.sdk->flush();
  const std::string point = Points(f, "e", 10).at(0);
  EXPECT_EQ(Number(point, 4), 1u);
  EXPECT_DOUBLE_EQ(Double(point, 5), 3);
  EXPECT_EQ(testing::KeyValues(point, 1), (Value::Map{{"k", 1}}));
  EXPECT_EQ(Fields(point, 8).size(), 1u);
}

}  // namespace
}  // namespace observatory
