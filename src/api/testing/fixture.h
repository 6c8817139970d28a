#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "api/api.h"
#include "api/testing/fake_server.h"
#include "api/testing/fake_store.h"
#include "base/temporary_directory.h"
#include "config/settings.h"
#include "ingest/ledger.h"
#include "keys/authenticator.h"
#include "keys/key_store.h"
#include "prices/price_store.h"

// The API over a fake store and a fake server.

namespace ao::api {

constexpr Nanos kTestNow = 1'769'851'800 * kSecond;  // 2026-01-31T09:30:00Z
constexpr std::string_view kTraceHex = "0af7651916cd43dd8448eb211c80319c";

// JSON that keeps its text alive. Access fails the test when the text is no JSON.
struct Json {
  explicit Json(std::string_view text) {
    const auto error = parser->parse(text.data(), text.size()).get(root);
    EXPECT_EQ(error, simdjson::SUCCESS) << text;
  }
  simdjson::simdjson_result<simdjson::dom::element> operator[](std::string_view pointer) const {
    return root.at_pointer(pointer);
  }
  std::string Text(std::string_view pointer) const {
    std::string_view value;
    EXPECT_EQ(root.at_pointer(pointer).get(value), simdjson::SUCCESS) << pointer;
    return std::string(value);
  }
  // The value as it is written.
  std::string Raw(std::string_view pointer) const {
    simdjson::dom::element value;
    EXPECT_EQ(root.at_pointer(pointer).get(value), simdjson::SUCCESS) << pointer;
    return simdjson::minify(value);
  }
  bool Has(std::string_view pointer) const {
    return root.at_pointer(pointer).error() == simdjson::SUCCESS;
  }

  std::unique_ptr<simdjson::dom::parser> parser = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::element root;
};

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    Dependencies dependencies{.store = store,
                              .ledger = ledger,
                              .clock = clock,
                              .live = live,
                              .prices = *prices,
                              .keys = *keys,
                              .authenticator = *authenticator,
                              .settings = [this] { return settings; },
                              .version = {"1.2.3", "abcdef", "2026-01-01"},
                              .ready = [this] { return ready; },
                              .extra_metrics =
                                  [](PrometheusText& text) {
                                    text.Family("extra", "gauge", "More");
                                    text.Sample("extra", {}, 7);
                                  },
                              .sql = {}};
    Register(server, std::move(dependencies));
  }

  // `target` is a path with an optional query, both taken as decoded.
  std::shared_ptr<RecordingReply> Call(std::string method, std::string_view target,
                                       std::string body = {}, net::HeaderList headers = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    const size_t mark = std::min(target.find('?'), target.size());
    request.path = std::string(target.substr(0, mark));
    for (std::string_view rest = target.substr(std::min(mark + 1, target.size())); !rest.empty();) {
      const size_t end = std::min(rest.find('&'), rest.size());
      const std::string_view pair = rest.substr(0, end);
      const size_t equals = std::min(pair.find('='), pair.size());
      request.query.emplace_back(pair.substr(0, equals),
                                 pair.substr(std::min(equals + 1, pair.size())));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.principal.project = project;
    request.principal.key_id = key_id;
    request.principal.may_admin = may_admin;
    auto reply = server.Call(std::move(request));
    EXPECT_NE(reply, nullptr) << method << " " << target << " has no route";
    EXPECT_EQ(reply->answers, 1);
    return reply;
  }

  net::HttpResponse Get(std::string_view target, net::HeaderList headers = {}) {
    return Call("GET", target, {}, std::move(headers))->response;
  }
  net::HttpResponse Post(std::string_view target, std::string body) {
    return Call("POST", target, std::move(body))->response;
  }

  std::string project = "default";
  std::string key_id;
  bool may_admin = true;
  bool ready = true;
  FakeStore store;
  ManualClock clock{kTestNow};
  LiveRuns live{LiveRuns::Options{.max_pending = 2, .max_subscribers = 2, .heartbeat = 0}};
  ingest::Ledger ledger;
  TemporaryDirectory directory;
  std::unique_ptr<prices::PriceStore> prices =
      prices::PriceStore::Open({directory.path(), ""}, PosixFileSystem()).value();
  std::unique_ptr<keys::KeyStore> keys = keys::KeyStore::Open(directory.path(), clock).value();
  std::unique_ptr<keys::ApiKeyAuthenticator> authenticator =
      keys::ApiKeyAuthenticator::Create(*keys, clock, false).value();
  config::Settings settings;
  FakeServer server;
};

inline model::Run SampleRun() {
  model::Run run;
  run.project = "default";
  run.trace_id = *TraceId::FromHex(kTraceHex);
  run.root_name = "agent.run";
  run.service = "loans";
  run.agent = "approver";
  run.session = "s1";
  run.start = kTestNow - kMinute;
  run.duration = 1'500'250'000;
  run.spans = 3;
  run.steps = 2;
  run.input_tokens = 100;
  run.output_tokens = 20;
  run.total_tokens = 120;
  run.cost_usd = 0.25;
  run.models = {"gpt-4o"};
  run.completeness = model::Completeness::kComplete;
  run.version = 1;
  return run;
}

// A trace: "root" with a "child" that starts in the same nanosecond, and an "orphan".
inline model::Batch SampleSpans() {
  model::Batch batch;
  auto* resource = new (batch.arena.Allocate(sizeof(model::Resource))) model::Resource();
  auto* scope = new (batch.arena.Allocate(sizeof(model::Scope))) model::Scope();
  const std::vector<model::KeyValue> of_resource = {
      {"service.name", model::Value::String("loans")}};
  resource->attributes = batch.arena.Copy(of_resource);
  scope->name = "tracer";
  const std::vector<model::Value> list = {model::Value::Int(1), model::Value::String("two")};
  const std::vector<model::KeyValue> map = {{"k", model::Value::Bool(true)}};
  const std::vector<model::KeyValue> attributes = {
      {"text", model::Value::String("<b>\x01\"</b>")},
      {"int", model::Value::Int(9007199254740993)},
      {"double", model::Value::Double(5)},
      {"bool", model::Value::Bool(false)},
      {"bytes", model::Value::Bytes(std::string_view("\x00\xff", 2))},
      {"list", model::Value::Array(batch.arena.Copy(list))},
      {"map", model::Value::Map(batch.arena.Copy(map))},
      {"bad", model::Value::String("\xff")},
      {"nothing", model::Value()},
  };
  std::vector<model::Span> spans(3);
  for (model::Span& span : spans) span.trace_id = *TraceId::FromHex(kTraceHex);
  spans[0].name = "child";
  spans[0].span_id = {1};
  spans[0].parent_span_id = {2};
  spans[0].start = 1'769'851'740'000'000'001;
  spans[0].end = 1'769'851'741'000'000'001;
  spans[0].status = model::StatusCode::kError;
  spans[0].status_message = "boom";
  spans[0].attributes = batch.arena.Copy(attributes);
  spans[1].name = "root";
  spans[1].span_id = {2};
  spans[1].start = spans[0].start;
  spans[1].end = 1'769'851'742'000'000'001;
  spans[1].status = model::StatusCode::kOk;
  spans[2].name = "orphan\xff";
  spans[2].span_id = {3};
  spans[2].parent_span_id = {99};
  spans[2].start = 1'769'851'739'000'000'000;
  spans[2].end = spans[2].start;
  batch.spans.push_back({resource, scope, batch.arena.Copy(spans)});
  return batch;
}

}  // namespace ao::api
