#include <cmath>

#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/testing/dump.h"

namespace ao::ingest::otlp {
namespace {

using model::Signal;
using model::ValueKind;
using protozero::pbf_writer;
using testing::Dump;

const std::string kTraceId = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";
const std::string kSpanId = "\x11\x12\x13\x14\x15\x16\x17\x18";

// A message made by `fill`.
template <typename Fill>
std::string Message(const Fill& fill) {
  std::string out;
  pbf_writer writer(out);
  fill(writer);
  return out;
}

// Records in one scope of one resource, as any signal has them.
std::string Request(std::initializer_list<std::string> records) {
  const std::string scope = Message([&](pbf_writer& w) {
    for (const auto& record : records) w.add_message(2, record);
  });
  const std::string resource = Message([&](pbf_writer& w) { w.add_message(2, scope); });
  return Message([&](pbf_writer& w) { w.add_message(1, resource); });
}

std::string StringValue(std::string_view text) {
  return Message([&](pbf_writer& w) { w.add_bytes(1, text.data(), text.size()); });
}
std::string KeyValue(std::string_view key, const std::string& value) {
  return Message([&](pbf_writer& w) {
    w.add_bytes(1, key.data(), key.size());
    w.add_message(2, value);
  });
}

template <typename Fill>
std::string SpanWith(const Fill& fill) {
  return Message([&](pbf_writer& w) {
    w.add_bytes(1, kTraceId);
    w.add_bytes(2, kSpanId);
    fill(w);
  });
}
std::string SpanWithIds(const std::string& trace_id, const std::string& span_id) {
  return Message([&](pbf_writer& w) {
    w.add_bytes(1, trace_id);
    w.add_bytes(2, span_id);
    w.add_fixed64(7, 1);
  });
}

model::Batch Decode(Signal signal, std::string body) {
  auto batch = DecodeProtobuf(signal, std::move(body));
  EXPECT_TRUE(batch.ok()) << batch.status().ToString();
  return batch.ok() ? std::move(*batch) : model::Batch();
}

model::Batch DecodeSpan(const std::string& span) {
  model::Batch batch = Decode(Signal::kTraces, Request({span}));
  EXPECT_EQ(batch.accepted, 1u);
  return batch;
}
const model::Span& First(const model::Batch& batch) { return batch.spans.at(0).records[0]; }

std::string Rejections(const model::Batch& batch) {
  std::string out;
  for (const auto& [reason, count] : batch.rejected) {
    out += reason + "=" + std::to_string(count) + " ";
  }
  return out;
}

TEST(DecodeProtobuf, EmptyRequestIsAnEmptyBatch) {
  const auto batch = Decode(Signal::kTraces, "");
  EXPECT_EQ(batch.accepted, 0u);
  EXPECT_EQ(batch.rejected_count(), 0u);
}

TEST(DecodeProtobuf, StringsPointIntoTheBody) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) { w.add_string(5, "llm.call"); }));
  const std::string_view name = First(batch).name;
  EXPECT_EQ(name, "llm.call");
  EXPECT_GE(name.data(), batch.body.data());
  EXPECT_LE(name.data() + name.size(), batch.body.data() + batch.body.size());
}

TEST(DecodeProtobuf, ViewsOfTinyBodiesSurviveMoves) {
  // A log record whose body is the text "hi", 14 bytes in all.
  const std::string body =
      Request({Message([](pbf_writer& w) { w.add_message(5, StringValue("hi")); })});
  ASSERT_LE(body.size(), 15u);
  auto decoded = Decode(Signal::kLogs, body);
  const model::Batch moved = std::move(decoded);
  decoded.body.assign(15, 'x');
  EXPECT_EQ(moved.logs.at(0).records[0].body.as_string(), "hi");
}

TEST(DecodeProtobuf, ResourceAfterItsSpansIsFound) {
  const std::string scope =
      Message([](pbf_writer& w) { w.add_message(2, SpanWith([](pbf_writer&) {})); });
  const std::string resource = Message(
      [](pbf_writer& w) { w.add_message(1, KeyValue("service.name", StringValue("late"))); });
  const std::string group = Message([&](pbf_writer& w) {
    w.add_message(2, scope);
    w.add_message(1, resource);
    w.add_string(3, "https://schema");
  });
  const auto batch =
      Decode(Signal::kTraces, Message([&](pbf_writer& w) { w.add_message(1, group); }));
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(Dump(batch.spans[0].resource->attributes), "{'service.name':'late',}");
  EXPECT_EQ(batch.spans[0].resource->schema_url, "https://schema");
}

