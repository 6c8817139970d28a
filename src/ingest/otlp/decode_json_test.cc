#include <cmath>

#include <gtest/gtest.h>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/testing/dump.h"

namespace ao::ingest::otlp {
namespace {

using model::Signal;
using testing::Dump;

constexpr char kIds[] =
    R"("traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174")";

std::string Spans(const std::string& spans) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
}
std::string Span(const std::string& fields) {
  return Spans("{" + std::string(kIds) + (fields.empty() ? "" : ",") + fields + "}");
}
std::string Logs(const std::string& records) {
  return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + records + "]}]}]}";
}
std::string Metrics(const std::string& metrics) {
  return R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)" + metrics + "]}]}]}";
}

model::Batch Decode(Signal signal, const std::string& body) {
  auto batch = DecodeJson(signal, body);
  EXPECT_TRUE(batch.ok()) << batch.status().ToString();
  return batch.ok() ? std::move(*batch) : model::Batch();
}
const model::Span& First(const model::Batch& batch) { return batch.spans.at(0).records[0]; }
std::string ErrorOf(Signal signal, const std::string& body) {
  const auto batch = DecodeJson(signal, body);
  EXPECT_FALSE(batch.ok());
  EXPECT_EQ(batch.status().code(), StatusCode::kInvalidArgument);
  return batch.status().message();
}
std::string Attribute(const std::string& value) {
  return Span(R"("attributes":[{"key":"k","value":)" + value + "}]");
}
model::Value FirstAttribute(const model::Batch& batch) { return First(batch).attributes[0].value; }

TEST(DecodeJson, EmptyRequestsAreTaken) {
  for (const char* body :
       {"{}", R"({"resourceSpans":[]})", R"({"resourceSpans":null})", R"({"resourceSpans":[{}]})",
        R"({"resourceSpans":[null]})", R"({"resourceSpans":[{"scopeSpans":[{"spans":[]}]}]})"}) {
    EXPECT_EQ(Decode(Signal::kTraces, body).accepted, 0u) << body;
  }
}

TEST(DecodeJson, KeepsTheBody) {
  const std::string body = Span(R"("name":"x")");
  EXPECT_EQ(Decode(Signal::kTraces, body).body, body);
}

TEST(DecodeJson, SnakeCaseIsTheSameAsCamelCase) {
  const auto camel = Decode(Signal::kTraces, R"({"resourceSpans":[{"resource":{"attributes":[
      {"key":"a","value":{"stringValue":"x"}}],"droppedAttributesCount":1},"scopeSpans":[{"spans":[{
      "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
      "parentSpanId":"eee19b7ec3c1b173","traceState":"s","startTimeUnixNano":"1",
      "endTimeUnixNano":"2","droppedEventsCount":3,"events":[{"timeUnixNano":"5"}],"attributes":[
      {"key":"m","value":{"kvlistValue":{"values":[{"key":"b","value":{"bytesValue":"AQ=="}}]}}}]
      }],"schemaUrl":"u"}]}]})");
  const auto snake = Decode(Signal::kTraces, R"({"resource_spans":[{"resource":{"attributes":[
      {"key":"a","value":{"string_value":"x"}}],"dropped_attributes_count":1},"scope_spans":[{
      "spans":[{"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174",
      "parent_span_id":"eee19b7ec3c1b173","trace_state":"s","start_time_unix_nano":"1",
      "end_time_unix_nano":"2","dropped_events_count":3,"events":[{"time_unix_nano":"5"}],
      "attributes":[{"key":"m","value":{"kvlist_value":{"values":[{"key":"b","value":{
      "bytes_value":"AQ=="}}]}}}]}],"schema_url":"u"}]}]})");
  EXPECT_EQ(Dump(camel), Dump(snake));
  EXPECT_EQ(First(camel).end, 2u);
  EXPECT_EQ(camel.spans[0].scope->schema_url, "u");
}

