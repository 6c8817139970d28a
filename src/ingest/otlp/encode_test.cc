#include "ingest/otlp/encode.h"

#include <gtest/gtest.h>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/replay.h"
#include "ingest/otlp/testing/dump.h"
#include "ingest/otlp/testing/random_batch.h"

namespace ao::ingest::otlp {
namespace {

using model::Signal;
using testing::Dump;
using testing::RandomBatch;

class RoundTrip : public ::testing::TestWithParam<Signal> {};
INSTANTIATE_TEST_SUITE_P(Signals, RoundTrip,
                         ::testing::Values(Signal::kTraces, Signal::kLogs, Signal::kMetrics),
                         [](const auto& p) { return std::string(SignalName(p.param)); });

TEST_P(RoundTrip, ThroughProtobufIsLossless) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto batch = RandomBatch(GetParam(), seed);
    const auto again = DecodeProtobuf(GetParam(), EncodeProtobuf(batch));
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    ASSERT_EQ(Dump(*again), Dump(batch)) << "seed " << seed;
  }
}

TEST_P(RoundTrip, ThroughJsonIsLossless) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto batch = RandomBatch(GetParam(), seed);
    const auto again = DecodeJson(GetParam(), EncodeJson(batch));
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    ASSERT_EQ(Dump(*again), Dump(batch)) << "seed " << seed;
  }
}

TEST_P(RoundTrip, ThroughProtobufAndJsonAndBackGivesTheSameBytes) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const std::string bytes = EncodeProtobuf(RandomBatch(GetParam(), seed));
    const auto first = DecodeProtobuf(GetParam(), bytes);
    ASSERT_TRUE(first.ok());
    const auto second = DecodeJson(GetParam(), EncodeJson(*first));
    ASSERT_TRUE(second.ok());
    ASSERT_EQ(EncodeProtobuf(*second), bytes) << "seed " << seed;
  }
}

TEST_P(RoundTrip, LineSaysItsSignal) {
  const auto batch = RandomBatch(GetParam(), 7);
  const auto again = DecodeJsonLine(EncodeJson(batch) + "\n");
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->signal, GetParam());
  EXPECT_EQ(Dump(*again), Dump(batch));
}

TEST_P(RoundTrip, ReplayFormatDecodesWhatWasReceived) {
  const auto batch = RandomBatch(GetParam(), 3);
  const auto protobuf = DecodeFormat(FormatName(GetParam(), false), EncodeProtobuf(batch));
  const auto json = DecodeFormat(FormatName(GetParam(), true), EncodeJson(batch));
  ASSERT_TRUE(protobuf.ok() && json.ok());
  EXPECT_EQ(Dump(*protobuf), Dump(batch));
  EXPECT_EQ(Dump(*json), Dump(batch));
}

TEST_P(RoundTrip, ViewsSurviveMovingTheBatch) {
  auto decoded = DecodeProtobuf(GetParam(), EncodeProtobuf(RandomBatch(GetParam(), 1)));
  ASSERT_TRUE(decoded.ok());
  const std::string before = Dump(*decoded);
  const model::Batch moved = std::move(*decoded);
  EXPECT_EQ(Dump(moved), before);
}

TEST(Replay, NamesFormats) {
  EXPECT_EQ(FormatName(Signal::kTraces, false), "otlp/traces/protobuf");
  EXPECT_EQ(FormatName(Signal::kLogs, true), "otlp/logs/json");
  EXPECT_TRUE(IsOtlpFormat("otlp/metrics/json"));
  EXPECT_FALSE(IsOtlpFormat("langfuse/batch"));
  EXPECT_EQ(DecodeFormat("langfuse/batch", "").status().message(),
            "cannot decode request: unknown format 'langfuse/batch'");
}

