#include "ingest/otlp/receiver.h"

#include <map>

#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>

#include "ingest/otlp/encode.h"
#include "ingest/otlp/testing/random_batch.h"

namespace ao::ingest::otlp {
namespace {

using model::Signal;

constexpr Nanos kNow = 1'700'000'000 * kSecond;

constexpr char kGoodSpan[] =
    R"({"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
    R"("startTimeUnixNano":"1"})";

std::string Spans(const std::string& spans) {
  return R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":)"
         R"({"stringValue":"loans"}}]},"scopeSpans":[{"spans":[)" +
         spans + "]}]}]}";
}

class FakeReply final : public net::Reply {
 public:
  explicit FakeReply(std::vector<net::HttpResponse>* sent) : sent_(sent) {}
  void Send(net::HttpResponse response) override { sent_->push_back(std::move(response)); }
  std::shared_ptr<net::ResponseStream> Stream(net::HttpResponse) override { return nullptr; }

 private:
  std::vector<net::HttpResponse>* sent_;
};

// What a gRPC call was answered with.
struct GrpcAnswer {
  std::string message;
  Status status;
  std::optional<Nanos> retry_after;
};
class FakeGrpcReply final : public net::GrpcReply {
 public:
  explicit FakeGrpcReply(std::vector<GrpcAnswer>* sent) : sent_(sent) {}
  void Send(std::string message) override { sent_->push_back({std::move(message), {}, {}}); }
  void Fail(const Status& status, std::optional<Nanos> retry_after) override {
    sent_->push_back({{}, status, retry_after});
  }

 private:
  std::vector<GrpcAnswer>* sent_;
};

class FakeHttpServer final : public net::HttpServer {
 public:
  void AddRoute(net::Route route) override { routes.push_back(std::move(route)); }
  void AddPrefix(std::string, std::string) override {}
  Status Start() override { return {}; }
  std::string address() const override { return {}; }
  void Stop(Nanos) override {}

  const net::Route* Find(std::string_view pattern) const {
    for (const auto& route : routes) {
      if (route.pattern == pattern) return &route;
    }
    return nullptr;
  }
  std::vector<net::Route> routes;
};

class FakeGrpcServer final : public net::GrpcServer {
 public:
  void AddMethod(std::string method, net::GrpcHandler handler) override {
    methods[method] = std::move(handler);
  }
  Status Start() override { return {}; }
  std::string address() const override { return {}; }
  void Stop(Nanos) override {}
  std::map<std::string, net::GrpcHandler> methods;
};

class ReceiverTest : public ::testing::Test {
 protected:
  ReceiverTest()
      : receiver_(
            [this](Delivery delivery, storage::Store::Done done) {
              delivered_.push_back(std::move(delivery));
              if (hold_) {
                held_.push_back(std::move(done));
              } else {
                done(ack_);
              }
            },
            ledger_, clock_) {
    receiver_.Register(http_);
    receiver_.Register(grpc_);
  }

  net::HttpResponse Send(std::string pattern, net::HttpRequest request) {
    const net::Route* route = http_.Find(pattern);
    EXPECT_NE(route, nullptr) << pattern;
    responses_.clear();
    route->handler(std::move(request), std::make_shared<FakeReply>(&responses_));
    EXPECT_EQ(responses_.size(), hold_ ? 0u : 1u);
    return responses_.empty() ? net::HttpResponse() : responses_[0];
  }
  net::HttpResponse Post(std::string path, std::string content_type, std::string body) {
    return Send(path, Request("POST", path, std::move(content_type), std::move(body)));
  }
  net::HttpResponse PostJson(std::string path, std::string body) {
    return Post(std::move(path), "application/json", std::move(body));
  }
  net::HttpResponse PostProtobuf(std::string path, std::string body) {
    return Post(std::move(path), "application/x-protobuf", std::move(body));
  }
  static net::HttpRequest Request(std::string method, std::string path, std::string content_type,
                                  std::string body) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    if (!content_type.empty()) request.headers = {{"content-type", std::move(content_type)}};
    request.body = std::move(body);
    return request;
  }
  GrpcAnswer Call(const std::string& method, std::string message, net::Principal principal = {}) {
    net::GrpcRequest request;
    request.method = method;
    request.message = std::move(message);
    request.principal = std::move(principal);
    std::vector<GrpcAnswer> answers;
    EXPECT_TRUE(grpc_.methods.contains(method)) << method;
    grpc_.methods.at(method)(std::move(request), std::make_shared<FakeGrpcReply>(&answers));
    EXPECT_EQ(answers.size(), 1u);
    return answers.empty() ? GrpcAnswer() : answers[0];
  }

