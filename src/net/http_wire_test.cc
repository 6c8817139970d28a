#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http2_client.h"
#include "net/http_server.h"
#include "net/test_peers.h"

// What only shows on the wire: raw bytes in, raw bytes out.

namespace ao::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto kPatience = std::chrono::seconds(20);
constexpr char kGet[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

class HttpWireTest : public testing::Test {
 protected:
  HttpWireTest() {
    options_.listen = "127.0.0.1:0";
    Route("GET", "/hello", [](HttpRequest, ReplyPtr reply) {
      reply->Send({200, "text/plain", {}, "hello"});
    });
    Route("POST", "/echo", [](HttpRequest request, ReplyPtr reply) {
      reply->Send({200, "text/plain", {}, std::move(request.body)});
    });
  }
  void Route(std::string method, std::string pattern, HttpHandler handler) {
    routes_.push_back(
        {std::move(method), std::move(pattern), Access::kPublic, Lane::kQuery, std::move(handler)});
  }
  void Start() {
    server_ = std::move(*HttpServer::Create(options_, budget_, authenticator_));
    for (auto& route : routes_) server_->AddRoute(std::move(route));
    ASSERT_TRUE(server_->Start().ok());
    address_ = server_->address();
  }

  HttpServerOptions options_;
  MemoryBudget budget_{64 << 20};
  TestAuthenticator authenticator_;
  std::vector<net::Route> routes_;
  std::unique_ptr<HttpServer> server_;
  std::string address_;
};

TEST_F(HttpWireTest, AnswersPipelinedRequestsInOrder) {
  Start();
  RawClient client(address_);
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
      "\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nth\r\n3;x=y\r\nree\r\n0\r\nTrailer: 1\r\n\r\n"
      "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\none"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\nhello"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\nthree"));
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("connection: close\r\n\r\nhello"));
  EXPECT_TRUE(client.ended_in_order());
}

TEST_F(HttpWireTest, ReadsRequestsThatArriveByteByByte) {
  Start();
  RawClient client(address_);
  for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                                  "\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")) {
    client.Send({&c, 1});
  }
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\nabc"));
}

TEST_F(HttpWireTest, SaysContinueOnlyToThoseItWillHear) {
  options_.max_body_bytes = 100;
  Start();
  RawClient client(address_);
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("body");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\nbody"));
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 400\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 413 "));
  RawClient other(address_);
  other.Send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 4\r\n\r\n");
  EXPECT_THAT(other.ReadToEnd(), StartsWith("HTTP/1.1 417 "));
}

TEST_F(HttpWireTest, DeliversARefusalWhileTheClientIsStillSending) {
  options_.max_body_bytes = 1000;
  Start();
  RawClient client(address_);
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.Send(chunk)) << i;
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 413 "));
  EXPECT_TRUE(client.ended_in_order());
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(HttpWireTest, KeepsTheConnectionAfterASmallRefusedBody) {
  options_.max_body_bytes = 1000;
  Start();
  RawClient client(address_);
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 413 "));
  client.Send(std::string(2000, 'x') + kGet);
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\nhello"));
}

TEST_F(HttpWireTest, RefusesMalformedRequests) {
  Start();
  for (const char* request : {
           "NONSENSE\r\n\r\n",
           "GET /hello HTTP/1.1\r\n\r\n",  // no Host
           "GET /hello HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
           "\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
           "GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
       }) {
    RawClient client(address_);
    client.Send(request);
    client.EndSending();
    EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400 ")) << request;
  }
}

TEST_F(HttpWireTest, LimitsTheHead) {
  Start();
  RawClient client(address_);
  client.Send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(60'000, 'x') + "\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\n\r\nhello"));
  client.Send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(70'000, 'x') + "\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpWireTest, SpeaksToOldClients) {
  Route("GET", "/stream", [](HttpRequest, ReplyPtr reply) {
    reply->Stream({200, "text/plain", {}, "a"})->Write("b");
  });
  Start();
  RawClient client(address_);
  client.Send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("connection: keep-alive"));
  client.Send("GET /stream HTTP/1.0\r\n\r\n");
  const std::string response = client.ReadToEnd();
  EXPECT_THAT(response, Not(HasSubstr("chunked")));
  EXPECT_THAT(response, HasSubstr("\r\n\r\nab"));
}

TEST_F(HttpWireTest, AnswersAClientThatHasFinishedSending) {
  Start();
  RawClient client(address_);
  client.Send(kGet);
  client.EndSending();
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("\r\n\r\nhello"));
}

