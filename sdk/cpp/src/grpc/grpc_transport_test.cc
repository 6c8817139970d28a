#include "grpc/grpc_transport.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "grpc/testing_server.h"
#include "testing.h"
#include "tiny_server.h"

namespace observatory {
namespace {

using std::chrono::milliseconds;
using Outcome = ExportResponse::Outcome;
using testing::Call;
using testing::GrpcAnswer;
using testing::GrpcServer;
using testing::OverGrpcTo;
using testing::TinyServer;

std::string RetryInfo(char seconds) {
  const std::string delay{'\x08', seconds};
  const std::string info = std::string("\x0A") + static_cast<char>(delay.size()) + delay;
  const std::string type = "type.googleapis.com/google.rpc.RetryInfo";
  const std::string any = std::string("\x0A") + static_cast<char>(type.size()) + type + "\x12" +
                          static_cast<char>(info.size()) + info;
  return std::string("\x08\x0E\x1A") + static_cast<char>(any.size()) + any;
}

TEST(GrpcTransportTest, SendsEverySignalToItsMethod) {
  GrpcServer server;
  Options options = OverGrpcTo(server.url());
  options.headers = {{"Authorization", "Bearer k"}};
  const Sdk sdk = Sdk::create(std::move(options));
  sdk.tracer("lib").start_span("over grpc").end();
  sdk.meter().counter("c").add(1);
  sdk.logger().emit("hello");
  EXPECT_TRUE(sdk.shutdown());
  std::map<std::string, Call> by_method;
  for (const Call& call : server.calls()) by_method[call.method] = call;
  ASSERT_EQ(by_method.size(), 3u);
  const std::string prefix = "/opentelemetry.proto.collector.";
  ASSERT_TRUE(by_method.contains(prefix + "metrics.v1.MetricsService/Export"));
  const Call& traces = by_method.at(prefix + "trace.v1.TraceService/Export");
  EXPECT_TRUE(traces.has_deadline);
  EXPECT_EQ(traces.metadata.at("authorization"), "Bearer k");
  EXPECT_TRUE(traces.metadata.at("user-agent").starts_with("OTel-OTLP-Exporter-Observatory-Cpp/"));
  EXPECT_EQ(testing::Spans({traces.body}).at(0).name, "over grpc");
  const Call& logs = by_method.at(prefix + "logs.v1.LogsService/Export");
  EXPECT_EQ(testing::Logs({logs.body}).at(0).body, Value("hello"));
}

TEST(GrpcTransportTest, LargeBatchesArriveWithAndWithoutCompression) {
  for (const Compression compression : {Compression::kNone, Compression::kGzip}) {
    GrpcServer server;
    Options options = OverGrpcTo(server.url());
    options.compression = compression;
    const Sdk sdk = Sdk::create(std::move(options));
    sdk.tracer().start_span("large").set_attribute("text", std::string(3 << 20, 'x')).end();
    EXPECT_TRUE(sdk.shutdown());
    EXPECT_GT(server.calls().at(0).body.size(), size_t{3} << 20);
  }
}

TEST(GrpcTransportTest, RetriesWhatMayBeRetried) {
  std::atomic<int> count{0};
  GrpcServer server([&](const Call&) -> GrpcAnswer {
    if (count++ < 2) return {.status = grpc::Status(grpc::UNAVAILABLE, "soon")};
    return {};
  });
  const Sdk sdk = Sdk::create(OverGrpcTo(server.url()));
  sdk.tracer().start_span("a").end();
  EXPECT_TRUE(sdk.flush());
  EXPECT_EQ(sdk.stats(Signal::kTraces).retries, 2u);
  EXPECT_EQ(sdk.stats(Signal::kTraces).exported, 1u);
  sdk.shutdown();
}

TEST(GrpcTransportTest, CountsWhatIsRefusedAndWhatIsRejected) {
  std::atomic<bool> refuse{true};
  GrpcServer server([&](const Call&) -> GrpcAnswer {
    if (refuse) return {.status = grpc::Status(grpc::UNAUTHENTICATED, "who are you")};
    return {.body = std::string("\x0A\x07\x08\x01\x12\x03"
                                "bad")};
  });
  const Sdk sdk = Sdk::create(OverGrpcTo(server.url()));
  sdk.tracer().start_span("refused").end();
  EXPECT_FALSE(sdk.flush());
  refuse = false;
  sdk.tracer().start_span("rejected").end();
  sdk.tracer().start_span("taken").end();
  EXPECT_FALSE(sdk.shutdown());
  EXPECT_EQ(sdk.stats(Signal::kTraces).dropped_refused, 2u);
  EXPECT_EQ(sdk.stats(Signal::kTraces).exported, 1u);
}

TEST(GrpcTransportTest, GivesUpAtTheDeadline) {
  GrpcServer server([](const Call&) -> GrpcAnswer { return {.never = true}; });
  Endpoint endpoint;
  endpoint.url = server.url();
  endpoint.timeout = milliseconds(30);
  const auto transport = detail::MakeGrpcTransport(Signal::kTraces, endpoint);
  const ExportResponse response = transport->send({.body = "x"});
  EXPECT_EQ(response.outcome, Outcome::kRetry);
  EXPECT_NE(response.message.find("DEADLINE_EXCEEDED"), std::string::npos) << response.message;
}

TEST(GrpcTransportTest, ShutdownDoesNotWaitForASilentServer) {
  GrpcServer server([](const Call&) -> GrpcAnswer { return {.never = true}; });
  const Sdk sdk = Sdk::create(OverGrpcTo(server.url()));
  sdk.tracer().start_span("a").end();
  EXPECT_FALSE(sdk.shutdown(milliseconds(20)));
  EXPECT_EQ(sdk.stats(Signal::kTraces).dropped_expired, 1u);
}

TEST(GrpcTransportTest, WhatWaitedArrivesWhenTheServerIsBack) {
  auto server = std::make_unique<GrpcServer>();
  const int port = server->port();
  const Sdk sdk = Sdk::create(OverGrpcTo(server->url()));
  sdk.tracer().start_span("before").end();
  EXPECT_TRUE(sdk.flush());
  server.reset();
  sdk.tracer().start_span("while away").end();
  EXPECT_FALSE(sdk.flush(milliseconds(20)));
  server = std::make_unique<GrpcServer>(GrpcServer::Handler(), port);
  EXPECT_TRUE(sdk.flush());
  EXPECT_EQ(server->calls().size(), 1u);
  EXPECT_EQ(sdk.stats(Signal::kTraces).exported, 2u);
  sdk.shutdown();
}

TEST(GrpcTransportTest, AHeaderThatGrpcCannotSendIsReported) {
  std::string problem;
  Options options = OverGrpcTo("http://127.0.0.1:9");
  options.headers = {{"bad header", "x"}};
  options.on_problem = [&](std::string_view text) { problem = text; };
  const Sdk sdk = Sdk::create(std::move(options));
  sdk.tracer().start_span("a").end();
  EXPECT_FALSE(sdk.shutdown());
  EXPECT_EQ(problem,
            "cannot send telemetry to http://127.0.0.1:9 by grpc: the header 'bad header' is none "
            "of gRPC");
}

// gRPC does not survive a fork: the child goes on by HTTP, the parent as before.
TEST(GrpcTransportTest, BothSidesOfAForkSend) {
  auto server = std::make_unique<GrpcServer>();
  const int port = server->port();
  const Sdk sdk = Sdk::create(OverGrpcTo(server->url()));
  sdk.tracer().start_span("before").end();
  EXPECT_TRUE(sdk.flush());
  server.reset();
  std::string head;
  {
    TinyServer http(
        [&](const testing::HttpRequest& request) {
          head = request.head;
          return testing::Answer("200 OK");
        },
        port);
    const pid_t child = fork();
    if (child == 0) {
      sdk.tracer().start_span("child").end();
      _exit(sdk.flush() && sdk.stats(Signal::kTraces).exported == 1 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_TRUE(head.starts_with("POST /v1/traces HTTP")) << head;
  server = std::make_unique<GrpcServer>(GrpcServer::Handler(), port);
  sdk.tracer().start_span("parent").end();
  EXPECT_TRUE(sdk.flush());
  EXPECT_EQ(server->calls().size(), 1u);
  sdk.shutdown();
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(GrpcTransportTest, SpeaksTlsWithTheGivenCertificates) {
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("observatory-tls-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string key = folder / "key.pem", certificate = folder / "certificate.pem";
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
      "/CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout " +
      key + " -out " + certificate + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "there is no openssl to make a key with";
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = ReadFile(certificate);
  tls.pem_key_cert_pairs = {{ReadFile(key), ReadFile(certificate)}};
  GrpcServer server({}, 0, grpc::SslServerCredentials(tls));
  Endpoint endpoint;
  endpoint.url = "https://127.0.0.1:" + std::to_string(server.port());
  endpoint.certificate = endpoint.client_certificate = certificate;
  endpoint.client_key = key;
  const auto send = [](const Endpoint& to) {
    return detail::MakeGrpcTransport(Signal::kLogs, to)->send({.body = ""});
  };
  const ExportResponse response = send(endpoint);
  EXPECT_EQ(response.outcome, Outcome::kAccepted) << response.message;
  endpoint.certificate.clear();  // then nobody vouches for the server
  EXPECT_EQ(send(endpoint).outcome, Outcome::kRetry);
  EXPECT_EQ(server.calls().size(), 1u);
  endpoint.certificate = folder / "none.pem";
  EXPECT_THROW(send(endpoint), std::runtime_error);
  std::filesystem::remove_all(folder);
}

TEST(InterpretGrpcStatusTest, RetriesExactlyWhatOtlpSays) {
  const auto outcome = [](int code, const std::string& details = {}) {
    return detail::InterpretGrpcStatus(code, "m", details, "u").outcome;
  };
  for (const int code : {1, 4, 10, 11, 14, 15}) EXPECT_EQ(outcome(code), Outcome::kRetry) << code;
  for (const int code : {2, 3, 5, 6, 7, 8, 9, 12, 13, 16, 99}) {
    EXPECT_EQ(outcome(code), Outcome::kRefused) << code;
  }
  EXPECT_EQ(outcome(8, RetryInfo(3)), Outcome::kRetry);
  EXPECT_EQ(outcome(13, RetryInfo(3)), Outcome::kRefused);
}

TEST(InterpretGrpcStatusTest, WaitsAsLongAsRetryInfoSays) {
  EXPECT_EQ(detail::InterpretGrpcStatus(14, "m", RetryInfo(3), "http://u").retry_after,
            milliseconds(3000));
  EXPECT_EQ(detail::InterpretGrpcStatus(14, "m", "", "http://u").retry_after, std::nullopt);
  EXPECT_EQ(detail::InterpretGrpcStatus(14, "m", "\x1A\xFF", "http://u").retry_after, std::nullopt);
}

TEST(ReadGrpcTargetTest, TheSchemeDecidesAboutTls) {
  const auto read = [](const std::string& url, bool insecure = false) {
    Endpoint endpoint;
    endpoint.url = url;
    endpoint.insecure = insecure;
    const detail::GrpcTarget target = detail::ReadGrpcTarget(endpoint);
    return target.address + (target.tls ? " tls" : " plain");
  };
  EXPECT_EQ(read("http://collector:4317/"), "collector:4317 plain");
  EXPECT_EQ(read("https://collector:4317"), "collector:4317 tls");
  EXPECT_EQ(read("http://[::1]:4317"), "[::1]:4317 plain");
  EXPECT_EQ(read("collector:4317"), "collector:4317 tls");
  EXPECT_EQ(read("collector:4317", true), "collector:4317 plain");
  EXPECT_EQ(read("unix:///run/otlp.sock"), "unix:///run/otlp.sock plain");
}

}  // namespace
}  // namespace observatory