TEST(DecodeJson, HexIdsOfEitherCase) {
  const auto batch = Decode(Signal::kTraces, Spans(R"({"traceId":"5B8EFFF798038103D269B633813FC60C",
      "spanId":"EEE19B7EC3C1B174","parentSpanId":"eEe19b7eC3c1b173","links":[
      {"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174"}]})"));
  EXPECT_EQ(First(batch).trace_id.ToHex(), "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(First(batch).parent_span_id.ToHex(), "eee19b7ec3c1b173");
  EXPECT_EQ(First(batch).links[0].span_id.ToHex(), "eee19b7ec3c1b174");
}

TEST(DecodeJson, EmptyParentIsARoot) {
  const auto batch = Decode(Signal::kTraces, Span(R"("parentSpanId":"")"));
  EXPECT_TRUE(First(batch).parent_span_id.empty());
  EXPECT_TRUE(batch.warnings.empty());
}

TEST(DecodeJson, SpansWithBadIdsAreRejectedWithExactCounts) {
  const auto batch =
      Decode(Signal::kTraces,
             Spans(R"({"traceId":"00000000000000000000000000000000","spanId":"eee19b7ec3c1b174"},
               {"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ="},
               {"spanId":"eee19b7ec3c1b174"},
               {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"zee19b7ec3c1b174"},
               {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"})"));
  EXPECT_EQ(batch.accepted, 1u);
  ASSERT_EQ(batch.rejected.size(), 2u);
  EXPECT_EQ(batch.rejected[0].reason, "invalid_trace_id");
  EXPECT_EQ(batch.rejected[0].count, 3u);
  EXPECT_EQ(batch.rejected[1].reason, "invalid_span_id");
  EXPECT_EQ(batch.rejected[1].count, 1u);
}

TEST(DecodeJson, EnumsAsNamesNumbersAndNumericStrings) {
  for (const char* kind : {"3", "\"SPAN_KIND_CLIENT\"", "\"CLIENT\"", "\"3\"", "3.0"}) {
    const auto batch = Decode(Signal::kTraces, Span(std::string("\"kind\":") + kind));
    EXPECT_EQ(First(batch).kind, model::SpanKind::kClient) << kind;
  }
  for (const char* kind : {"99", "-1", "\"SPAN_KIND_FUTURE\"", "null"}) {
    const auto batch = Decode(Signal::kTraces, Span(std::string("\"kind\":") + kind));
    EXPECT_EQ(First(batch).kind, model::SpanKind::kUnspecified) << kind;
  }
  const auto logs = Decode(Signal::kLogs, Logs(R"({"severityNumber":"SEVERITY_NUMBER_ERROR2"},
                                                  {"severityNumber":9})"));
  EXPECT_EQ(logs.logs[0].records[0].severity_number, 18);
  EXPECT_EQ(logs.logs[0].records[1].severity_number, 9);
}

TEST(DecodeJson, IntegersAsNumbersAndStrings) {
  for (const char* text : {"1544712660000000000", "\"1544712660000000000\""}) {
    const auto batch = Decode(Signal::kTraces, Span(std::string("\"startTimeUnixNano\":") + text));
    EXPECT_EQ(First(batch).start, 1544712660000000000u);
  }
  const auto largest = Decode(Signal::kTraces, Span(R"("endTimeUnixNano":18446744073709551615)"));
  EXPECT_EQ(First(largest).end, UINT64_MAX);
  EXPECT_EQ(
      FirstAttribute(Decode(Signal::kTraces, Attribute(R"({"intValue":"-9223372036854775808"})")))
          .as_int(),
      INT64_MIN);
  EXPECT_EQ(FirstAttribute(Decode(Signal::kTraces, Attribute(R"({"intValue":9007199254740993})")))
                .as_int(),
            9007199254740993);
  EXPECT_EQ(FirstAttribute(Decode(Signal::kTraces, Attribute(R"({"intValue":"5e3"})"))).as_int(),
            5000);
}

TEST(DecodeJson, DoublesAsNumbersAndStrings) {
  const auto value = [](const char* text) {
    return FirstAttribute(
               Decode(Signal::kTraces, Attribute(std::string("{\"doubleValue\":") + text + "}")))
        .as_double();
  };
  EXPECT_EQ(value("1.5"), 1.5);
  EXPECT_EQ(value("2"), 2.0);
  EXPECT_EQ(value("\"1.5\""), 1.5);
  EXPECT_TRUE(std::isnan(value("\"NaN\"")));
  EXPECT_EQ(value("\"Infinity\""), INFINITY);
  EXPECT_EQ(value("\"-Infinity\""), -INFINITY);
}

TEST(DecodeJson, MixedArraysAsJavaScriptSendsThem) {
  const auto batch = Decode(Signal::kTraces, Attribute(R"({"arrayValue":{"values":[
      {"doubleValue":1.5},{"intValue":2},{"boolValue":"true"},{}]}})"));
  EXPECT_EQ(Dump(First(batch).attributes), "{'k':[d1.5,i2,true,empty,],}");
}

TEST(DecodeJson, EmptyContainersAreContainers) {
  EXPECT_EQ(FirstAttribute(Decode(Signal::kTraces, Attribute(R"({"arrayValue":{}})"))).kind(),
            model::ValueKind::kArray);
  EXPECT_EQ(FirstAttribute(Decode(Signal::kTraces, Attribute(R"({"kvlistValue":{}})"))).kind(),
            model::ValueKind::kMap);
}

TEST(DecodeJson, BytesAreBase64InBothAlphabets) {
  for (const char* text : {"-_8=", "+/8=", "+/8"}) {
    const auto batch =
        Decode(Signal::kTraces, Attribute(std::string("{\"bytesValue\":\"") + text + "\"}"));
    EXPECT_EQ(FirstAttribute(batch).as_string(), "\xfb\xff") << text;
  }
}

TEST(DecodeJson, UnknownFieldsAndNullsAreIgnored) {
  const auto batch = Decode(Signal::kTraces, R"({"unknown":{"deep":[1,2,{"x":null}]},
      "resourceSpans":[{"resource":null,"extra":1,"scopeSpans":[{"scope":null,"spans":[null,{
      "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":null,
      "attributes":null,"events":null,"links":[null],"status":null,"startTimeUnixNano":null,
      "future":[{}]}]}]}]})");
  EXPECT_EQ(batch.accepted, 1u);
  EXPECT_TRUE(First(batch).links.empty());
}