TEST(DecodeProtobuf, SpansWithBadIdsAreRejectedWithExactCounts) {
  const std::string zeros16(16, '\0'), zeros8(8, '\0');
  const auto batch = Decode(
      Signal::kTraces, Request({SpanWithIds(kTraceId, kSpanId), SpanWithIds(zeros16, kSpanId),
                                SpanWithIds("short", kSpanId), SpanWithIds("", kSpanId),
                                SpanWithIds(kTraceId + "x", kSpanId), SpanWithIds(kTraceId, zeros8),
                                SpanWithIds(kTraceId, "1234567"), SpanWithIds(kTraceId, kSpanId)}));
  EXPECT_EQ(batch.accepted, 2u);
  EXPECT_EQ(Rejections(batch), "invalid_trace_id=4 invalid_span_id=2 ");
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(batch.spans[0].records.size(), 2u);
}

TEST(DecodeProtobuf, RejectedSpansLeaveNothingBehindInTheNext) {
  const std::string bad = Message([](pbf_writer& w) {
    w.add_message(9, KeyValue("from", StringValue("bad")));
    w.add_message(11, Message([](pbf_writer& e) { e.add_string(2, "bad"); }));
    w.add_message(13, Message([](pbf_writer& l) { l.add_string(3, "bad"); }));
  });
  const auto batch =
      Decode(Signal::kTraces, Request({bad, SpanWith([](pbf_writer& w) {
                                         w.add_message(9, KeyValue("from", StringValue("good")));
                                       })}));
  ASSERT_EQ(batch.accepted, 1u);
  EXPECT_EQ(Dump(First(batch).attributes), "{'from':'good',}");
  EXPECT_TRUE(First(batch).events.empty());
  EXPECT_TRUE(First(batch).links.empty());
}

TEST(DecodeProtobuf, ParentOfWrongSizeMakesARootWithAWarning) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) { w.add_bytes(4, "abc"); }));
  EXPECT_TRUE(First(batch).parent_span_id.empty());
  EXPECT_EQ(batch.warnings,
            std::vector<std::string>{"1 spans with an invalid parent span id became roots"});
}

TEST(DecodeProtobuf, ZeroParentIsARoot) {
  const auto batch =
      DecodeSpan(SpanWith([](pbf_writer& w) { w.add_bytes(4, std::string(8, '\0')); }));
  EXPECT_TRUE(First(batch).parent_span_id.empty());
  EXPECT_TRUE(batch.warnings.empty());
}

TEST(DecodeProtobuf, LogsWithBadIdsAreKeptUncorrelated) {
  const auto batch = Decode(Signal::kLogs, Request({Message([](pbf_writer& w) {
                                                      w.add_fixed64(1, 5);
                                                      w.add_bytes(9, "short");
                                                      w.add_bytes(10, "x");
                                                    }),
                                                    Message([](pbf_writer& w) {
                                                      w.add_fixed64(1, 6);
                                                      w.add_bytes(9, kTraceId);
                                                      w.add_bytes(10, kSpanId);
                                                    })}));
  EXPECT_EQ(batch.accepted, 2u);
  EXPECT_EQ(batch.rejected_count(), 0u);
  ASSERT_EQ(batch.logs.at(0).records.size(), 2u);
  EXPECT_TRUE(batch.logs[0].records[0].trace_id.empty());
  EXPECT_TRUE(batch.logs[0].records[0].span_id.empty());
  EXPECT_EQ(batch.logs[0].records[1].trace_id.ToHex(), "0102030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(batch.warnings.size(), 1u);
}

TEST(DecodeProtobuf, TimesAreKeptAsTheyCame) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
    w.add_fixed64(7, UINT64_MAX);
    w.add_fixed64(8, 1);
  }));
  EXPECT_EQ(First(batch).start, UINT64_MAX);
  EXPECT_EQ(First(batch).end, 1u);
}

TEST(DecodeProtobuf, EnumsFromTheFutureAreUnspecified) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
    w.add_enum(6, 99);
    w.add_message(15, Message([](pbf_writer& s) { s.add_enum(3, 7); }));
  }));
  EXPECT_EQ(First(batch).kind, model::SpanKind::kUnspecified);
  EXPECT_EQ(First(batch).status, model::StatusCode::kUnset);
}