  Ledger ledger_;
  ManualClock clock_{kNow};
  std::vector<Delivery> delivered_;
  Result<storage::Ack> ack_ = storage::Ack{};
  bool hold_ = false;
  std::vector<storage::Store::Done> held_;
  std::vector<net::HttpResponse> responses_;
  Receiver receiver_;
  FakeHttpServer http_;
  FakeGrpcServer grpc_;
};

constexpr char kTraceMethod[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr char kLogsMethod[] = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
constexpr char kMetricsMethod[] = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

std::string Header(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

struct DecodedStatus {
  int code = 0;
  std::string message;
};
DecodedStatus StatusOf(const std::string& body) {
  DecodedStatus status;
  for (protozero::pbf_reader r(body); r.next();) {
    if (r.tag() == 1) {
      status.code = r.get_int32();
    } else if (r.tag() == 2) {
      status.message = r.get_string();
    } else {
      ADD_FAILURE() << "unexpected field " << r.tag();
      r.skip();
    }
  }
  return status;
}

// ExportXServiceResponse.partial_success.
struct Partial {
  bool present = false;
  int64_t rejected = 0;
  std::string message;
};
Partial PartialOf(const std::string& body) {
  Partial partial;
  for (protozero::pbf_reader r(body); r.next(1);) {
    partial.present = true;
    auto details = r.get_message();
    while (details.next()) {
      if (details.tag() == 1) {
        partial.rejected = details.get_int64();
      } else {
        partial.message = details.get_string();
      }
    }
  }
  return partial;
}

TEST_F(ReceiverTest, SuccessIsAnEmptyResponseInTheRequestsType) {
  auto response = PostJson("/v1/traces", Spans(kGoodSpan));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{}");
  response = PostProtobuf("/v1/logs", EncodeProtobuf(testing::RandomBatch(Signal::kLogs, 1)));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/x-protobuf");
  EXPECT_EQ(response.body, "");
}

TEST_F(ReceiverTest, DeliversBodyFormatProjectAndTime) {
  auto request = Request("POST", "/v1/traces", "application/json", Spans(kGoodSpan));
  request.principal.project = "lending";
  Send("/v1/traces", std::move(request));
  ASSERT_EQ(delivered_.size(), 1u);
  EXPECT_EQ(delivered_[0].project, "lending");
  EXPECT_EQ(delivered_[0].format, "otlp/traces/json");
  EXPECT_EQ(delivered_[0].received, kNow);
  EXPECT_EQ(delivered_[0].batch.body, Spans(kGoodSpan));
  EXPECT_EQ(delivered_[0].batch.accepted, 1u);
  PostProtobuf("/v1/metrics", EncodeProtobuf(testing::RandomBatch(Signal::kMetrics, 1)));
  EXPECT_EQ(delivered_[1].format, "otlp/metrics/protobuf");
}

TEST_F(ReceiverTest, AnswersOnlyWhenTheBatchIsStored) {
  hold_ = true;
  PostJson("/v1/traces", Spans(kGoodSpan));
  ASSERT_EQ(held_.size(), 1u);
  EXPECT_TRUE(responses_.empty());
  EXPECT_EQ(ledger_.Snapshot().totals.accepted[0], 0u);
  held_[0](storage::Ack{1, 0});
  ASSERT_EQ(responses_.size(), 1u);
  EXPECT_EQ(responses_[0].body, "{}");
  EXPECT_EQ(ledger_.Snapshot().totals.accepted[0], 1u);
}

TEST_F(ReceiverTest, EmptyRequestsSucceedWithoutTheSink) {
  for (const char* path : {"/v1/traces", "/v1/logs", "/v1/metrics"}) {
    EXPECT_EQ(PostProtobuf(path, "").body, "");
    EXPECT_EQ(PostJson(path, "{}").body, "{}");
    EXPECT_EQ(responses_[0].status, 200);
  }
  EXPECT_TRUE(delivered_.empty());
}

TEST_F(ReceiverTest, ContentTypesMatchWhateverTheCaseAndParameters) {
  for (const char* type : {"application/json", "Application/JSON", "application/json;charset=utf-8",
                           "application/json ; charset=UTF-8", " application/json"}) {
    const auto response = Post("/v1/traces", type, "{}");
    EXPECT_EQ(response.status, 200) << type;
    EXPECT_EQ(response.content_type, "application/json");
  }
  const auto response = Post("/v1/traces", "APPLICATION/X-PROTOBUF; x=y", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/x-protobuf");
}

TEST_F(ReceiverTest, OtherContentTypesAreUnsupported) {
  for (const char* type : {"", "text/plain", "application/protobuf", "application/jsonx"}) {
    const auto response = Post("/v1/traces", type, "{}");
    EXPECT_EQ(response.status, 415) << type;
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_NE(response.body.find("\"code\":3"), std::string::npos) << response.body;
    EXPECT_NE(response.body.find("send application/x-protobuf or application/json"),
              std::string::npos);
  }
  EXPECT_EQ(ledger_.Snapshot().refused.at("unsupported_media_type"), 4u);
}

TEST_F(ReceiverTest, OtherMethodsAreNotAllowed) {
  for (const char* method : {"GET", "PUT", "DELETE", "HEAD"}) {
    const auto response =
        Send("/v1/logs", Request(method, "/v1/logs", "application/x-protobuf", ""));
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(Header(response, "allow"), "POST");
    EXPECT_EQ(response.content_type, "application/x-protobuf");
    EXPECT_FALSE(StatusOf(response.body).message.empty());
  }
}

TEST_F(ReceiverTest, UndecodableBodiesAreBadRequestsInTheRequestsType) {
  auto response = PostProtobuf("/v1/traces", "\xff\xff");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/x-protobuf");
  EXPECT_EQ(StatusOf(response.body).code, 3);
  EXPECT_TRUE(StatusOf(response.body).message.starts_with("cannot decode traces: "));
  EXPECT_EQ(Header(response, "retry-after"), "");

  response = PostJson("/v1/traces", Spans(R"({"name":5})"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            R"({"code":3,"message":"cannot decode traces: resourceSpans[0].scopeSpans[0].spans[0])"
            R"(.name: expected a string, got 5"})");
  EXPECT_TRUE(delivered_.empty());
  EXPECT_EQ(ledger_.Snapshot().totals.failed_requests, 2u);
}

TEST_F(ReceiverTest, WrongSignalIsABadRequestWithAHint) {
  const auto response =
      PostProtobuf("/v1/logs", EncodeProtobuf(*DecodeJson(Signal::kTraces, Spans(kGoodSpan))));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(StatusOf(response.body).message,
            "cannot decode logs: the payload holds traces (1 spans); send it to /v1/traces");
}

TEST_F(ReceiverTest, RejectedSpansArePartialSuccessWithCountsAndReasons) {
  const std::string json = Spans(std::string(kGoodSpan) + R"(,{"spanId":"eee19b7ec3c1b174"},
      {"traceId":"5b8efff798038103d269b633813fc60c"},{})");
  const auto response = PostJson("/v1/traces", json);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"rejected 3 of 4 spans: )"
            R"(2 invalid_trace_id, 1 invalid_span_id"}})");
  EXPECT_EQ(delivered_.at(0).batch.accepted, 1u);
  EXPECT_EQ(ledger_.Snapshot().totals.rejected[0].at("invalid_trace_id"), 2u);
}