TEST(DecodeJson, EscapedTextIsUnescaped) {
  const auto batch = Decode(Signal::kTraces, Span(R"("name":"a\"\\\n\u00fc\ud83d\ude80")"));
  EXPECT_EQ(First(batch).name, "a\"\\\n\xC3\xBC\xF0\x9F\x9A\x80");
}

TEST(DecodeJson, EmptyKeysAreDroppedWithACountedWarning) {
  const auto batch = Decode(Signal::kTraces, Span(R"("attributes":[{"key":"","value":{}},
      {"value":{"intValue":1}},{"key":"k"}])"));
  EXPECT_EQ(Dump(First(batch).attributes), "{'k':empty,}");
  EXPECT_EQ(batch.warnings,
            std::vector<std::string>{"2 attributes with an empty key were dropped"});
}

TEST(DecodeJson, LogsWithBadIdsAreKeptUncorrelated) {
  const auto batch = Decode(Signal::kLogs, Logs(R"({"timeUnixNano":"5","body":{"stringValue":"x"},
      "traceId":"bad","spanId":"worse"})"));
  EXPECT_EQ(batch.accepted, 1u);
  EXPECT_TRUE(batch.logs[0].records[0].trace_id.empty());
  EXPECT_EQ(batch.warnings.size(), 1u);
}

TEST(DecodeJson, EveryMetricType) {
  const auto batch = Decode(Signal::kMetrics, Metrics(R"(
      {"name":"g","gauge":{"dataPoints":[{"timeUnixNano":"9","asDouble":"NaN"}]}},
      {"name":"s","unit":"1","sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA",
       "isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"1","timeUnixNano":"9","asInt":"-5",
       "exemplars":[{"timeUnixNano":"8","asInt":3,"filteredAttributes":[
        {"key":"f","value":{"intValue":"1"}}],"spanId":"eee19b7ec3c1b174"}]}]}},
      {"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":9,
       "count":"6","sum":10,"min":0,"max":5.5,"bucketCounts":["1",2,"3"],
       "explicitBounds":[1,"2.5"]}]}},
      {"name":"e","exponentialHistogram":{"dataPoints":[{"timeUnixNano":"9","count":3,"scale":-1,
       "zeroCount":"1","zeroThreshold":0.5,"positive":{"offset":-2,"bucketCounts":["1","1"]},
       "negative":{"offset":1}}]}},
      {"name":"q","summary":{"dataPoints":[{"timeUnixNano":"9","count":2,"sum":3.5,
       "quantileValues":[{"quantile":0.5,"value":1},{"quantile":1,"value":"Infinity"}]}]}})"));
  EXPECT_EQ(batch.accepted, 5u);
  const auto& m = batch.metrics.at(0).records;
  ASSERT_EQ(m.size(), 5u);
  EXPECT_TRUE(std::isnan(m[0].points[0].value.as_double()));
  EXPECT_EQ(m[1].temporality, model::Temporality::kDelta);
  EXPECT_TRUE(m[1].is_monotonic);
  EXPECT_EQ(m[1].points[0].value.as_int(), -5);
  EXPECT_EQ(m[1].points[0].exemplars[0].value.as_int(), 3);
  EXPECT_EQ(m[2].points[0].bucket_counts[2], 3u);
  EXPECT_EQ(m[2].points[0].explicit_bounds[1], 2.5);
  EXPECT_TRUE(m[2].points[0].has_sum && m[2].points[0].has_min && m[2].points[0].has_max);
  EXPECT_EQ(m[3].points[0].scale, -1);
  EXPECT_EQ(m[3].points[0].positive.offset, -2);
  EXPECT_EQ(m[3].points[0].negative.offset, 1);
  EXPECT_FALSE(m[3].points[0].has_sum);
  EXPECT_EQ(m[4].points[0].quantiles[1].value, INFINITY);
}