TEST_F(HttpWireTest, ClosesIdleAndSlowConnections) {
  options_.idle_timeout = 200 * kMillisecond;
  options_.read_header_timeout = 300 * kMillisecond;
  Start();
  RawClient silent(address_), slow(address_), idle(address_), stuck(address_);
  slow.Send("GET /hello HTTP/1.1\r\nHost:");
  stuck.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  idle.Send(kGet);
  EXPECT_THAT(slow.ReadToEnd(), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(stuck.ReadToEnd(), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(idle.ReadToEnd(), HasSubstr("\r\n\r\nhello"));
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_TRUE(silent.ended_in_order());
}

TEST_F(HttpWireTest, DropsAReaderThatNeverReads) {
  options_.write_timeout = 200 * kMillisecond;
  std::promise<bool> outcome;
  Route("GET", "/stream", [&](HttpRequest, ReplyPtr reply) {
    auto stream = reply->Stream({200, "text/plain", {}, ""});
    const std::string chunk(100'000, 's');
    while (stream->Write(chunk)) {
    }
    outcome.set_value(stream->closed());
  });
  Start();
  RawClient client(address_);
  client.Send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  auto closed = outcome.get_future();
  ASSERT_EQ(closed.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(closed.get());
}

TEST_F(HttpWireTest, TellsStreamsThatTheClientHasGone) {
  std::promise<std::shared_ptr<ResponseStream>> opened;
  Route("GET", "/events", [&](HttpRequest, ReplyPtr reply) {
    opened.set_value(reply->Stream({200, "text/event-stream", {}, "data: 1\n\n"}));
  });
  Start();
  auto client = std::make_unique<RawClient>(address_);
  client->Send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client->ReadUntil("9\r\ndata: 1\n\n\r\n"), HasSubstr("transfer-encoding: chunked"));
  const auto stream = opened.get_future().get();
  EXPECT_TRUE(stream->Write("data: 2\n\n"));
  EXPECT_EQ(client->ReadUntil("\n\n\r\n"), "9\r\ndata: 2\n\n\r\n");
  client.reset();
  // Writing blocks at most until the connection notices.
  while (stream->Write(std::string(100'000, 'x'))) {
  }
  EXPECT_TRUE(stream->closed());
}

TEST_F(HttpWireTest, EndsStreamsWhenStopping) {
  std::promise<std::shared_ptr<ResponseStream>> opened;
  Route("GET", "/events", [&](HttpRequest, ReplyPtr reply) {
    opened.set_value(reply->Stream({200, "text/event-stream", {}, "data: 1\n\n"}));
  });
  Start();
  RawClient client(address_);
  client.Send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ReadUntil("\n\n\r\n");
  const auto stream = opened.get_future().get();
  server_->Stop(10 * kSecond);
  EXPECT_FALSE(stream->Write("more"));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpWireTest, ClosesIdleConnectionsAtOnceWhenStopping) {
  Start();
  RawClient silent(address_), idle(address_), closing(address_), halfway(address_);
  Http2Client http2(address_);
  http2.Await(http2.Start("GET", "/hello", {}, ""));
  idle.Send(kGet);
  EXPECT_THAT(idle.ReadResponse(), HasSubstr("hello"));
  halfway.Send("PRI * HTTP/2.0");
  closing.Send("NONSENSE\r\n\r\n");  // stays open for a while, for the answer to be read
  closing.ReadResponse();
  auto stopped = std::async(std::launch::async, [&] { server_->Stop(kHour); });
  EXPECT_EQ(stopped.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(idle.ReadToEnd() + silent.ReadToEnd() + halfway.ReadToEnd(), "");
  while (http2.Receive()) {
  }
}

TEST_F(HttpWireTest, SurvivesClientsThatLeaveAtAnyPoint) {
  std::mutex mutex;
  std::vector<ReplyPtr> kept;
  std::condition_variable changed;
  Route("POST", "/keep", [&](HttpRequest, ReplyPtr reply) {
    std::lock_guard lock(mutex);
    kept.push_back(std::move(reply));
    changed.notify_all();
  });
  Start();
  const std::string request =
      "POST /keep HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789";
  for (size_t size = 0; size < request.size(); size += 7) {
    RawClient client(address_);
    client.Send(request.substr(0, size));
    client.Reset();
  }
  for (int i = 0; i < 5; ++i) {
    RawClient client(address_);
    client.Send(request);
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return kept.size() == size_t(i) + 1; }));
    client.Reset();
  }
  for (const auto& reply : kept) reply->Send({200, "text/plain", {}, "too late"});
  kept.clear();
  RawClient client(address_);
  client.Send(kGet);
  EXPECT_THAT(client.ReadResponse(), HasSubstr("hello"));
}

TEST_F(HttpWireTest, TellsConnectionsOverTheLimitToComeBack) {
  options_.max_connections = 2;
  Start();
  RawClient first(address_), second(address_);
  first.Send(kGet);
  second.Send(kGet);
  EXPECT_THAT(first.ReadResponse(), HasSubstr("hello"));
  EXPECT_THAT(second.ReadResponse(), HasSubstr("hello"));
  RawClient third(address_);
  third.Send(kGet);
  const std::string refused = third.ReadToEnd();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("retry-after: 1"));
  first.Send(kGet);
  EXPECT_THAT(first.ReadResponse(), HasSubstr("hello"));
}

TEST_F(HttpWireTest, ServesAThousandConnectionsAtOnce) {
  rlimit files = {};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &files);
  Start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(std::make_unique<RawClient>(address_));
  for (int round = 0; round < 2; ++round) {
    for (const auto& client : clients) ASSERT_TRUE(client->Send(kGet));
    for (const auto& client : clients) EXPECT_THAT(client->ReadResponse(), HasSubstr("hello"));
  }
}

TEST_F(HttpWireTest, SaysGoawayToHttp2ClientsWhenStopping) {
  Start();
  RawClient client(address_);
  client.Send(std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") +
              std::string("\0\0\0\4\0\0\0\0\0", 9));
  // SETTINGS with MAX_CONCURRENT_STREAMS 256 come first.
  EXPECT_THAT(client.ReadUntil(std::string("\0\3\0\0\1\0", 6)), Not(testing::IsEmpty()));
  // The acknowledgement of ours.
  client.ReadUntil(std::string("\0\0\0\4\1\0\0\0\0", 9));
  server_->Stop(10 * kSecond);
  const std::string goodbye = client.ReadToEnd();
  EXPECT_THAT(goodbye, HasSubstr(std::string("\0\0\x08\7\0\0\0\0\0", 9)));
  EXPECT_TRUE(client.ended_in_order());
}

TEST_F(HttpWireTest, EndsHttp2ConnectionsThatBreakTheProtocol) {
  Start();
  RawClient client(address_);
  client.Send(std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string(200, '\xff'));
  EXPECT_THAT(client.ReadToEnd(), HasSubstr(std::string("\7\0\0\0\0\0", 6)));
  RawClient half(address_);
  half.Send("PRI * HTTP/2.0\r\n\r\nSM");
  half.EndSending();
  EXPECT_EQ(half.ReadToEnd(), "");
}

TEST_F(HttpWireTest, SaysWhyItCannotListen) {
  Start();
  options_.listen = address_;
  auto second = HttpServer::Create(options_, budget_, authenticator_);
  EXPECT_EQ((*second)->Start().message(),
            "cannot listen on " + address_ + ": address already in use");
  options_.listen = "nonsense";
  auto third = HttpServer::Create(options_, budget_, authenticator_);
  EXPECT_EQ((*third)->Start().message(), "cannot listen on \"nonsense\": expected host:port");
  options_.tls.certificate_file = "/nonexistent/cert.pem";
  EXPECT_THAT(HttpServer::Create(options_, budget_, authenticator_).status().message(),
              StartsWith("cannot use TLS certificate /nonexistent/cert.pem: "));
}

}  // namespace
}  // namespace ao::net
