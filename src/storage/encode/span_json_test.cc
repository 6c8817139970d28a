#include "storage/encode/span_json.h"

#include <gtest/gtest.h>

#include "storage/encode/point_json.h"
#include "storage/encode/random_values.h"

namespace ao::storage {
namespace {

TEST(SpanJson, RoundTripsEventsAndLinks) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Arena arena;
    RandomTelemetry random(seed, &arena);
    const AttributeEncoder encoder(0, std::numeric_limits<size_t>::max());
    std::string json;
    const EncodeTarget target{0, &json, nullptr, nullptr};
    const auto events = random.Events();
    EncodeEvents(events, encoder, target);
    const auto decoded = DecodeEvents(json, nullptr, &arena);
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString() << json;
    ASSERT_TRUE(SameList(events, *decoded)) << json;

    json.clear();
    const auto links = random.Links();
    EncodeLinks(links, encoder, target);
    const auto decoded_links = DecodeLinks(json, nullptr, &arena);
    ASSERT_TRUE(decoded_links.ok()) << decoded_links.status().ToString() << json;
    ASSERT_TRUE(SameList(links, *decoded_links)) << json;
  }
}

TEST(SpanJson, RoundTripsResourceAndScope) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Arena arena;
    RandomTelemetry random(seed, &arena);
    model::Resource resource;
    resource.attributes = random.Map();
    resource.dropped_attributes_count = random.Uint32();
    resource.schema_url = random.Text();
    const std::string_view keys[] = {random.Text(), random.Text()};
    const model::EntityRef refs[] = {{random.Text(), random.Text(), keys, {}}, {}};
    if (random.OneIn(2)) resource.entity_refs = refs;
    const auto r = DecodeResource(EncodeResource(resource), &arena);
    ASSERT_TRUE(r.ok()) << r.status().ToString();
    EXPECT_TRUE(Same(resource.attributes, (*r)->attributes));
    EXPECT_EQ(resource.dropped_attributes_count, (*r)->dropped_attributes_count);
    EXPECT_EQ(resource.schema_url, (*r)->schema_url);
    ASSERT_EQ(resource.entity_refs.size(), (*r)->entity_refs.size());
    if (!resource.entity_refs.empty()) {
      EXPECT_EQ((*r)->entity_refs[0].type, refs[0].type);
      ASSERT_EQ((*r)->entity_refs[0].id_keys.size(), 2u);
      EXPECT_EQ((*r)->entity_refs[0].id_keys[1], keys[1]);
    }

    model::Scope scope{random.Text(), random.Text(), random.Map(), random.Uint32(), random.Text()};
    const auto s = DecodeScope(EncodeScope(scope), &arena);
    ASSERT_TRUE(s.ok()) << s.status().ToString();
    EXPECT_EQ(scope.name, (*s)->name);
    EXPECT_EQ(scope.version, (*s)->version);
    EXPECT_TRUE(Same(scope.attributes, (*s)->attributes));
    EXPECT_EQ(scope.dropped_attributes_count, (*s)->dropped_attributes_count);
    EXPECT_EQ(scope.schema_url, (*s)->schema_url);
  }
}

TEST(SpanJson, WritesNothingForEmptyLists) {
  std::string json;
  const AttributeEncoder encoder(0, 256);
  EncodeEvents({}, encoder, {0, &json, nullptr, nullptr});
  EncodeLinks({}, encoder, {0, &json, nullptr, nullptr});
  EXPECT_EQ(json, "");
  EXPECT_EQ(EncodeResource({}), "{}");
  EXPECT_EQ(EncodeScope({}), "{}");
}

TEST(SpanJson, ReportsCorruptLists) {
  Arena arena;
  for (const char* text : {"{}", "[1]", R"([{"time":-1}])", R"([{"dropped":4294967296}])"}) {
    EXPECT_EQ(DecodeEvents(text, nullptr, &arena).status().code(), StatusCode::kCorruption) << text;
  }
  EXPECT_EQ(DecodeLinks(R"([{"trace_id":"1"}])", nullptr, &arena).status().code(),
            StatusCode::kCorruption);
}

TEST(PointJson, RoundTripsEveryMember) {
  Arena arena;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    RandomTelemetry random(seed, &arena);
    const uint64_t counts[] = {random.Uint(), UINT64_MAX, 0};
    const double bounds[] = {random.Double(), 1.0};
    const model::Quantile quantiles[] = {{0.5, random.Double()}, {0.99, random.Double()}};
    model::Exemplar exemplars[2];
    exemplars[0] = {
        random.Uint(), model::Value::Double(random.Double()), {}, SpanId{5}, random.Map()};
    exemplars[1] = {random.Uint(), model::Value::Int(random.Int()), {}, {}, {}};
    exemplars[1].trace_id.bytes[3] = 9;
    model::MetricPoint point;
    point.bucket_counts = counts;
    point.explicit_bounds = bounds;
    point.scale = -3;
    point.zero_count = random.Uint();
    point.zero_threshold = random.Double();
    point.positive = {-7, counts};
    point.negative = {0, counts};
    point.quantiles = quantiles;
    point.exemplars = exemplars;
    point.time = UINT64_MAX;
    PointRow row;
    std::string detail;
    EncodePointDetail(point, {true, false}, &detail);
    row.detail = detail;
    const auto decoded = DecodePoint(row, {}, &arena);
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString() << detail;
    EXPECT_EQ(decoded->time, UINT64_MAX);
    ASSERT_EQ(decoded->bucket_counts.size(), 3u);
    EXPECT_EQ(decoded->bucket_counts[0], counts[0]);
    EXPECT_EQ(decoded->bucket_counts[1], UINT64_MAX);
    ASSERT_EQ(decoded->explicit_bounds.size(), 2u);
    EXPECT_TRUE(Same(decoded->explicit_bounds[0], bounds[0]));
    EXPECT_EQ(decoded->scale, -3);
    EXPECT_EQ(decoded->zero_count, point.zero_count);
    EXPECT_TRUE(Same(decoded->zero_threshold, point.zero_threshold));
    EXPECT_EQ(decoded->positive.offset, -7);
    EXPECT_EQ(decoded->negative.counts.size(), 3u);
    ASSERT_EQ(decoded->quantiles.size(), 2u);
    EXPECT_TRUE(Same(decoded->quantiles[1].value, quantiles[1].value));
    ASSERT_EQ(decoded->exemplars.size(), 2u);
    EXPECT_TRUE(Same(decoded->exemplars[0].value, exemplars[0].value));
    EXPECT_TRUE(Same(decoded->exemplars[0].filtered_attributes, exemplars[0].filtered_attributes));
    EXPECT_EQ(decoded->exemplars[0].span_id, SpanId{5});
    EXPECT_EQ(decoded->exemplars[1].trace_id, exemplars[1].trace_id);
  }
}

TEST(PointJson, WritesNothingForAPlainPoint) {
  std::string detail;
  EncodePointDetail({}, {}, &detail);
  EXPECT_EQ(detail, "");
}

}  // namespace
}  // namespace ao::storage
