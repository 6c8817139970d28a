#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "base/temporary_directory.h"
#include "storage/encode/prepare.h"
#include "storage/local/counting_runs.h"
#include "storage/local/local_store.h"

// A store in a fresh directory, fed with batches that are written as text, one record a line; the
// same text is the body in the write-ahead log. For tests only.

namespace ao::storage {

inline TraceId Trace(uint64_t n) {
  return *TraceId::FromHex(ContentAddress{n * 0x9E3779B97F4A7C15ULL, n}.ToHex());
}

constexpr Nanos kNoon = 20'000 * kDay + 12 * kHour;

struct TestSpan {
  uint64_t trace = 1, span = 1, parent = 0;
  Nanos start = kNoon;
  Nanos duration = kMillisecond;
  std::string name = "step";
  bool error = false;
  std::vector<std::pair<std::string, std::string>> attributes = {};
  std::string service = "svc";
};

// The batch's views live in the arena, so the text need not.
inline std::string Body(const std::vector<TestSpan>& spans) {
  std::string body;
  const auto field = [&](const std::string& s) { body += std::to_string(s.size()) + ":" + s; };
  for (const TestSpan& s : spans) {
    body += "S";
    for (const auto n : {s.trace, s.span, s.parent, static_cast<uint64_t>(s.start),
                         static_cast<uint64_t>(s.duration), uint64_t{s.error},
                         static_cast<uint64_t>(s.attributes.size())}) {
      field(std::to_string(n));
    }
    field(s.name);
    field(s.service);
    for (const auto& [key, value] : s.attributes) {
      field(key);
      field(value);
    }
  }
  return body;
}

inline Result<model::Batch> ParseBody(std::string body) {
  model::Batch batch;
  batch.body = std::move(body);
  std::string_view in = batch.body;
  bool ok = true;
  const auto field = [&]() -> std::string_view {
    const size_t colon = in.find(':');
    if (colon == in.npos) return ok = false, std::string_view();
    const size_t n = std::strtoull(std::string(in.substr(0, colon)).c_str(), nullptr, 10);
    in.remove_prefix(colon + 1);
    if (in.size() < n) return ok = false, std::string_view();
    const std::string_view text = batch.arena.Copy(in.substr(0, n));
    in.remove_prefix(n);
    return text;
  };
  const auto number = [&] { return std::strtoull(std::string(field()).c_str(), nullptr, 10); };
  std::map<std::string, std::vector<model::Span>> by_service;
  while (ok && !in.empty()) {
    if (in.front() != 'S') return InvalidArgument("cannot parse the test body");
    in.remove_prefix(1);
    model::Span s;
    s.trace_id = Trace(number());
    s.span_id = {number()};
    s.parent_span_id = {number()};
    s.start = number();
    s.end = s.start + number();
    s.status = number() != 0 ? model::StatusCode::kError : model::StatusCode::kUnset;
    const size_t count = number();
    s.name = field();
    const std::string service(field());
    std::vector<model::KeyValue> attributes;
    for (size_t i = 0; i < count && ok; ++i) {
      const std::string_view key = field();
      attributes.push_back({key, model::Value::String(field())});
    }
    s.attributes = batch.arena.Copy(attributes);
    by_service[service].push_back(s);
  }
  if (!ok) return InvalidArgument("cannot parse the test body");
  for (const auto& [service, spans] : by_service) {
    auto* resource = new (batch.arena.Allocate(sizeof(model::Resource))) model::Resource();
    auto* scope = new (batch.arena.Allocate(sizeof(model::Scope))) model::Scope();
    const std::vector<model::KeyValue> attributes{
        {"service.name", model::Value::String(batch.arena.Copy(service))}};
    resource->attributes = batch.arena.Copy(attributes);
    scope->name = "test-scope";
    batch.spans.push_back({resource, scope, batch.arena.Copy(spans)});
    batch.accepted += spans.size();
  }
  return batch;
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  LocalStore::Options TestOptions() {
    LocalStore::Options o;
    o.directory = directory_.path() + "/data";
    o.maintenance_interval = 0;
    o.memory_bytes = 1ull << 30;
    return o;
  }
  Result<std::unique_ptr<LocalStore>> TryOpen(FileSystem& fs = PosixFileSystem()) {
    auto seed = LocalStore::ContentSeedOf(fs, options_.directory);
    if (!seed.ok()) return seed.status();
    seed_ = *seed;
    const PrepareOptions prepare{seed_, 256};
    return LocalStore::Open(
        options_, fs, clock_,
        [prepare](ReplayFrame frame) -> Result<PreparedBatch> {
          auto batch = ParseBody(frame.body);
          if (!batch.ok()) return batch.status();
          return Prepare(std::string(frame.project), frame.received, std::string(frame.format),
                         std::move(*batch), prepare);
        },
        *runs_);
  }
  // Closes without sealing and opens again, as after a crash.
  void Reopen() {
    store_.reset();
    runs_ = std::make_unique<CountingRuns>();
    auto store = TryOpen();
    ASSERT_TRUE(store.ok()) << store.status().ToString();
    store_ = std::move(*store);
  }
  std::future<Result<Ack>> Send(PreparedBatch batch) {
    auto promise = std::make_shared<std::promise<Result<Ack>>>();
    auto future = promise->get_future();
    store_->Append(std::move(batch),
                   [promise](Result<Ack> r) { promise->set_value(std::move(r)); });
    return future;
  }
  PreparedBatch Make(const std::vector<TestSpan>& spans, const std::string& project = "p") {
    return Prepare(project, clock_.Now(), "test", std::move(*ParseBody(Body(spans))), {seed_, 256});
  }
  Ack Put(const std::vector<TestSpan>& spans, const std::string& project = "p") {
    auto ack = Send(Make(spans, project)).get();
    EXPECT_TRUE(ack.ok()) << ack.status().ToString();
    return ack.value_or(Ack{});
  }
  size_t SpansOf(uint64_t trace, const std::string& project = "p") {
    auto skeleton = store_->GetTrace(project, Trace(trace));
    if (!skeleton.ok()) {
      EXPECT_EQ(skeleton.status().code(), StatusCode::kNotFound) << skeleton.status().ToString();
      return 0;
    }
    return skeleton->spans.size();
  }
  void Seal() {
    const Status status = store_->Seal();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void Maintain() {
    const Status status = store_->RunMaintenance();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  std::vector<std::string> Problems() {
    std::vector<std::string> lines;
    const Status status = VerifyDirectory(PosixFileSystem(), options_.directory,
                                          [&](std::string line) { lines.push_back(line); });
    EXPECT_TRUE(status.ok()) << status.ToString();
    return lines;
  }

  TemporaryDirectory directory_;
  ManualClock clock_{kNoon + kHour};
  LocalStore::Options options_ = TestOptions();
  uint64_t seed_ = 0;
  std::unique_ptr<CountingRuns> runs_;
  std::unique_ptr<LocalStore> store_;
};

}  // namespace ao::storage
