#include "ingest/ledger.h"

#include <thread>

#include <gtest/gtest.h>

namespace ao::ingest {
namespace {

using model::Signal;

// A traces batch with one group per service; each group has `spans` spans ending at `end`.
model::Batch TracesOf(std::initializer_list<std::string_view> services, size_t spans,
                      uint64_t end = 0) {
  model::Batch batch;
  batch.body.assign(1000, 'x');
  for (std::string_view service : services) {
    auto* resource = new (batch.arena.AllocateArray<model::Resource>(1)) model::Resource;
    const std::vector<model::KeyValue> attributes = {
        {"service.name", model::Value::String(batch.arena.Copy(service))}};
    resource->attributes = batch.arena.Copy(attributes);
    std::vector<model::Span> records(spans);
    for (auto& span : records) span.end = end;
    batch.spans.push_back({resource, nullptr, batch.arena.Copy(records)});
    batch.accepted += spans;
  }
  return batch;
}

Receipt ReceiptOf(const model::Batch& batch, Nanos received = 100) {
  return MakeReceipt("default", "otlp/grpc/protobuf", received, batch);
}

std::string MetricsOf(const Ledger& ledger) {
  PrometheusText text;
  ledger.AppendMetrics(&text);
  return text.Take();
}

TEST(Receipt, CountsRecordsByService) {
  const Receipt receipt = ReceiptOf(TracesOf({"a", "b", "a"}, 2, 70));
  ASSERT_EQ(receipt.shares.size(), 2u);
  EXPECT_EQ(receipt.shares[0].service, "a");
  EXPECT_EQ(receipt.shares[0].records, 4u);
  EXPECT_EQ(receipt.shares[1].records, 2u);
  EXPECT_EQ(receipt.newest, 70);
  EXPECT_EQ(receipt.bytes, 1000u);
}

TEST(Receipt, CountsDataPointsOfMetricsAndTakesLogTimes) {
  model::Batch metrics;
  metrics.signal = Signal::kMetrics;
  model::MetricPoint points[3];
  points[1].time = 9;
  model::Metric metric;
  metric.points = points;
  metrics.metrics.push_back({nullptr, nullptr, {&metric, 1}});
  EXPECT_EQ(ReceiptOf(metrics).shares.at(0).records, 3u);
  EXPECT_EQ(ReceiptOf(metrics).newest, 9);

  model::Batch logs;
  logs.signal = Signal::kLogs;
  model::LogRecord record;
  record.observed_time = 5;
  logs.logs.push_back({nullptr, nullptr, {&record, 1}});
  EXPECT_EQ(ReceiptOf(logs).newest, 5);
}

TEST(Receipt, NamesAreShortAndValidUtf8) {
  const std::string large(1000, 'n');
  EXPECT_EQ(ReceiptOf(TracesOf({large}, 1)).shares[0].service.size(), 128u);
  EXPECT_EQ(ReceiptOf(TracesOf({"a\xff"}, 1)).shares[0].service, "(invalid UTF-8)");
}

TEST(Ledger, BooksWhatWasStoredBySourceAndInTotal) {
  Ledger ledger;
  model::Batch batch = TracesOf({"a", "b"}, 2, 60);
  batch.rejected = {{"invalid_span_id", 3}};
  ledger.BookStored(ReceiptOf(batch), 1);
  const auto state = ledger.Snapshot();
  ASSERT_EQ(state.sources.size(), 2u);
  const auto& a = state.sources[0];
  EXPECT_EQ(a.project, "default");
  EXPECT_EQ(a.service, "a");
  EXPECT_EQ(a.protocol, "otlp/grpc/protobuf");
  EXPECT_EQ(a.last_seen, 100);
  EXPECT_EQ(a.lag, 40);
  EXPECT_EQ(a.counts.accepted[0], 2u);
  EXPECT_EQ(a.counts.duplicates, 1u);
  EXPECT_EQ(a.counts.bytes, 500u);
  EXPECT_EQ(a.counts.rejected[0].at("invalid_span_id"), 3u);
  EXPECT_EQ(a.last_error, "rejected: 3 invalid_span_id");
  EXPECT_EQ(state.sources[1].counts.duplicates, 0u);
  EXPECT_TRUE(state.sources[1].last_error.empty());
  EXPECT_EQ(state.totals.requests, 1u);
  EXPECT_EQ(state.totals.accepted[0], 4u);
  EXPECT_EQ(state.totals.bytes, 1000u);
  EXPECT_EQ(state.totals.rejected[0].at("invalid_span_id"), 3u);
}

TEST(Ledger, EmptyRequestsMakeNoSource) {
  Ledger ledger;
  ledger.BookStored(ReceiptOf(model::Batch()), 0);
  EXPECT_TRUE(ledger.Snapshot().sources.empty());
  EXPECT_EQ(ledger.Snapshot().totals.requests, 1u);
}

TEST(Ledger, RequestsRejectedWholeAreBookedWithoutService) {
  Ledger ledger;
  model::Batch batch;
  batch.rejected = {{"invalid_trace_id", 2}};
  ledger.BookStored(ReceiptOf(batch), 0);
  ASSERT_EQ(ledger.Snapshot().sources.size(), 1u);
  EXPECT_EQ(ledger.Snapshot().sources[0].service, "");
  EXPECT_EQ(ledger.Snapshot().sources[0].last_error, "rejected: 2 invalid_trace_id");
}

TEST(Ledger, FailuresKeepTheLastErrorAndCountByReason) {
  Ledger ledger;
  ledger.BookFailed(ReceiptOf(TracesOf({"a"}, 1)), Unavailable("queue full"));
  ledger.BookUndecodable("default", "otlp/http/json", 200, InvalidArgument("bad body"));
  ledger.BookRefused("too_large");
  ledger.BookRefused("too_large");
  const auto state = ledger.Snapshot();
  EXPECT_EQ(state.totals.requests, 4u);
  EXPECT_EQ(state.totals.failed_requests, 4u);
  EXPECT_EQ(state.totals.accepted[0], 0u);
  EXPECT_EQ(state.refused.at("unavailable"), 1u);
  EXPECT_EQ(state.refused.at("invalid_argument"), 1u);
  EXPECT_EQ(state.refused.at("too_large"), 2u);
  ASSERT_EQ(state.sources.size(), 2u);
  EXPECT_EQ(state.sources[0].last_error, "bad body");
  EXPECT_EQ(state.sources[0].last_error_time, 200);
  EXPECT_EQ(state.sources[1].last_error, "queue full");
  EXPECT_EQ(state.sources[1].counts.failed_requests, 1u);
}

TEST(Ledger, SourcesBeyondTheLimitShareOne) {
  Ledger ledger(2);
  for (std::string_view name : {"a", "b", "c", "d", "a"}) {
    ledger.BookStored(ReceiptOf(TracesOf({name}, 1)), 0);
  }
  const auto state = ledger.Snapshot();
  ASSERT_EQ(state.sources.size(), 3u);
  EXPECT_EQ(state.sources[0].service, "other");
  EXPECT_EQ(state.sources[0].counts.accepted[0], 2u);
  EXPECT_EQ(state.sources[1].counts.accepted[0], 2u);
  EXPECT_EQ(state.overflowed_requests, 2u);
  EXPECT_EQ(state.totals.accepted[0], 5u);
}

TEST(Ledger, ReasonsAreBounded) {
  Ledger ledger;
  for (int i = 0; i < 1000; ++i) ledger.BookRefused("reason" + std::to_string(i));
  const auto state = ledger.Snapshot();
  EXPECT_LE(state.refused.size(), 65u);
  EXPECT_EQ(state.refused.at("other"), 936u);
}

TEST(Ledger, WritesMetrics) {
  Ledger ledger;
  model::Batch batch = TracesOf({"a\"b"}, 3, 60);
  batch.rejected = {{"invalid_span_id", 2}};
  ledger.BookStored(ReceiptOf(batch, 2'000'000'060), 1);
  ledger.BookRefused("too_large");
  const std::string text = MetricsOf(ledger);
  for (const char* line :
       {"ao_ingest_requests_total{outcome=\"ok\"} 1\n",
        "ao_ingest_requests_total{outcome=\"failed\"} 1\n",
        "ao_ingest_refused_requests_total{reason=\"too_large\"} 1\n",
        "ao_ingest_bytes_total 1000\n", "ao_ingest_duplicates_total 1\n",
        "ao_ingest_records_total{signal=\"traces\"} 3\n",
        "ao_ingest_records_total{signal=\"logs\"} 0\n",
        "ao_ingest_rejected_total{signal=\"traces\",reason=\"invalid_span_id\"} 2\n",
        "ao_ingest_sources 1\n",
        "ao_ingest_source_lag_seconds{project=\"default\",service=\"a\\\"b\","
        "protocol=\"otlp/grpc/protobuf\"} 2\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(Ledger, CountsExactlyUnderConcurrency) {
  Ledger ledger;
  const Receipt receipt = ReceiptOf(TracesOf({"a"}, 3));
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) ledger.BookStored(receipt, 1);
    });
  }
  threads.clear();
  EXPECT_EQ(ledger.Snapshot().totals.accepted[0], 6000u);
  EXPECT_EQ(ledger.Snapshot().sources[0].counts.duplicates, 2000u);
}

}  // namespace
}  // namespace ao::ingest
