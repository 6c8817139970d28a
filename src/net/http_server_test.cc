#include "net/http_server.h"

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_peers.h"

namespace ao::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto kPatience = std::chrono::seconds(20);

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options_.listen = "127.0.0.1:0";
    options_.ingest_error = [](const HttpRequest& request, int status, const Status& why) {
      HttpResponse response;
      response.content_type = std::string(request.header("content-type"));
      response.body = fmt::format("ingest error {}: {}", status, why.message());
      return response;
    };
  }

  void Route(std::string method, std::string pattern, HttpHandler handler, Lane lane = Lane::kQuery,
             Access access = Access::kPublic) {
    routes_.push_back({std::move(method), std::move(pattern), access, lane, std::move(handler)});
  }
  void Start() {
    Route("POST", "/echo", [](HttpRequest request, ReplyPtr reply) {
      HttpResponse response;
      response.content_type = "application/octet-stream";
      response.body = std::move(request.body);
      request.memory.Release();  // before the answer, so that tests can count on it
      reply->Send(std::move(response));
    });
    Route(
        "POST", "/v1/traces",
        [](HttpRequest request, ReplyPtr reply) {
          HttpResponse response;
          response.body = fmt::format("{} bytes", request.body.size());
          reply->Send(std::move(response));
        },
        Lane::kIngest);
    auto server = HttpServer::Create(options_, budget_, *authenticator_);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = std::move(*server);
    for (auto& route : routes_) server_->AddRoute(std::move(route));
    ASSERT_TRUE(server_->Start().ok());
    address_ = server_->address();
    curl_ = std::make_unique<CurlClient>(address_);
  }
  CurlResponse Post(std::string path, std::string body, HeaderList headers = {}) {
    CurlRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.http2 = http2_;
    request.ca_file = ca_file_;
    return curl_->Do(request);
  }
  CurlResponse Do(std::string method, std::string path, HeaderList headers = {}) {
    CurlRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    request.http2 = http2_;
    request.ca_file = ca_file_;
    return curl_->Do(request);
  }

  HttpServerOptions options_;
  MemoryBudget budget_{256 << 20};
  std::unique_ptr<TestAuthenticator> authenticator_ = std::make_unique<TestAuthenticator>();
  std::vector<net::Route> routes_;
  std::unique_ptr<HttpServer> server_;
  std::string address_;
  std::unique_ptr<CurlClient> curl_;
  bool http2_ = false;
  std::string ca_file_;
};

// What must hold whatever carries the request.
class AnyTransport : public HttpServerTest, public testing::WithParamInterface<const char*> {
 protected:
  AnyTransport() {
    const std::string name = GetParam();
    http2_ = name.find("http2") == 0;
    if (name.find("Tls") != std::string::npos) {
      certificate_ = std::make_unique<TestCertificate>();
      ca_file_ = certificate_->certificate_file;
      options_.tls.certificate_file = certificate_->certificate_file;
      options_.tls.key_file = certificate_->key_file;
    }
  }
  void ExpectOneConnection() { EXPECT_EQ(curl_->connections_opened(), 1); }
  std::unique_ptr<TestCertificate> certificate_;
};