TEST_F(ReceiverTest, PartialSuccessOfProtobuf) {
  // Two spans, one with ids of zeros.
  const std::string ids(
      "\x0a\x10\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
      "\x12\x08\x01\x01\x01\x01\x01\x01\x01\x01",
      28);
  const std::string scope = "\x12\x1c" + ids + "\x12\x1c" + std::string("\x0a\x10", 2) +
                            std::string(16, '\0') + std::string("\x12\x08", 2) +
                            std::string(8, '\0');
  const std::string resource = "\x12" + std::string(1, static_cast<char>(scope.size())) + scope;
  const auto response = PostProtobuf(
      "/v1/traces", "\x0a" + std::string(1, static_cast<char>(resource.size())) + resource);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(PartialOf(response.body).rejected, 1);
  EXPECT_EQ(PartialOf(response.body).message, "rejected 1 of 2 spans: 1 invalid_trace_id");
}

TEST_F(ReceiverTest, RejectedPointsAndRequestsRejectedWhole) {
  const auto response = PostJson("/v1/metrics", R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[
      {"name":"g","gauge":{"dataPoints":[{"asInt":1},{"asInt":2}]}}]}]}]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"partialSuccess":{"rejectedDataPoints":"2","errorMessage":)"
                           R"("rejected 2 of 2 data points: 2 missing_time"}})");
  EXPECT_TRUE(delivered_.empty());
}

