#include "net/grpc_server.h"

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <protozero/pbf_reader.hpp>

#include "net/grpc_status.h"
#include "net/http2_client.h"
#include "net/test_peers.h"

namespace ao::net {
namespace {

using testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(20);
constexpr char kEcho[] = "/test.Service/Echo";

struct CallOptions {
  HeaderList metadata;
  std::chrono::milliseconds deadline = kPatience;
  grpc_compression_algorithm compression = GRPC_COMPRESS_NONE;
};

struct Answer {
  grpc::Status status;
  std::string message;
};

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return out;
  for (const auto& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

class GrpcServerTest : public testing::Test {
 protected:
  GrpcServerTest() { options_.listen = "127.0.0.1:0"; }

  void Start(GrpcHandler handler = nullptr) {
    auto server = GrpcServer::Create(options_, budget_, *authenticator_);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = std::move(*server);
    server_->AddMethod(kEcho, [](GrpcRequest request, GrpcReplyPtr reply) {
      request.memory.Release();  // before the answer, so that tests can count on it
      reply->Send(std::move(request.message));
    });
    if (handler != nullptr) server_->AddMethod("/test.Service/Own", std::move(handler));
    ASSERT_TRUE(server_->Start().ok());
    channel_ = Connect(grpc::InsecureChannelCredentials(), server_->address());
  }

  static std::shared_ptr<grpc::Channel> Connect(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials, const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt("grpc.use_local_subchannel_pool", 1);
    return grpc::CreateCustomChannel(address, credentials, arguments);
  }

  Answer Call(const std::string& method, const std::string& message, CallOptions how = {}) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    for (const auto& [name, value] : how.metadata) context.AddMetadata(name, value);
    context.set_deadline(std::chrono::system_clock::now() + how.deadline);
    context.set_compression_algorithm(how.compression);
    grpc::CompletionQueue queue;
    const grpc::Slice slice(message);
    const grpc::ByteBuffer request(&slice, 1);
    auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    Answer answer;
    grpc::ByteBuffer response;
    call->Finish(&response, &answer.status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    answer.message = ToString(response);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    return answer;
  }

  GrpcServerOptions options_;
  MemoryBudget budget_{256 << 20};
  std::unique_ptr<TestAuthenticator> authenticator_ = std::make_unique<TestAuthenticator>();
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// The retry delay in an encoded google.rpc.Status, if any.
std::optional<int64_t> RetrySeconds(const std::string& details) {
  protozero::pbf_reader status(details);
  while (status.next(3)) {
    protozero::pbf_reader any = status.get_message();
    std::string type, value;
    while (any.next()) {
      if (any.tag() == 1) {
        type = any.get_string();
      } else {
        value = any.get_string();
      }
    }
    if (type != "type.googleapis.com/google.rpc.RetryInfo") continue;
    protozero::pbf_reader info(value);
    while (info.next(1)) {
      protozero::pbf_reader delay = info.get_message();
      return delay.next(1) ? delay.get_int64() : 0;
    }
  }
  return std::nullopt;
}

TEST_F(GrpcServerTest, EchoesMessagesOfAllSizes) {
  Start();
  for (const size_t size : {0ul, 1ul, 5000ul, 3'000'000ul, 30'000'000ul}) {
    const std::string message(size, 'm');
    const Answer answer = Call(kEcho, message);
    ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
    EXPECT_TRUE(answer.message == message) << size;
  }
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(GrpcServerTest, TakesCompressedMessages) {
  Start();
  const std::string message(100'000, 'c');
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    CallOptions how;
    how.compression = algorithm;
    EXPECT_EQ(Call(kEcho, message, how).message, message);
  }
}

TEST_F(GrpcServerTest, RefusesMessagesOverTheLimitForGood) {
  options_.max_message_bytes = 100'000;
  Start();
  EXPECT_TRUE(Call(kEcho, std::string(100'000, 'x')).status.ok());
  const Answer large = Call(kEcho, std::string(100'001, 'x'));
  EXPECT_EQ(large.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(large.status.error_details(), "");
  CallOptions how;
  how.compression = GRPC_COMPRESS_GZIP;
  const Answer bomb = Call(kEcho, std::string(50 << 20, '\0'), how);
  EXPECT_EQ(bomb.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Call(kEcho, "still here").status.ok());
}

TEST_F(GrpcServerTest, DoesNotKnowOtherMethods) {
  Start();
  const Answer answer = Call("/test.Service/Nothing", "x");
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(answer.status.error_message(), "cannot call /test.Service/Nothing: no such method");
}

TEST_F(GrpcServerTest, AnswersHealthChecks) {
  Start();
  EXPECT_EQ(Call("/grpc.health.v1.Health/Check", "").message, "\x08\x01");
  EXPECT_EQ(Call("/grpc.health.v1.Health/Check", "\x0a\x0ctest.Service").message, "\x08\x01");
  EXPECT_EQ(Call("/grpc.health.v1.Health/Check", "\x0a\x05other").status.error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Call("/grpc.health.v1.Health/Check", "\xff\xff").status.error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(GrpcServerTest, ChecksKeysInMetadata) {
  authenticator_ = std::make_unique<TestAuthenticator>(true);
  Start();
  EXPECT_EQ(Call(kEcho, "x").status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  CallOptions how;
  how.metadata = {{"authorization", "Bearer read"}};
  EXPECT_EQ(Call(kEcho, "x", how).status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  how.metadata = {{"authorization", "Bearer ingest"}};
  EXPECT_EQ(Call(kEcho, "x", how).message, "x");
}

TEST_F(GrpcServerTest, GivesHandlersTheWholeRequest) {
  GrpcRequest seen;
  Start([&](GrpcRequest request, GrpcReplyPtr reply) {
    seen = std::move(request);
    reply->Send("ok");
  });
  CallOptions how;
  how.metadata = {{"x-project-name", "loans"}};
  EXPECT_EQ(Call("/test.Service/Own", "body", how).message, "ok");
  EXPECT_EQ(seen.method, "/test.Service/Own");
  EXPECT_EQ(seen.message, "body");
  EXPECT_THAT(seen.metadata, testing::Contains(testing::Pair("x-project-name", "loans")));
  EXPECT_THAT(seen.remote_address, HasSubstr("127.0.0.1"));
  EXPECT_GE(seen.memory.bytes(), 4u);
  seen = {};
}

TEST_F(GrpcServerTest, CarriesFailuresWithRetryInfo) {
  Start([](GrpcRequest request, GrpcReplyPtr reply) {
    if (request.message == "busy") return reply->Fail(Unavailable("store is busy"), 3 * kSecond);
    if (request.message == "bad") return reply->Fail(InvalidArgument("no spans"), std::nullopt);
  });
  const Answer busy = Call("/test.Service/Own", "busy");
  EXPECT_EQ(busy.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(busy.status.error_message(), "store is busy");
  EXPECT_EQ(RetrySeconds(busy.status.error_details()), 3);
  const Answer bad = Call("/test.Service/Own", "bad");
  EXPECT_EQ(bad.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(bad.status.error_details(), "");
  EXPECT_EQ(Call("/test.Service/Own", "dropped").status.error_code(), grpc::StatusCode::INTERNAL);
}

TEST_F(GrpcServerTest, AsksToRetryWhenMemoryIsShort) {
  Start();
  MemoryBudget::Lease others = budget_.NewLease();
  ASSERT_TRUE(others.Grow(budget_.limit() - 1000));
  const Answer refused = Call(kEcho, std::string(5000, 'x'));
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(RetrySeconds(refused.status.error_details()), 1);
  EXPECT_TRUE(Call(kEcho, "small").status.ok());
  ASSERT_TRUE(others.Grow(1000));
  EXPECT_EQ(Call(kEcho, "small").status.error_code(), grpc::StatusCode::UNAVAILABLE);
  others.Release();
  EXPECT_TRUE(Call(kEcho, std::string(5000, 'x')).status.ok());
}

TEST_F(GrpcServerTest, AsksToRetryWhenTooManyWait) {
  options_.ingest_threads = 1;
  options_.max_queued_requests = 0;
  Start();
  const Answer refused = Call(kEcho, "x");
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(RetrySeconds(refused.status.error_details()), 1);
}

TEST_F(GrpcServerTest, HonoursTheClientsDeadline) {
  std::promise<GrpcReplyPtr> handed;
  Start([&](GrpcRequest, GrpcReplyPtr reply) { handed.set_value(std::move(reply)); });
  CallOptions how;
  how.deadline = std::chrono::milliseconds(200);
  EXPECT_EQ(Call("/test.Service/Own", "x", how).status.error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  handed.get_future().get()->Send("too late");
  EXPECT_EQ(Call(kEcho, "next").message, "next");
}

// A call as it goes over the wire.
const HeaderList kCallHeaders = {{"te", "trailers"}, {"content-type", "application/grpc"}};

std::string Frame(char compressed, std::string_view message) {
  std::string frame = {compressed, 0, 0, 0, static_cast<char>(message.size())};
  return frame.append(message);
}

TEST_F(GrpcServerTest, CancelsCallsAtTheDeadlineTheyCarry) {
  std::promise<GrpcReplyPtr> handed;
  Start([&](GrpcRequest, GrpcReplyPtr reply) { handed.set_value(std::move(reply)); });
  Http2Client client(server_->address());
  HeaderList headers = kCallHeaders;
  headers.emplace_back("grpc-timeout", "100m");
  const int32_t late = client.Start("POST", "/test.Service/Own", headers, Frame(0, "x"));
  const auto& answer = client.AwaitClose(late);
  EXPECT_TRUE(answer.over);
  EXPECT_EQ(answer.body, "");
  handed.get_future().get()->Send("too late");
  const int32_t next = client.Start("POST", kEcho, headers, Frame(0, "next"));
  EXPECT_EQ(client.Await(next).body, Frame(0, "next"));
}

TEST_F(GrpcServerTest, RefusesMessagesThatSayTheyAreCompressedWithNothing) {
  Start();
  Http2Client client(server_->address());
  const int32_t plain = client.Start("POST", kEcho, kCallHeaders, Frame(0, "fine"));
  EXPECT_EQ(client.Await(plain).headers.at("grpc-status"), "0");
  for (const char* encoding : {"", "identity"}) {
    HeaderList headers = kCallHeaders;
    if (*encoding != '\0') headers.emplace_back("grpc-encoding", encoding);
    const int32_t flagged = client.Start("POST", kEcho, headers, Frame(1, "what is this"));
    const auto& answer = client.Await(flagged);
    EXPECT_EQ(answer.headers.at("grpc-status"), "13") << encoding;
    EXPECT_EQ(answer.body, "");
  }
}

TEST_F(GrpcServerTest, SaysHowManyCallsAConnectionMayCarry) {
  options_.max_concurrent_streams = 7;
  Start();
  Http2Client client(server_->address());
  EXPECT_TRUE(client.Pong());
  EXPECT_EQ(client.Setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 7u);
}

TEST_F(GrpcServerTest, CallsAboveTheLimitWaitForTheirTurn) {
  options_.max_concurrent_streams = 3;
  options_.ingest_threads = 4;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<GrpcReplyPtr> waiting;
  Start([&](GrpcRequest, GrpcReplyPtr reply) {
    std::lock_guard lock(mutex);
    waiting.push_back(std::move(reply));
    changed.notify_all();
  });
  const auto await_waiting = [&](size_t n) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, kPatience, [&] { return waiting.size() >= n; }));
    EXPECT_EQ(waiting.size(), n);
    return std::exchange(waiting, {});
  };
  Http2Client client(server_->address());
  ASSERT_TRUE(client.Pong());  // the limit is known
  std::vector<int32_t> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(client.Start("POST", "/test.Service/Own", kCallHeaders, Frame(0, "x")));
  }
  ASSERT_TRUE(client.Pong());
  for (const size_t batch : {3u, 3u, 2u}) {
    for (const GrpcReplyPtr& reply : await_waiting(batch)) reply->Send("done");
    for (size_t i = 0; i < batch; ++i) {
      EXPECT_EQ(client.Await(calls[i]).headers.at("grpc-status"), "0");
    }
    calls.erase(calls.begin(), calls.begin() + static_cast<ptrdiff_t>(batch));
    ASSERT_TRUE(client.Pong());
  }
}

TEST_F(GrpcServerTest, EndsConnectionsThatIgnoreTheLimit) {
  options_.max_concurrent_streams = 3;
  Start();
  const auto frame = [](char type, char flags, char stream, std::string_view payload) {
    std::string bytes = {0, 0, static_cast<char>(payload.size()), type, flags, 0, 0, 0, stream};
    return bytes.append(payload);
  };
  const auto literal = [](std::string_view name, std::string_view value) {
    std::string field(1, '\0');  // never indexed by the other side
    for (const std::string_view text : {name, value}) {
      field.push_back(static_cast<char>(text.size()));
      field.append(text);
    }
    return field;
  };
  const std::string headers = literal(":method", "POST") + literal(":scheme", "http") +
                              literal(":path", kEcho) + literal(":authority", "localhost") +
                              literal("te", "trailers") +
                              literal("content-type", "application/grpc");
  RawClient client(server_->address());
  const std::string acknowledgement = frame(4, 1, 0, "");
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, ""));
  client.ReadUntil(acknowledgement);  // after the server's own settings
  client.Send(acknowledgement);
  for (char stream = 1; stream <= 9; stream += 2) client.Send(frame(1, 4, stream, headers));
  // The calls within the limit fail as unavailable, the others are not even begun.
  const std::string answer = client.ReadToEnd();
  size_t unavailable = 0;
  for (size_t at = 0; (at = answer.find("grpc-status\x02"
                                        "14",
                                        at)) != std::string::npos;
       ++at) {
    ++unavailable;
  }
  EXPECT_EQ(unavailable, 3u);
  EXPECT_EQ(Call(kEcho, "others go on").message, "others go on");
}

TEST_F(GrpcServerTest, FinishesCallsWhenStopping) {
  std::promise<GrpcReplyPtr> handed;
  Start([&](GrpcRequest, GrpcReplyPtr reply) { handed.set_value(std::move(reply)); });
  auto answer = std::async(std::launch::async, [&] { return Call("/test.Service/Own", "x"); });
  GrpcReplyPtr reply = handed.get_future().get();
  auto stopped = std::async(std::launch::async, [&] { server_->Stop(20 * kSecond); });
  reply->Send("finished");
  EXPECT_EQ(answer.get().message, "finished");
  reply.reset();
  EXPECT_EQ(stopped.wait_for(kPatience), std::future_status::ready);
}

TEST_F(GrpcServerTest, RepliesMayOutliveTheServer) {
  std::promise<GrpcReplyPtr> handed;
  Start([&](GrpcRequest, GrpcReplyPtr reply) { handed.set_value(std::move(reply)); });
  auto answer = std::async(std::launch::async, [&] { return Call("/test.Service/Own", "x"); });
  GrpcReplyPtr reply = handed.get_future().get();
  server_->Stop(kMillisecond);
  EXPECT_FALSE(answer.get().status.ok());
  server_.reset();
  reply->Send("nobody hears");
  reply.reset();
}

TEST_F(GrpcServerTest, ServesManyCallsAtOnce) {
  Start();
  std::vector<std::thread> clients;
  std::atomic<int> served{0};
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      for (int k = 0; k < 50; ++k) {
        const std::string message = std::to_string(i * 1000 + k);
        if (Call(kEcho, message).message == message) ++served;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(served, 400);
}

TEST_F(GrpcServerTest, SpeaksTls) {
  const TestCertificate certificate;
  options_.tls.certificate_file = certificate.certificate_file;
  options_.tls.key_file = certificate.key_file;
  Start();
  std::ifstream file(certificate.certificate_file);
  grpc::SslCredentialsOptions trusted;
  trusted.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
  channel_ = Connect(grpc::SslCredentials(trusted), server_->address());
  EXPECT_EQ(Call(kEcho, "secret").message, "secret");
}

TEST_F(GrpcServerTest, SaysWhyItCannotStart) {
  Start();
  options_.listen = server_->address();
  auto second = GrpcServer::Create(options_, budget_, *authenticator_);
  const Status status = (*second)->Start();
  EXPECT_THAT(status.message(), HasSubstr("cannot listen on " + options_.listen));
  options_.tls.certificate_file = "/nonexistent/cert.pem";
  EXPECT_EQ(GrpcServer::Create(options_, budget_, *authenticator_).status().message(),
            "cannot use TLS certificate /nonexistent/cert.pem: not readable");
}

}  // namespace
}  // namespace ao::net
