#include "http_transport.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "testing.h"
#include "tiny_server.h"

namespace observatory {
namespace {

using Outcome = ExportResponse::Outcome;
using std::chrono::milliseconds;
using testing::Answer;
using testing::HttpRequest;
using testing::TinyServer;

std::string Gunzip(const std::string& data) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

Options To(const TinyServer& server) {
  Options options;
  options.service_name = "http";
  options.endpoint = server.url();
  options.headers = {{"Authorization", "Bearer k"}};
  options.traces.initial_backoff = options.traces.max_backoff = milliseconds(1);
  options.on_problem = [](std::string_view) {};
  return options;
}

TEST(HttpTransportTest, PostsGzippedProtobuf) {
  std::vector<HttpRequest> requests;
  TinyServer server([&](const HttpRequest& request) {
    requests.push_back(request);
    return Answer("200 OK");
  });
  const Sdk sdk = Sdk::create(To(server));
  sdk.tracer("lib").start_span("over http").end();
  EXPECT_TRUE(sdk.flush());
  sdk.shutdown();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].head.substr(0, 20), "POST /v1/traces HTTP");
  EXPECT_NE(requests[0].head.find("Content-Type: application/x-protobuf"), std::string::npos);
  EXPECT_NE(requests[0].head.find("Content-Encoding: gzip"), std::string::npos);
  EXPECT_NE(requests[0].head.find("Authorization: Bearer k"), std::string::npos);
  const auto spans = testing::Spans({Gunzip(requests[0].body)});
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].name, "over http");
}

TEST(HttpTransportTest, ComesThroughA503) {
  std::atomic<int> count{0};
  TinyServer server([&](const HttpRequest&) {
    return count++ < 2 ? Answer("503 Service Unavailable", "retry-after: 0\r\n") : Answer("200 OK");
  });
  const Sdk sdk = Sdk::create(To(server));
  sdk.tracer().start_span("a").end();
  EXPECT_TRUE(sdk.flush());
  EXPECT_EQ(sdk.stats(Signal::kTraces).retries, 2u);
  sdk.shutdown();
}

TEST(HttpTransportTest, NobodyListening) {
  std::string url;
  {
    TinyServer server([](const HttpRequest&) { return Answer("200 OK"); });
    url = server.url();
  }
  Options options;
  options.endpoint = url;
  options.traces.initial_backoff = options.traces.max_backoff = milliseconds(1);
  options.on_problem = [](std::string_view) {};
  const Sdk sdk = Sdk::create(std::move(options));
  sdk.tracer().start_span("a").end();
  EXPECT_FALSE(sdk.shutdown(milliseconds(50)));
  EXPECT_EQ(sdk.stats(Signal::kTraces).dropped_expired, 1u);
}

TEST(InterpretAnswerTest, OnlyFourStatusesAreTriedAgain) {
  for (const int status : {429, 502, 503, 504}) {
    EXPECT_EQ(detail::InterpretAnswer(status, "", "", 0, "u").outcome, Outcome::kRetry) << status;
  }
  for (const int status : {400, 401, 404, 413, 500, 301}) {
    EXPECT_EQ(detail::InterpretAnswer(status, "", "", 0, "u").outcome, Outcome::kRefused) << status;
  }
}

TEST(InterpretAnswerTest, RetryAfterIsSecondsOrADate) {
  EXPECT_EQ(detail::InterpretAnswer(429, "7", "", 0, "u").retry_after, milliseconds(7000));
  EXPECT_EQ(
      detail::InterpretAnswer(503, "Sun, 06 Nov 1994 08:49:37 GMT", "", 784111774, "u").retry_after,
      milliseconds(3000));
  EXPECT_EQ(detail::InterpretAnswer(503, "soon", "", 0, "u").retry_after, std::nullopt);
  EXPECT_EQ(detail::InterpretAnswer(502, "7", "", 0, "u").retry_after, std::nullopt);
}

TEST(InterpretAnswerTest, ReadsPartialSuccess) {
  const std::string partial(
      "\x0A\x07\x08\x03\x12\x03"
      "bad",
      9);
  const ExportResponse response = detail::InterpretAnswer(200, "", partial, 0, "u");
  EXPECT_EQ(response.outcome, Outcome::kAccepted);
  EXPECT_EQ(response.rejected, 3u);
  EXPECT_EQ(response.message, "u rejected 3 records: bad");
}

}  // namespace
}  // namespace observatory