TEST(DecodeProtobuf, LastOfSingularFieldsWins) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
    w.add_string(5, "first");
    w.add_string(5, "second");
    w.add_message(15, Message([](pbf_writer& s) { s.add_string(2, "gone"); }));
    w.add_message(15, Message([](pbf_writer& s) { s.add_enum(3, 1); }));
    w.add_message(
        9, KeyValue("k", StringValue("old") + Message([](pbf_writer& v) { v.add_int64(3, 5); })));
  }));
  EXPECT_EQ(First(batch).name, "second");
  EXPECT_EQ(First(batch).status, model::StatusCode::kOk);
  EXPECT_EQ(First(batch).status_message, "");
  EXPECT_EQ(Dump(First(batch).attributes), "{'k':i5,}");
}

TEST(DecodeProtobuf, DuplicateAttributeKeysAreKeptAndTheLastWinsOnLookup) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
    w.add_message(9, KeyValue("k", StringValue("a")));
    w.add_message(9, KeyValue("k", StringValue("b")));
  }));
  EXPECT_EQ(First(batch).attributes.size(), 2u);
  EXPECT_EQ(model::FindString(First(batch).attributes, "k"), "b");
}

TEST(DecodeProtobuf, UnknownFieldsAndGroupsAreSkipped) {
  // Group 20 holding a varint, a string and a nested group 21; then a span name.
  const std::string group =
      "\xa3\x01"              // start 20
      "\x08\x05"              // 1: 5
      "\x12\x02hi"            // 2: "hi"
      "\xab\x01\x0d\1\2\3\4"  // start 21, 1: fixed32
      "\xac\x01"              // end 21
      "\xa4\x01";             // end 20
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
                                  w.add_string(100, "unknown");
                                  w.add_uint64(101, 5);
                                  w.add_fixed64(102, 5);
                                  w.add_fixed32(103, 5);
                                }) +
                                group + Message([](pbf_writer& w) { w.add_string(5, "after"); }));
  EXPECT_EQ(First(batch).name, "after");
}

TEST(DecodeProtobuf, KnownFieldsOfAnotherWireTypeAreSkipped) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
    w.add_uint64(5, 1);       // name as varint
    w.add_string(7, "time");  // start time as string
    w.add_fixed32(9, 1);      // attributes as fixed32
    w.add_string(5, "name");
  }));
  EXPECT_EQ(First(batch).name, "name");
  EXPECT_EQ(First(batch).start, 0u);
}

TEST(DecodeProtobuf, MalformedBodiesAreInvalidArgument) {
  const std::string good = Request({SpanWith([](pbf_writer& w) { w.add_string(5, "name"); })});
  for (size_t size = 1; size < good.size(); ++size) {
    const auto cut = DecodeProtobuf(Signal::kTraces, good.substr(0, size));
    ASSERT_FALSE(cut.ok()) << size;
    EXPECT_EQ(cut.status().code(), StatusCode::kInvalidArgument);
  }
  const std::vector<std::string> bodies = {std::string("\0", 1),     // field 0
                                           "\x0c",                   // an end group without a start
                                           "\x0b\x14",               // a group closed by another
                                           "\x0b",                   // a group never closed
                                           "\x0e",                   // wire type 6
                                           std::string(11, '\xff'),  // a varint without end
                                           "{\"resourceSpans\": []}",  // JSON
                                           std::string(100, '\x0b')};  // groups without end
  for (const auto& body : bodies) {
    const auto batch = DecodeProtobuf(Signal::kTraces, body);
    ASSERT_FALSE(batch.ok()) << body;
    EXPECT_TRUE(batch.status().message().starts_with(
        "cannot decode traces: the body is not valid protobuf ("))
        << batch.status().message();
  }
}

TEST(DecodeProtobuf, EveryKindOfValueIsKept) {
  const std::string array = Message([](pbf_writer& w) {
    w.add_message(1, StringValue("x"));
    w.add_message(1, Message([](pbf_writer& v) { v.add_double(4, 1.5); }));
    w.add_message(1, std::string());
  });
  const std::string map = Message([](pbf_writer& w) {
    w.add_message(1, KeyValue("", StringValue("kept")));
    w.add_message(1, KeyValue("n", std::string()));
  });
  const auto batch = DecodeSpan(SpanWith([&](pbf_writer& w) {
    w.add_message(9, KeyValue("bool", Message([](pbf_writer& v) { v.add_bool(2, true); })));
    w.add_message(9, KeyValue("int", Message([](pbf_writer& v) { v.add_int64(3, -1); })));
    w.add_message(9, KeyValue("double", Message([](pbf_writer& v) { v.add_double(4, 0.5); })));
    w.add_message(9, KeyValue("array", Message([&](pbf_writer& v) { v.add_message(5, array); })));
    w.add_message(9, KeyValue("map", Message([&](pbf_writer& v) { v.add_message(6, map); })));
    w.add_message(9, KeyValue("bytes", Message([](pbf_writer& v) { v.add_bytes(7, "\x01\xff"); })));
    w.add_message(9, Message([](pbf_writer& kv) { kv.add_string(1, "none"); }));
  }));
  EXPECT_EQ(Dump(First(batch).attributes),
            "{'bool':true,'int':i-1,'double':d0.5,'array':['x',d1.5,empty,],"
            "'map':{'':'kept','n':empty,},'bytes':x01ff,'none':empty,}");
}