TEST(EncodeJson, WritesStrictOtlpJson) {
  const auto batch = DecodeJson(Signal::kTraces, R"({"resource_spans":[{"resource":{"attributes":[
      {"key":"service.name","value":{"stringValue":"loans"}}]},"scope_spans":[{"scope":{"name":"s"},
      "spans":[{"trace_id":"5B8EFFF798038103D269B633813FC60C","span_id":"EEE19B7EC3C1B174",
      "name":"agent.run","kind":"SPAN_KIND_SERVER","start_time_unix_nano":1544712660000000000,
      "end_time_unix_nano":"1544712661000000000","attributes":[
      {"key":"n","value":{"intValue":9007199254740993}},{"key":"d","value":{"doubleValue":2}},
      {"key":"b","value":{"bytesValue":"AQI="}},{"key":"e","value":{}}],
      "status":{"code":"STATUS_CODE_ERROR","message":"no"}}]}]}]})");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(
      EncodeJson(*batch),
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":)"
      R"({"stringValue":"loans"}}]},"scopeSpans":[{"scope":{"name":"s"},"spans":[)"
      R"({"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
      R"("name":"agent.run","kind":2,"startTimeUnixNano":"1544712660000000000",)"
      R"("endTimeUnixNano":"1544712661000000000","attributes":[)"
      R"({"key":"n","value":{"intValue":"9007199254740993"}},{"key":"d","value":{"doubleValue":2.0}},)"
      R"({"key":"b","value":{"bytesValue":"AQI="}},{"key":"e","value":{}}],)"
      R"("status":{"message":"no","code":2}}]}]}]})");
}

TEST(EncodeJson, NeighboursOfOneResourceShareIt) {
  const auto batch = DecodeJson(Signal::kLogs, R"({"resourceLogs":[{"scopeLogs":[
      {"scope":{"name":"a"},"logRecords":[{"timeUnixNano":"1"}]},
      {"scope":{"name":"b"},"logRecords":[{"timeUnixNano":"2"}]}]}]})");
  ASSERT_TRUE(batch.ok());
  ASSERT_EQ(batch->logs.size(), 2u);
  EXPECT_EQ(EncodeJson(*batch),
            R"({"resourceLogs":[{"resource":{},"scopeLogs":[)"
            R"({"scope":{"name":"a"},"logRecords":[{"timeUnixNano":"1"}]},)"
            R"({"scope":{"name":"b"},"logRecords":[{"timeUnixNano":"2"}]}]}]})");
}

TEST(EncodeJson, InvalidUtf8BecomesReplacementCharacters) {
  model::Batch batch;
  batch.signal = Signal::kLogs;
  const model::Resource resource;
  const model::Scope scope;
  model::LogRecord record;
  record.body = model::Value::String("a\xff");
  batch.logs.push_back({&resource, &scope, {&record, 1}});
  EXPECT_NE(EncodeJson(batch).find("a\xEF\xBF\xBD"), std::string::npos);
}

TEST(Encode, EmptyBatchIsAnEmptyRequest) {
  model::Batch batch;
  EXPECT_EQ(EncodeProtobuf(batch), "");
  EXPECT_EQ(EncodeJson(batch), R"({"resourceSpans":[]})");
  EXPECT_TRUE(DecodeJson(Signal::kTraces, EncodeJson(batch)).ok());
}

TEST(Encode, GroupsWithoutResourceAndScopeAreWritten) {
  model::Batch batch;
  model::Span span;
  span.trace_id.bytes[0] = 1;
  span.span_id = {2};
  batch.spans.push_back({nullptr, nullptr, {&span, 1}});
  const auto protobuf = DecodeProtobuf(Signal::kTraces, EncodeProtobuf(batch));
  const auto json = DecodeJson(Signal::kTraces, EncodeJson(batch));
  ASSERT_TRUE(protobuf.ok() && json.ok());
  EXPECT_EQ(protobuf->accepted, 1u);
  EXPECT_EQ(json->accepted, 1u);
}

}  // namespace
}  // namespace ao::ingest::otlp