TEST(DecodeJson, BadPointsAreRejectedWithExactCounts) {
  const auto batch = Decode(Signal::kMetrics, Metrics(R"(
      {"name":"g","gauge":{"dataPoints":[{"asInt":1},{"timeUnixNano":"0"},{"timeUnixNano":"1"}]}},
      {"name":"h","histogram":{"dataPoints":[{"timeUnixNano":9,"bucketCounts":[1],
       "explicitBounds":[1,2]}]}})"));
  EXPECT_EQ(batch.accepted, 1u);
  ASSERT_EQ(batch.rejected.size(), 2u);
  EXPECT_EQ(batch.rejected[0].reason + std::to_string(batch.rejected[0].count), "missing_time2");
  EXPECT_EQ(batch.rejected[1].reason + std::to_string(batch.rejected[1].count),
            "invalid_histogram1");
}

TEST(DecodeJson, ErrorsNameThePlace) {
  EXPECT_EQ(ErrorOf(Signal::kTraces, Spans(R"({},{},{},{"startTimeUnixNano":"soon"})")),
            "cannot decode traces: resourceSpans[0].scopeSpans[0].spans[3].startTimeUnixNano: "
            "expected an unsigned integer, got \"soon\"");
  EXPECT_EQ(ErrorOf(Signal::kTraces, Span(R"("start_time_unix_nano":-1)")),
            "cannot decode traces: resourceSpans[0].scopeSpans[0].spans[0].start_time_unix_nano: "
            "expected an unsigned integer, got -1");
  EXPECT_EQ(ErrorOf(Signal::kTraces, Span(R"("name":[1])")),
            "cannot decode traces: resourceSpans[0].scopeSpans[0].spans[0].name: "
            "expected a string, got an array");
  EXPECT_EQ(ErrorOf(Signal::kTraces, Attribute(R"({"bytesValue":"a*"})")),
            "cannot decode traces: resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value."
            "bytesValue: expected base64, got \"a*\"");
  EXPECT_EQ(ErrorOf(Signal::kTraces, R"({"resourceSpans":{}})"),
            "cannot decode traces: resourceSpans: expected an array, got an object");
  EXPECT_EQ(ErrorOf(Signal::kTraces, "[]"),
            "cannot decode traces: the body: expected an object, got an array");
  EXPECT_EQ(ErrorOf(Signal::kTraces, Attribute(R"({"intValue":1.5})")),
            "cannot decode traces: resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value."
            "intValue: expected an integer, got 1.5");
}

TEST(DecodeJson, NumbersOutOfRangeAreErrors) {
  for (const char* value : {"9223372036854775808", "\"9223372036854775808\"", "9.3e18", "true"}) {
    ErrorOf(Signal::kTraces, Attribute(std::string("{\"intValue\":") + value + "}"));
  }
  ErrorOf(Signal::kTraces, Span(R"("flags":4294967296)"));
}

TEST(DecodeJson, MalformedBodiesAreInvalidArgument) {
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("{\"resourceSpans\":["),
        std::string("{\"a\":\"\xff\"}"), std::string("{}{}"), std::string("\x0a\x02"),
        std::string(5000, '[')}) {
    EXPECT_TRUE(ErrorOf(Signal::kTraces, body)
                    .starts_with("cannot decode traces: the body is not valid JSON ("))
        << body;
  }
}