TEST(DecodeProtobuf, InvalidUtf8IsKept) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) { w.add_string(5, "a\xff\xfe"); }));
  EXPECT_EQ(First(batch).name, "a\xff\xfe");
}

TEST(DecodeProtobuf, EmptyKeysAreDroppedWithACountedWarning) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
    w.add_message(9, KeyValue("", StringValue("a")));
    w.add_message(9, KeyValue("k", StringValue("b")));
    w.add_message(9, KeyValue("", StringValue("c")));
  }));
  EXPECT_EQ(Dump(First(batch).attributes), "{'k':'b',}");
  EXPECT_EQ(batch.warnings,
            std::vector<std::string>{"2 attributes with an empty key were dropped"});
}

TEST(DecodeProtobuf, StringTableReferencesAreIgnoredWithAWarning) {
  const auto batch = DecodeSpan(SpanWith([](pbf_writer& w) {
    w.add_message(9, Message([](pbf_writer& kv) {
                    kv.add_string(1, "k");
                    kv.add_message(2, Message([](pbf_writer& v) { v.add_int32(8, 4); }));
                    kv.add_int32(3, 7);
                  }));
  }));
  EXPECT_EQ(Dump(First(batch).attributes), "{'k':empty,}");
  EXPECT_EQ(batch.warnings,
            std::vector<std::string>{"2 string table references were ignored: only profiles have "
                                     "a string table"});
}

std::string NestedArrays(int depth) {
  std::string value = StringValue("bottom");
  for (int i = 1; i < depth; ++i) {
    const std::string array = Message([&](pbf_writer& w) { w.add_message(1, value); });
    value = Message([&](pbf_writer& w) { w.add_message(5, array); });
  }
  return value;
}
std::string NestedMaps(int depth) {
  std::string value = StringValue("bottom");
  for (int i = 1; i < depth; ++i) {
    const std::string map = Message([&](pbf_writer& w) { w.add_message(1, KeyValue("k", value)); });
    value = Message([&](pbf_writer& w) { w.add_message(6, map); });
  }
  return value;
}

TEST(DecodeProtobuf, NestingUpToTheLimitIsTaken) {
  for (const auto& value : {NestedArrays(64), NestedMaps(64)}) {
    DecodeSpan(SpanWith([&](pbf_writer& w) { w.add_message(9, KeyValue("k", value)); }));
  }
}

TEST(DecodeProtobuf, NestingBeyondTheLimitIsRefusedWithoutOverflow) {
  for (const auto& value : {NestedArrays(65), NestedMaps(65), NestedArrays(4000)}) {
    const auto batch = DecodeProtobuf(
        Signal::kTraces,
        Request({SpanWith([&](pbf_writer& w) { w.add_message(9, KeyValue("k", value)); })}));
    ASSERT_FALSE(batch.ok());
    EXPECT_EQ(batch.status().message(),
              "cannot decode traces: an attribute value is nested deeper than 64 levels");
  }
}