TEST_F(ReceiverTest, WarningsArePartialSuccessWithNothingRejected) {
  const std::string body = R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1",
      "attributes":[{"key":"","value":{"intValue":1}}]}]}]}]})";
  EXPECT_EQ(PostJson("/v1/logs", body).body,
            R"({"partialSuccess":{"errorMessage":"1 attributes with an empty key were dropped"}})");
  const auto protobuf = Call(kLogsMethod, EncodeProtobuf(testing::RandomBatch(Signal::kLogs, 2)));
  EXPECT_EQ(protobuf.message, "");
}

TEST_F(ReceiverTest, StoreFailuresMapToWhatTheClientShouldDo) {
  struct Case {
    Status status;
    int http;
    std::string retry_after;
    int code;
    StatusCode grpc;
    std::optional<Nanos> grpc_retry;
  };
  const Case cases[] = {
      {Unavailable("queue full"), 503, "1", 14, StatusCode::kUnavailable, kSecond},
      {DeadlineExceeded("slow"), 503, "1", 14, StatusCode::kUnavailable, kSecond},
      {ResourceExhausted("disk full"), 503, "30", 14, StatusCode::kUnavailable, 30 * kSecond},
      {Internal("disk failed"), 500, "", 13, StatusCode::kInternal, {}},
      {Corruption("bad page"), 500, "", 13, StatusCode::kInternal, {}},
      {PermissionDenied("no"), 403, "", 7, StatusCode::kPermissionDenied, {}},
  };
  const std::string body = EncodeProtobuf(testing::RandomBatch(Signal::kTraces, 1));
  for (const Case& c : cases) {
    SCOPED_TRACE(c.status.ToString());
    ack_ = c.status;
    const auto response = PostProtobuf("/v1/traces", body);
    EXPECT_EQ(response.status, c.http);
    EXPECT_EQ(Header(response, "retry-after"), c.retry_after);
    EXPECT_EQ(StatusOf(response.body).code, c.code);
    EXPECT_EQ(StatusOf(response.body).message, c.status.message());
    const auto answer = Call(kTraceMethod, body);
    EXPECT_EQ(answer.status.code(), c.grpc);
    EXPECT_EQ(answer.retry_after, c.grpc_retry);
  }
  EXPECT_EQ(ledger_.Snapshot().totals.failed_requests, 12u);
  EXPECT_EQ(ledger_.Snapshot().totals.accepted[0], 0u);
}