TEST(DecodeJson, NestingIsLimited) {
  const auto nested = [](int depth) {
    std::string value = R"({"stringValue":"bottom"})";
    for (int i = 1; i < depth; ++i) value = R"({"arrayValue":{"values":[)" + value + "]}}";
    return Attribute(value);
  };
  Decode(Signal::kTraces, nested(64));
  EXPECT_EQ(ErrorOf(Signal::kTraces, nested(65)),
            "cannot decode traces: an attribute value is nested deeper than 64 levels");
  EXPECT_FALSE(DecodeJson(Signal::kTraces, nested(400)).ok());
}

TEST(DecodeJson, MemoryOfOneRequestIsBounded) {
  std::string values = "{}";
  for (int i = 0; i < 50'000; ++i) values += ",{}";
  DecodeLimits limits;
  limits.max_decoded_bytes = 1 << 20;
  const auto batch = DecodeJson(Signal::kTraces,
                                Attribute(R"({"arrayValue":{"values":[)" + values + "]}}"), limits);
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.status().code(), StatusCode::kResourceExhausted);
}

TEST(DecodeJson, LargeBodiesDecodeToo) {
  const std::string text(1 << 20, 'x');
  const auto batch = Decode(Signal::kTraces, Attribute(R"({"stringValue":")" + text + "\"}"));
  EXPECT_EQ(FirstAttribute(batch).as_string(), text);
}

// Found by fuzzing: the second list replaced the first, whose spans were counted as accepted.
TEST(DecodeJson, RefusesAListOfRecordsThatAppearsTwice) {
  const std::string span =
      R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"})";
  const auto batch = DecodeJson(Signal::kTraces, R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" +
                                                     span + R"(],"spans":[)" + span + "]}]}]}");
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.status().message(),
            "cannot decode traces: a list of records appears twice in one object");
}

TEST(DecodeJsonLine, FindsTheSignalOut) {
  EXPECT_EQ(DecodeJsonLine(Span(""))->signal, Signal::kTraces);
  EXPECT_EQ(DecodeJsonLine(Logs("{}"))->signal, Signal::kLogs);
  EXPECT_EQ(DecodeJsonLine(R"({"resource_metrics":[]})")->signal, Signal::kMetrics);
}

TEST(DecodeJsonLine, SaysWhatIsWrong) {
  EXPECT_EQ(DecodeJsonLine("{}").status().message(),
            "cannot decode line: it has none of resourceSpans, resourceLogs and resourceMetrics");
  EXPECT_TRUE(DecodeJsonLine("not json")
                  .status()
                  .message()
                  .starts_with("cannot decode line: the body is not valid JSON ("));
  EXPECT_EQ(DecodeJsonLine(Logs(R"({"body":1})")).status().message(),
            "cannot decode line: resourceLogs[0].scopeLogs[0].logRecords[0].body: "
            "expected an object, got 1");
}

}  // namespace
}  // namespace ao::ingest::otlp