TEST(DecodeProtobuf, MemoryOfOneRequestIsBounded) {
  std::string array;
  for (int i = 0; i < 100'000; ++i) array += std::string("\x0a\0", 2);  // empty values
  const std::string value = Message([&](pbf_writer& w) { w.add_message(5, array); });
  const std::string body =
      Request({SpanWith([&](pbf_writer& w) { w.add_message(9, KeyValue("k", value)); })});
  EXPECT_TRUE(DecodeProtobuf(Signal::kTraces, body).ok());
  DecodeLimits limits;
  limits.max_decoded_bytes = 1 << 20;
  const auto batch = DecodeProtobuf(Signal::kTraces, body, limits);
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(batch.status().message(),
            "cannot decode traces: the records need more than 1048576 bytes of memory");
}

// Metrics.

std::string MetricOf(uint32_t field, std::initializer_list<std::string> points,
                     const std::string& rest = "") {
  const std::string data = Message([&](pbf_writer& w) {
                             for (const auto& point : points) w.add_message(1, point);
                           }) +
                           rest;
  return Message([&](pbf_writer& w) {
    w.add_string(1, "m");
    w.add_message(field, data);
  });
}
std::string TimeAnd(uint32_t field, double value) {
  return Message([&](pbf_writer& w) {
    w.add_fixed64(3, 9);
    w.add_double(field, value);
  });
}
const model::MetricPoint& FirstPoint(const model::Batch& batch) {
  return batch.metrics.at(0).records[0].points[0];
}

TEST(DecodeProtobufMetrics, SumWithExemplars) {
  const std::string point = Message([](pbf_writer& w) {
    w.add_fixed64(2, 1);
    w.add_fixed64(3, 9);
    w.add_sfixed64(6, -5);
    w.add_message(7, KeyValue("k", StringValue("v")));
    w.add_uint32(8, 1);
    w.add_message(5, Message([](pbf_writer& e) {
                    e.add_fixed64(2, 8);
                    e.add_double(3, 2.5);
                    e.add_bytes(4, kSpanId);
                    e.add_bytes(5, kTraceId);
                    e.add_message(7, KeyValue("f", StringValue("x")));
                  }));
  });
  const std::string rest = Message([](pbf_writer& w) {
    w.add_enum(2, 2);
    w.add_bool(3, true);
  });
  const auto batch = Decode(Signal::kMetrics, Request({MetricOf(7, {point}, rest)}));
  const auto& metric = batch.metrics.at(0).records[0];
  EXPECT_EQ(metric.type, model::MetricType::kSum);
  EXPECT_EQ(metric.temporality, model::Temporality::kCumulative);
  EXPECT_TRUE(metric.is_monotonic);
  EXPECT_EQ(FirstPoint(batch).value.as_int(), -5);
  EXPECT_EQ(FirstPoint(batch).flags, 1u);
  EXPECT_EQ(Dump(FirstPoint(batch).attributes), "{'k':'v',}");
  ASSERT_EQ(FirstPoint(batch).exemplars.size(), 1u);
  EXPECT_EQ(FirstPoint(batch).exemplars[0].value.as_double(), 2.5);
  EXPECT_EQ(Dump(FirstPoint(batch).exemplars[0].filtered_attributes), "{'f':'x',}");
}

TEST(DecodeProtobufMetrics, NanAndInfinityAreKept) {
  const auto batch =
      Decode(Signal::kMetrics, Request({MetricOf(5, {TimeAnd(4, NAN), TimeAnd(4, -INFINITY)})}));
  EXPECT_TRUE(std::isnan(FirstPoint(batch).value.as_double()));
  EXPECT_EQ(batch.metrics[0].records[0].points[1].value.as_double(), -INFINITY);
}

TEST(DecodeProtobufMetrics, HistogramPackedAndUnpackedAreTheSame) {
  const std::vector<uint64_t> counts = {1, 2, 3};
  const std::vector<double> bounds = {0.5, 1};
  const std::string packed = Message([&](pbf_writer& w) {
    w.add_fixed64(3, 9);
    w.add_packed_fixed64(6, counts.begin(), counts.end());
    w.add_packed_double(7, bounds.begin(), bounds.end());
    w.add_double(11, 0);
  });
  const std::string unpacked = Message([&](pbf_writer& w) {
    w.add_fixed64(3, 9);
    for (uint64_t count : counts) w.add_fixed64(6, count);
    for (double bound : bounds) w.add_double(7, bound);
    w.add_double(11, 0);
  });
  const auto a = Decode(Signal::kMetrics, Request({MetricOf(9, {packed})}));
  const auto b = Decode(Signal::kMetrics, Request({MetricOf(9, {unpacked})}));
  EXPECT_EQ(Dump(a), Dump(b));
  EXPECT_EQ(FirstPoint(a).bucket_counts.size(), 3u);
  EXPECT_EQ(FirstPoint(a).explicit_bounds[1], 1.0);
  EXPECT_TRUE(FirstPoint(a).has_min);
  EXPECT_FALSE(FirstPoint(a).has_max);
  EXPECT_FALSE(FirstPoint(a).has_sum);
}

TEST(DecodeProtobufMetrics, ExponentialHistogram) {
  const std::vector<uint64_t> counts = {1, 300};
  const std::string buckets = Message([&](pbf_writer& w) {
    w.add_sint32(1, -4);
    w.add_packed_uint64(2, counts.begin(), counts.end());
    w.add_uint64(2, 7);
  });
  const std::string point = Message([&](pbf_writer& w) {
    w.add_message(1, KeyValue("k", StringValue("v")));
    w.add_fixed64(3, 9);
    w.add_fixed64(4, 308);
    w.add_double(5, 10);
    w.add_sint32(6, -2);
    w.add_fixed64(7, 3);
    w.add_message(8, buckets);
    w.add_double(14, 0.001);
  });
  const auto batch = Decode(Signal::kMetrics, Request({MetricOf(10, {point})}));
  const auto& p = FirstPoint(batch);
  EXPECT_EQ(p.scale, -2);
  EXPECT_EQ(p.zero_count, 3u);
  EXPECT_EQ(p.positive.offset, -4);
  ASSERT_EQ(p.positive.counts.size(), 3u);
  EXPECT_EQ(p.positive.counts[1], 300u);
  EXPECT_EQ(p.positive.counts[2], 7u);
  EXPECT_TRUE(p.negative.counts.empty());
  EXPECT_EQ(p.zero_threshold, 0.001);
}

TEST(DecodeProtobufMetrics, Summary) {
  const std::string point = Message([](pbf_writer& w) {
    w.add_fixed64(3, 9);
    w.add_fixed64(4, 2);
    w.add_double(5, 3.5);
    w.add_message(6, Message([](pbf_writer& q) {
                    q.add_double(1, 0.99);
                    q.add_double(2, 7);
                  }));
  });
  const auto batch = Decode(Signal::kMetrics, Request({MetricOf(11, {point})}));
  EXPECT_EQ(batch.metrics.at(0).records[0].type, model::MetricType::kSummary);
  EXPECT_EQ(FirstPoint(batch).sum, 3.5);
  ASSERT_EQ(FirstPoint(batch).quantiles.size(), 1u);
  EXPECT_EQ(FirstPoint(batch).quantiles[0].quantile, 0.99);
}

TEST(DecodeProtobufMetrics, PointsWithoutTimeAreRejected) {
  const std::string timeless = Message([](pbf_writer& w) { w.add_double(4, 1); });
  const auto batch =
      Decode(Signal::kMetrics,
             Request({MetricOf(5, {TimeAnd(4, 1), timeless, timeless}), MetricOf(5, {timeless})}));
  EXPECT_EQ(batch.accepted, 1u);
  EXPECT_EQ(Rejections(batch), "missing_time=3 ");
  ASSERT_EQ(batch.metrics.at(0).records.size(), 1u);
}

std::string HistogramPoint(size_t counts, size_t bounds) {
  return Message([&](pbf_writer& w) {
    w.add_fixed64(3, 9);
    for (size_t i = 0; i < counts; ++i) w.add_fixed64(6, i);
    for (size_t i = 0; i < bounds; ++i) w.add_double(7, static_cast<double>(i));
  });
}

TEST(DecodeProtobufMetrics, HistogramsWhoseBucketsAndBoundsDisagreeAreRejected) {
  const auto batch = Decode(
      Signal::kMetrics,
      Request({MetricOf(9, {HistogramPoint(0, 0), HistogramPoint(1, 0), HistogramPoint(3, 2),
                            HistogramPoint(2, 2), HistogramPoint(0, 2), HistogramPoint(4, 2)})}));
  EXPECT_EQ(batch.accepted, 3u);
  EXPECT_EQ(Rejections(batch), "invalid_histogram=3 ");
}

TEST(DecodeProtobufMetrics, LastOfSeveralDataFieldsWins) {
  const std::string metric = MetricOf(7, {TimeAnd(4, 1)}) + MetricOf(5, {TimeAnd(4, 2)});
  const auto batch = Decode(Signal::kMetrics, Request({metric}));
  EXPECT_EQ(batch.accepted, 1u);
  EXPECT_EQ(batch.metrics.at(0).records[0].type, model::MetricType::kGauge);
  EXPECT_EQ(FirstPoint(batch).value.as_double(), 2);
}

TEST(DecodeProtobufMetrics, PackedArraysOfOddLengthAreMalformed) {
  const std::string point = Message([](pbf_writer& w) {
    w.add_fixed64(3, 9);
    w.add_bytes(6, "12345");
  });
  EXPECT_FALSE(DecodeProtobuf(Signal::kMetrics, Request({MetricOf(9, {point})})).ok());
}

}  // namespace
}  // namespace ao::ingest::otlp