TEST_F(ReceiverTest, KeysThatMayNotIngestAreRefused) {
  auto request = Request("POST", "/v1/traces", "application/json", Spans(kGoodSpan));
  request.principal.may_ingest = false;
  EXPECT_EQ(Send("/v1/traces", std::move(request)).status, 403);
  net::Principal reader;
  reader.may_ingest = false;
  EXPECT_EQ(Call(kTraceMethod, "", reader).status.code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(delivered_.empty());
}

TEST_F(ReceiverTest, DecodedRecordsCountAgainstTheMemoryBudget) {
  MemoryBudget budget(1 << 20);
  auto request = Request("POST", "/v1/traces", "application/json", Spans(kGoodSpan));
  request.memory = budget.NewLease();
  ASSERT_TRUE(request.memory.Grow(request.body.size()));
  Send("/v1/traces", std::move(request));
  EXPECT_GT(delivered_.at(0).memory.bytes(), Spans(kGoodSpan).size());
  delivered_.clear();
  EXPECT_EQ(budget.used(), 0u);

  MemoryBudget small(1000);
  request = Request("POST", "/v1/traces", "application/json", Spans(kGoodSpan));
  request.memory = small.NewLease();
  ASSERT_TRUE(request.memory.Grow(request.body.size()));
  const auto response = Send("/v1/traces", std::move(request));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(Header(response, "retry-after"), "1");
  EXPECT_TRUE(delivered_.empty());
  EXPECT_EQ(small.used(), 0u);
}

TEST_F(ReceiverTest, ProfilesAreNotSupported) {
  const auto response = Post("/v1development/profiles", "application/x-protobuf", "x");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/x-protobuf");
  EXPECT_EQ(StatusOf(response.body).code, 12);
  EXPECT_EQ(
      Call("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", "x")
          .status.code(),
      StatusCode::kUnimplemented);
}

TEST_F(ReceiverTest, WrongPathsSayWhereToSend) {
  for (const char* pattern : {"/", "/v1/*"}) {
    const auto response = Post(pattern, "application/json", "{}");
    EXPECT_EQ(response.status, 404);
    EXPECT_NE(response.body.find("/v1/traces, /v1/logs or /v1/metrics"), std::string::npos);
    EXPECT_EQ(http_.Find(pattern)->method, "POST");
  }
}

TEST_F(ReceiverTest, RoutesAreForIngestOnly) {
  for (const auto& route : http_.routes) {
    EXPECT_EQ(route.access, net::Access::kIngest) << route.pattern;
    EXPECT_EQ(route.lane, net::Lane::kIngest) << route.pattern;
  }
}

TEST_F(ReceiverTest, TransportErrorsAreStatusBodiesInTheRequestsType) {
  const auto request = Request("POST", "/v1/traces", "application/x-protobuf", "");
  auto response =
      receiver_.TransportError(request, 413, ResourceExhausted("cannot read body: over 64 MiB"));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.content_type, "application/x-protobuf");
  EXPECT_EQ(StatusOf(response.body).code, 8);
  EXPECT_EQ(StatusOf(response.body).message, "cannot read body: over 64 MiB");
  EXPECT_EQ(Header(response, "retry-after"), "");
  for (int status : {429, 503}) {
    response = receiver_.TransportError(request, status, Unavailable("busy"));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(Header(response, "retry-after"), "1");
  }
  response = receiver_.TransportError(Request("POST", "/v1/logs", "Application/Json", ""), 401,
                                      Unauthenticated("no key"));
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"code":16,"message":"no key"})");
  const auto refused = ledger_.Snapshot().refused;
  EXPECT_EQ(refused.at("too_large"), 1u);
  EXPECT_EQ(refused.at("overloaded"), 2u);
  EXPECT_EQ(refused.at("unauthenticated"), 1u);
}

TEST_F(ReceiverTest, MessagesOfErrorsAreBounded) {
  const auto request = Request("POST", "/v1/traces", "application/json", "");
  const auto response =
      receiver_.TransportError(request, 400, InvalidArgument(std::string(5 << 20, 'x')));
  EXPECT_LT(response.body.size(), 64u * 1024);
}

TEST_F(ReceiverTest, GrpcTakesAllSignals) {
  const std::pair<const char*, Signal> methods[] = {{kTraceMethod, Signal::kTraces},
                                                    {kLogsMethod, Signal::kLogs},
                                                    {kMetricsMethod, Signal::kMetrics}};
  for (const auto& [method, signal] : methods) {
    const auto answer = Call(method, EncodeProtobuf(testing::RandomBatch(signal, 5)));
    EXPECT_TRUE(answer.status.ok());
    EXPECT_EQ(answer.message, "");
    EXPECT_EQ(delivered_.back().batch.signal, signal);
  }
  EXPECT_EQ(delivered_[0].format, "otlp/traces/protobuf");
  for (const auto& source : ledger_.Snapshot().sources) {
    EXPECT_EQ(source.protocol, "otlp/grpc/protobuf");
  }
}

TEST_F(ReceiverTest, GrpcErrorsAndPartialSuccess) {
  const auto bad = Call(kTraceMethod, "\xff");
  EXPECT_EQ(bad.status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(bad.retry_after, std::nullopt);
  // A span without ids.
  const auto partial = Call(kTraceMethod, std::string("\x0a\x09\x12\x07\x12\x05\x2a\x03"
                                                      "abc",
                                                      11));
  EXPECT_EQ(PartialOf(partial.message).rejected, 1);
  EXPECT_TRUE(Call(kTraceMethod, "").message.empty());
}

TEST_F(ReceiverTest, LedgerKnowsTheSource) {
  ack_ = storage::Ack{0, 1};
  PostJson("/v1/traces", Spans(kGoodSpan));
  const auto state = ledger_.Snapshot();
  ASSERT_EQ(state.sources.size(), 1u);
  EXPECT_EQ(state.sources[0].service, "loans");
  EXPECT_EQ(state.sources[0].protocol, "otlp/http/json");
  EXPECT_EQ(state.sources[0].last_seen, kNow);
  EXPECT_EQ(state.sources[0].lag, kNow - 1);
  EXPECT_EQ(state.sources[0].counts.duplicates, 1u);
}

}  // namespace
}  // namespace ao::ingest::otlp
