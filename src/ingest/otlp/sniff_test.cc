#include "ingest/otlp/sniff.h"

#include <gtest/gtest.h>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/encode.h"
#include "ingest/otlp/testing/random_batch.h"

namespace ao::ingest::otlp {
namespace {

using model::Signal;

constexpr Signal kAll[] = {Signal::kTraces, Signal::kLogs, Signal::kMetrics};

std::string Payload(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":
        {"stringValue":"x"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[
        {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"llm.call",
         "kind":3,"startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[{"key":"model","value":
        {"stringValue":"m"}}],"events":[{"timeUnixNano":"1","name":"e"}],"status":{"code":1}},
        {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b175",
         "parentSpanId":"eee19b7ec3c1b174","name":"t","startTimeUnixNano":"1","endTimeUnixNano":"2"}
        ]}]}]})";
    case Signal::kLogs:
      return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"timeUnixNano":"5","severityNumber":9,"severityText":"INFO","body":{"stringValue":"hello"},
         "attributes":[{"key":"a","value":{"intValue":"1"}}],
         "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"},
        {"observedTimeUnixNano":"5","body":{"stringValue":"x"}}]}]}]})";
    case Signal::kMetrics:
      return R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[
        {"name":"agent.run.steps","description":"steps!!!","unit":"1","histogram":{"dataPoints":[
         {"timeUnixNano":"9","count":"2","bucketCounts":["1","1"],"explicitBounds":[5]}],
         "aggregationTemporality":2}},
        {"name":"sixteen.byte.nam","description":"eight.by","gauge":{"dataPoints":[
         {"timeUnixNano":"9","asInt":"3"}]}}]}]}]})";
  }
  return "";
}

TEST(WrongSignal, ProtobufIsRecognisedForEveryPair) {
  for (Signal sent : kAll) {
    const auto batch = DecodeJson(sent, Payload(sent));
    ASSERT_TRUE(batch.ok()) << batch.status().ToString();
    for (Signal wanted : kAll) {
      const auto result = DecodeProtobuf(wanted, EncodeProtobuf(*batch));
      SCOPED_TRACE(std::string(SignalName(sent)) + " as " + std::string(SignalName(wanted)));
      if (sent == wanted) {
        EXPECT_TRUE(result.ok()) << result.status().ToString();
        continue;
      }
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
      const std::string unit = sent == Signal::kTraces ? "spans"
                               : sent == Signal::kLogs ? "log records"
                                                       : "metrics";
      EXPECT_EQ(result.status().message(), "cannot decode " + std::string(SignalName(wanted)) +
                                               ": the payload holds " +
                                               std::string(SignalName(sent)) + " (2 " + unit + ")");
      EXPECT_EQ(result.status().hint(), "send it to /v1/" + std::string(SignalName(sent)));
    }
  }
}

TEST(WrongSignal, JsonIsRecognisedByItsNames) {
  const auto result = DecodeJson(Signal::kLogs, Payload(Signal::kTraces));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().message(), "cannot decode logs: the payload holds traces (2 spans)");
  EXPECT_EQ(result.status().hint(), "send it to /v1/traces");
}

TEST(WrongSignal, RightSignalIsNeverMistaken) {
  for (Signal signal : kAll) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      const auto batch = testing::RandomBatch(signal, seed);
      const Sniffed sniffed = SniffProtobuf(EncodeProtobuf(batch));
      EXPECT_TRUE(sniffed.records == 0 || sniffed.signal == signal) << "seed " << seed;
    }
  }
}

TEST(WrongSignal, InvalidSpansAreRejectedNotMistaken) {
  // One span without ids: {spans: {name: "x", start: 1}}.
  const std::string span("\x2a\x01x\x39\x01\0\0\0\0\0\0\0", 12);
  const std::string body = "\x0a\x10\x12\x0e\x12\x0c" + span;
  const auto batch = DecodeProtobuf(Signal::kTraces, body);
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->rejected_count(), 1u);
}

TEST(Sniff, GarbageAndEmptyBodiesTellNothing) {
  EXPECT_EQ(SniffProtobuf("").records, 0u);
  EXPECT_EQ(SniffProtobuf("{\"resourceSpans\":[]}").records, 0u);
  EXPECT_EQ(SniffProtobuf(std::string(100, '\xff')).records, 0u);
}

}  // namespace
}  // namespace ao::ingest::otlp