INSTANTIATE_TEST_SUITE_P(Transports, AnyTransport,
                         testing::Values("http1", "http1Tls", "http2", "http2Tls"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(AnyTransport, EchoesBodiesOfAllSizesOnOneConnection) {
  Start();
  for (const size_t size : {0ul, 1ul, 100ul, 16384ul, 70'000ul, 3'000'000ul, 20'000'000ul}) {
    std::string body(size, 'x');
    for (size_t i = 0; i < size; i += 97) body[i] = static_cast<char>(i);
    const CurlResponse response = Post("/echo", body);
    ASSERT_EQ(response.error, "") << size;
    ASSERT_EQ(response.status, 200) << size;
    ASSERT_TRUE(response.body == body) << size;
    EXPECT_EQ(response.version, http2_ ? 3 : 2);
  }
  ExpectOneConnection();
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_P(AnyTransport, InflatesRequestBodies) {
  Start();
  const std::string text = std::string(100'000, 'a') + "end";
  EXPECT_EQ(Post("/echo", Deflated(text, 31), {{"content-encoding", "gzip"}}).body, text);
  EXPECT_EQ(Post("/echo", Deflated(text, 15), {{"content-encoding", "deflate"}}).body, text);
  EXPECT_EQ(Post("/echo", Zstd(text), {{"content-encoding", "ZSTD"}}).body, text);
  EXPECT_EQ(Post("/echo", text, {{"content-encoding", "identity"}}).body, text);
}

TEST_P(AnyTransport, AnswersUnreadableBodiesInTheProtocolsOwnWords) {
  Start();
  const HeaderList gzip = {{"content-encoding", "gzip"},
                           {"content-type", "application/x-protobuf"}};
  const CurlResponse corrupt = Post("/v1/traces", "this is not gzip", gzip);
  EXPECT_EQ(corrupt.status, 400);
  EXPECT_EQ(corrupt.body, "ingest error 400: cannot inflate the gzip body: incorrect header check");
  EXPECT_EQ(corrupt.headers.at("content-type"), "application/x-protobuf");
  const CurlResponse cut = Post("/v1/traces", Deflated("hello", 31).substr(0, 12), gzip);
  EXPECT_EQ(cut.status, 400);
  const CurlResponse unknown = Post("/v1/traces", "x", {{"content-encoding", "br"}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("unknown content-encoding \"br\""));
  const CurlResponse elsewhere = Post("/echo", "this is not gzip", gzip);
  EXPECT_THAT(elsewhere.body, StartsWith(R"({"error":{"code":"invalid_argument")"));
  ExpectOneConnection();
}

TEST_P(AnyTransport, RefusesBombsAndBodiesOverTheLimit) {
  options_.max_body_bytes = 100'000;
  Start();
  const CurlResponse bomb =
      Post("/v1/traces", Deflated(std::string(64 << 20, '\0'), 31), {{"content-encoding", "gzip"}});
  EXPECT_EQ(bomb.status, 413);
  EXPECT_THAT(bomb.body, StartsWith("ingest error 413"));
  EXPECT_EQ(Post("/echo", std::string(100'000, 'x')).status, 200);
  EXPECT_EQ(Post("/echo", std::string(100'001, 'x')).status, 413);
  EXPECT_EQ(Post("/echo", std::string(30'000'000, 'x')).status, 413);
  EXPECT_EQ(Post("/echo", "fine").body, "fine");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_P(AnyTransport, RefusesWhatDoesNotFitTheMemoryBudget) {
  Start();
  MemoryBudget::Lease others = budget_.NewLease();
  ASSERT_TRUE(others.Grow(budget_.limit() - 10'000));
  const CurlResponse response = Post("/v1/traces", std::string(50'000, 'x'));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.at("retry-after"), "1");
  EXPECT_EQ(Post("/echo", "small").status, 200);
  others.Release();
  EXPECT_EQ(Post("/v1/traces", std::string(50'000, 'x')).status, 200);
}

TEST_P(AnyTransport, TellsUnknownPathsFromWrongMethods) {
  Start();
  EXPECT_EQ(Do("GET", "/nowhere").status, 404);
  const CurlResponse wrong = Do("GET", "/v1/traces");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("allow"), "POST");
  EXPECT_EQ(wrong.body, "ingest error 405: cannot GET /v1/traces: method not allowed");
  EXPECT_EQ(Do("GET", "/%zz").status, 400);
  EXPECT_EQ(Do("GET", "/%00").status, 400);
  EXPECT_EQ(Do("GET", "/a/../../../etc/passwd").status, 404);
}

TEST_P(AnyTransport, AnswersHeadLikeGetWithoutABody) {
  Route("GET", "/page", [](HttpRequest, ReplyPtr reply) {
    reply->Send({200, "text/plain", {{"X-Own", "value\r\nevil: yes"}}, "twelve bytes"});
  });
  Start();
  const CurlResponse head = Do("HEAD", "/page");
  EXPECT_EQ(head.error, "");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "12");
  EXPECT_EQ(head.body, "");
  const CurlResponse get = Do("GET", "/page");
  EXPECT_EQ(get.body, "twelve bytes");
  EXPECT_EQ(get.headers.at("x-own"), "value  evil: yes");
}

TEST_P(AnyTransport, CompressesLargeTextWhenAsked) {
  const std::string text(5000, 'j');
  Route("GET", "/json", [&](HttpRequest, ReplyPtr reply) {
    reply->Send({200, "application/json", {}, text});
  });
  Route("GET", "/small", [&](HttpRequest, ReplyPtr reply) {
    reply->Send({200, "application/json", {}, "{}"});
  });
  Start();
  const CurlResponse packed = Do("GET", "/json", {{"accept-encoding", "br, gzip;q=0.5"}});
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 200u);
  EXPECT_EQ(Do("GET", "/json").body, text);
  EXPECT_EQ(Do("GET", "/json", {{"accept-encoding", "gzip;q=0"}}).body, text);
  EXPECT_EQ(Do("GET", "/small", {{"accept-encoding", "gzip"}}).body, "{}");
}

TEST_P(AnyTransport, AsksForKeysAndChecksRights) {
  authenticator_ = std::make_unique<TestAuthenticator>(true);
  const auto ok = [](HttpRequest request, ReplyPtr reply) {
    reply->Send({200, "text/plain", {}, request.principal.key_id});
  };
  Route("POST", "/ingest", ok, Lane::kIngest, Access::kIngest);
  Route("POST", "/read", ok, Lane::kQuery, Access::kRead);
  Route("POST", "/admin", ok, Lane::kQuery, Access::kAdmin);
  Start();
  const CurlResponse anonymous = Post("/ingest", "x");
  EXPECT_EQ(anonymous.status, 401);
  EXPECT_THAT(anonymous.headers.at("www-authenticate"), StartsWith("Bearer"));
  EXPECT_THAT(anonymous.body, StartsWith("ingest error 401"));
  EXPECT_EQ(Post("/echo", "x").status, 200);
  const HeaderList ingest = {{"authorization", "Bearer ingest"}};
  const HeaderList read = {{"authorization", "Bearer read"}};
  EXPECT_EQ(Post("/ingest", "x", ingest).body, "ingest");
  EXPECT_EQ(Post("/read", "x", ingest).status, 403);
  EXPECT_EQ(Post("/read", "x", read).status, 200);
  EXPECT_EQ(Post("/ingest", "x", read).status, 403);
  EXPECT_EQ(Post("/admin", "x", read).status, 403);
  EXPECT_EQ(Post("/admin", "x", {{"authorization", "Bearer admin"}}).status, 200);
}

TEST_P(AnyTransport, AnswersPreflights) {
  options_.cors.allowed_origins = {"https://*.example.com"};
  options_.cors.allowed_headers = {"authorization", "x-api-key"};
  Start();
  const HeaderList ask = {{"origin", "https://app.example.com"},
                          {"access-control-request-method", "POST"},
                          {"access-control-request-headers", "authorization"}};
  const CurlResponse preflight = Do("OPTIONS", "/v1/traces", ask);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.at("access-control-allow-origin"), "https://app.example.com");
  EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "POST");
  EXPECT_EQ(preflight.headers.at("access-control-allow-headers"),
            "content-type, authorization, x-api-key");
  EXPECT_EQ(preflight.headers.at("access-control-max-age"), "7200");
  const CurlResponse refused =
      Do("OPTIONS", "/v1/traces",
         {{"origin", "https://evil.org"}, {"access-control-request-method", "POST"}});
  EXPECT_EQ(refused.status, 204);
  EXPECT_EQ(refused.headers.count("access-control-allow-origin"), 0u);
  const CurlResponse post = Post("/v1/traces", "x", {{"origin", "https://app.example.com"}});
  EXPECT_EQ(post.headers.at("access-control-allow-origin"), "https://app.example.com");
  EXPECT_EQ(post.headers.at("vary"), "Origin");
  EXPECT_EQ(Do("OPTIONS", "/v1/traces").headers.at("allow"), "POST");
}

TEST_P(AnyTransport, Answers500WhenAReplyIsDropped) {
  Route("GET", "/forgetful", [](HttpRequest, ReplyPtr) {});
  Start();
  const CurlResponse response = Do("GET", "/forgetful");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("its handler gave no answer"));
}

TEST_P(AnyTransport, GivesHandlersTheWholeRequest) {
  HttpRequest seen;
  Route("GET", "/runs/{id}/steps/*", [&](HttpRequest request, ReplyPtr reply) {
    seen = std::move(request);
    reply->Send({200, "text/plain", {}, ""});
  });
  Start();
  const CurlResponse response =
      Do("GET", "/runs/a%20b/steps/x/y?q=1+2&r=%C3%A9", {{"X-Mixed", "V"}});
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.path, "/runs/a b/steps/x/y");
  EXPECT_EQ(seen.path_parameter("id"), "a b");
  EXPECT_EQ(seen.path_parameter("*"), "x/y");
  EXPECT_EQ(seen.parameter("q"), "1 2");
  EXPECT_EQ(seen.parameter("r"), "\xC3\xA9");
  EXPECT_EQ(seen.parameter("none"), std::nullopt);
  EXPECT_EQ(seen.header("x-mixed"), "V");
  EXPECT_EQ(seen.remote_address, "127.0.0.1");
}

TEST_P(AnyTransport, StreamsMoreThanItsBufferHolds) {
  Route("GET", "/stream", [](HttpRequest, ReplyPtr reply) {
    auto stream = reply->Stream({200, "text/event-stream", {}, "first;"});
    const std::string chunk(10'000, 's');
    for (int i = 0; i < 500; ++i) {
      if (!stream->Write(chunk)) return;
    }
    EXPECT_TRUE(stream->Write("last"));
  });
  Start();
  const CurlResponse response = Do("GET", "/stream");
  EXPECT_EQ(response.error, "");
  EXPECT_EQ(response.body.size(), 6 + 5'000'000u + 4);
  EXPECT_THAT(response.body, StartsWith("first;ss"));
  EXPECT_EQ(response.body.substr(response.body.size() - 5), "slast");
  EXPECT_EQ(Post("/echo", "again").body, "again");
  ExpectOneConnection();
}

TEST_P(AnyTransport, RefusesWhatALaneCannotHoldAndKeepsTheOtherLaneFree) {
  std::promise<void> started, release;
  std::shared_future<void> released = release.get_future().share();
  Route(
      "POST", "/slow",
      [&](HttpRequest request, ReplyPtr reply) {
        if (request.body == "first") started.set_value();
        released.wait();
        reply->Send({200, "text/plain", {}, "done"});
      },
      Lane::kIngest);
  options_.ingest_threads = 1;
  options_.max_queued_requests = 0;
  options_.query_threads = 1;
  Route("GET", "/busy", [&](HttpRequest, ReplyPtr reply) {
    reply->Send({200, "text/plain", {}, ""});
  });
  options_.max_queued_requests = 1;
  Start();
  auto first = std::async(std::launch::async, [&] {
    CurlClient client(address_);
    CurlRequest request{"POST", "/slow", {}, "first", http2_, false, ca_file_};
    return client.Do(request).body;
  });
  ASSERT_EQ(started.get_future().wait_for(kPatience), std::future_status::ready);
  // One more fits the queue; of two, one is refused.
  std::atomic<int> refused{0}, served{0};
  std::condition_variable changed;
  std::mutex mutex;
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      CurlClient client(address_);
      CurlRequest request{"POST", "/slow", {}, "more", http2_, false, ca_file_};
      const CurlResponse response = client.Do(request);
      std::lock_guard lock(mutex);
      if (response.status == 503 && response.headers.count("retry-after") == 1) ++refused;
      if (response.status == 200) ++served;
      changed.notify_all();
    });
  }
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, kPatience, [&] { return refused == 1; }));
  }
  EXPECT_EQ(Do("GET", "/busy").status, 200);
  release.set_value();
  for (auto& client : clients) client.join();
  EXPECT_EQ(first.get(), "done");
  EXPECT_EQ(served, 1);
}

TEST_P(AnyTransport, AnswersLateAndFromOtherThreads) {
  std::promise<ReplyPtr> handed;
  Route("GET", "/later", [&](HttpRequest, ReplyPtr reply) { handed.set_value(std::move(reply)); });
  Start();
  std::thread answerer([&] {
    handed.get_future().get()->Send({200, "text/plain", {}, "at last"});
  });
  EXPECT_EQ(Do("GET", "/later").body, "at last");
  answerer.join();
}

TEST_P(AnyTransport, LetsRequestsFinishWhenStopping) {
  std::promise<ReplyPtr> handed;
  Route("GET", "/later", [&](HttpRequest, ReplyPtr reply) { handed.set_value(std::move(reply)); });
  Start();
  auto response = std::async(std::launch::async, [&] { return Do("GET", "/later"); });
  ReplyPtr reply = handed.get_future().get();
  auto stopped = std::async(std::launch::async, [&] { server_->Stop(20 * kSecond); });
  reply->Send({200, "text/plain", {}, "finished"});
  const CurlResponse got = response.get();
  EXPECT_EQ(got.body, "finished") << got.error;
  EXPECT_EQ(stopped.wait_for(kPatience), std::future_status::ready);
  EXPECT_NE(Do("GET", "/later").error, "");
}

TEST_P(AnyTransport, RepliesMayOutliveTheServer) {
  std::promise<ReplyPtr> handed;
  Route("GET", "/later", [&](HttpRequest, ReplyPtr reply) { handed.set_value(std::move(reply)); });
  Start();
  auto response = std::async(std::launch::async, [&] { return Do("GET", "/later"); });
  ReplyPtr reply = handed.get_future().get();
  server_->Stop(kMillisecond);
  EXPECT_NE(response.get().error, "");
  server_.reset();
  auto stream = reply->Stream({200, "text/plain", {}, "nobody hears"});
  stream->Write("this");
  reply.reset();
}

}  // namespace
}  // namespace ao::net
