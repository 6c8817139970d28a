#include <condition_variable>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include "net/http2_client.h"
#include "net/http_server.h"
#include "net/test_peers.h"

// What only HTTP/2 has: many streams on one connection.

namespace ao::net {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

class Http2Test : public testing::Test {
 protected:
  // Echoes; under /keep only when `Answer` says so.
  void Start() {
    options_.listen = "127.0.0.1:0";
    server_ = std::move(*HttpServer::Create(options_, budget_, authenticator_));
    server_->AddRoute(
        {"POST", "/echo", Access::kPublic, Lane::kQuery, [](HttpRequest request, ReplyPtr reply) {
           request.memory.Release();  // before the answer, so that tests can count on it
           reply->Send({200, "text/plain", {}, std::move(request.body)});
         }});
    server_->AddRoute({"POST", "/keep", Access::kPublic, Lane::kQuery,
                       [this](HttpRequest request, ReplyPtr reply) {
                         std::lock_guard lock(mutex_);
                         kept_[request.body] = std::move(reply);
                         changed_.notify_all();
                       }});
    ASSERT_TRUE(server_->Start().ok());
  }
  void TearDown() override { kept_.clear(); }

  void AwaitKept(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return kept_.size() == count; }))
        << kept_.size();
  }
  void Answer(const std::string& name) {
    std::lock_guard lock(mutex_);
    kept_.at(name)->Send({200, "text/plain", {}, "answer to " + name});
    kept_.erase(name);
  }

  HttpServerOptions options_;
  MemoryBudget budget_{256 << 20};
  TestAuthenticator authenticator_;
  std::unique_ptr<HttpServer> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, ReplyPtr> kept_;  // guarded by mutex_
};

TEST_F(Http2Test, AnswersStreamsInAnyOrder) {
  Start();
  Http2Client client(server_->address());
  const int32_t a = client.Start("POST", "/keep", {}, "a");
  const int32_t b = client.Start("POST", "/keep", {}, "b", false);
  const int32_t c = client.Start("POST", "/keep", {}, "c");
  const int32_t echo = client.Start("POST", "/echo", {}, std::string(3'000'000, 'e'));
  AwaitKept(2);
  EXPECT_EQ(client.Await(echo).body.size(), 3'000'000u);
  Answer("c");
  EXPECT_EQ(client.Await(c).body, "answer to c");
  client.Continue(b, "bb", true);
  AwaitKept(2);
  Answer("bbb");
  EXPECT_EQ(client.Await(b).body, "answer to bbb");
  EXPECT_FALSE(client.answer(a).ended);
  Answer("a");
  EXPECT_EQ(client.Await(a).body, "answer to a");
}

TEST_F(Http2Test, RefusesStreamsOverTheLimit) {
  Start();
  Http2Client client(server_->address());
  std::vector<int32_t> streams;
  for (int i = 0; i < 300; ++i) {
    streams.push_back(client.Start("POST", "/keep", {}, std::to_string(i)));
  }
  EXPECT_TRUE(client.Pong());
  EXPECT_EQ(client.Setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 256u);
  AwaitKept(256);
  for (int i = 0; i < 256; ++i) Answer(std::to_string(i));
  for (int i = 0; i < 300; ++i) {
    const Http2Client::Answer& answer = client.AwaitClose(streams[size_t(i)]);
    EXPECT_EQ(answer.status, i < 256 ? 200 : 0) << i;
    EXPECT_EQ(answer.error, i < 256 ? NGHTTP2_NO_ERROR : NGHTTP2_REFUSED_STREAM) << i;
  }
  const int32_t next = client.Start("POST", "/echo", {}, "room again");
  EXPECT_EQ(client.Await(next).body, "room again");
}

TEST_F(Http2Test, LetsClientsFinishARefusedBody) {
  Start();
  Http2Client client(server_->address());
  const int32_t refused = client.Start("POST", "/nowhere", {}, "part", false);
  EXPECT_EQ(client.Await(refused).status, 404);
  EXPECT_TRUE(client.Pong());
  EXPECT_FALSE(client.answer(refused).over);
  client.Continue(refused, std::string(5'000'000, 'x'), true);
  EXPECT_EQ(client.AwaitClose(refused).error, NGHTTP2_NO_ERROR);
  const int32_t next = client.Start("POST", "/echo", {}, "next");
  EXPECT_EQ(client.Await(next).body, "next");
}

TEST_F(Http2Test, StopsARefusedBodyThatDoesNotEnd) {
  options_.idle_timeout = 100 * kMillisecond;
  Start();
  Http2Client client(server_->address());
  const int32_t refused = client.Start("POST", "/nowhere", {}, "part", false);
  const Http2Client::Answer& answer = client.AwaitClose(refused);
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(answer.over);
  EXPECT_EQ(answer.error, NGHTTP2_NO_ERROR);
}

TEST_F(Http2Test, StopsARefusedBodyThatIsEndless) {
  Start();
  Http2Client client(server_->address());
  const int32_t refused = client.Start("POST", "/nowhere", {}, "part", false);
  EXPECT_EQ(client.Await(refused).status, 404);
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 200 && !client.answer(refused).over; ++i) {
    client.Continue(refused, block, false);
    EXPECT_TRUE(client.Pong());
  }
  EXPECT_TRUE(client.answer(refused).over);
  EXPECT_EQ(client.answer(refused).error, NGHTTP2_NO_ERROR);
  const int32_t next = client.Start("POST", "/echo", {}, "next");
  EXPECT_EQ(client.Await(next).body, "next");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(Http2Test, ForgetsCancelledStreams) {
  Start();
  Http2Client client(server_->address());
  const int32_t cancelled = client.Start("POST", "/keep", {}, "kept");
  const int32_t halfway = client.Start("POST", "/echo", {}, "ha", false);
  AwaitKept(1);
  client.Cancel(cancelled);
  client.Cancel(halfway);
  EXPECT_TRUE(client.Pong());
  EXPECT_EQ(budget_.used(), 0u);
  Answer("kept");
  const int32_t next = client.Start("POST", "/echo", {}, "next");
  EXPECT_EQ(client.Await(next).body, "next");
  EXPECT_EQ(client.answer(cancelled).status, 0);
}

TEST_F(Http2Test, EndsConnectionsThatOnlyCancel) {
  Start();
  Http2Client client(server_->address());
  int cancelled = 0;
  while (cancelled < 5000) {
    const int32_t stream = client.Start("POST", "/echo", {}, "x", false);
    if (stream < 0) break;  // told to go away
    client.Cancel(stream);
    if (++cancelled % 100 == 0 && !client.Pong()) break;
  }
  EXPECT_GE(cancelled, 1000);
  EXPECT_LT(cancelled, 5000);
}

}  // namespace
}  // namespace ao::net
