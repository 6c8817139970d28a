#include "model-server/server.h"

#include <cmath>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "cli/http_client.h"
#include "model-server/embedding.h"
#include "model-server/tokens.h"

namespace ao::model_server {
namespace {

using cli::ClientResponse;
using cli::Json;

constexpr std::string_view kScript = R"yaml(
- when: "weather in (\\w+)"
  turns: [{tools: [{name: weather, arguments: {city: $1}}]}, {say: It rains in $1.}]
- when: fail
  turns: [{status: 429, error: slow down, type: rate_limit_error}]
- when: story
  turns: [{say: "One came. Two went. Three stayed. Four slept."}]
)yaml";

double Near(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

TEST(TokensTest, PiecesAreTheText) {
  const std::string text = "Höhe: 12345 m,  über “Normal”\nnull.";
  std::string joined;
  for (const std::string_view piece : SplitTokens(text)) joined += piece;
  EXPECT_EQ(joined, text);
  EXPECT_EQ(CountTokens(text), static_cast<int64_t>(SplitTokens(text).size()));
  EXPECT_EQ(SplitTokens("the policy, 2024"),
            (std::vector<std::string_view>{"the", " policy", ",", " 202", "4"}));
}

TEST(EmbeddingTest, SimilarTextsAreNear) {
  const auto question = Embed("What is the minimum credit score for a loan?", 256, 1);
  const auto policy = Embed("Personal loans need a minimum credit score of 620.", 256, 1);
  const auto recipe = Embed("Bake the bread for forty minutes in a hot oven.", 256, 1);
  EXPECT_NEAR(Near(question, question), 1, 1e-5);
  EXPECT_GT(Near(question, policy), 0.4);
  EXPECT_LT(Near(question, recipe), 0.2);
}

class ModelServerTest : public testing::Test {
 protected:
  void Start(Options options = {}) {
    ASSERT_EQ(options.script.Add(kScript, "test"), OkStatus());
    auto server = ModelServer::Start(std::move(options), clock_);
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = std::move(*server);
  }
  ClientResponse Send(const std::string& method, const std::string& path, std::string body = {}) {
    auto response = http_->Send({.method = method,
                                 .url = "http://" + server_->address() + path,
                                 .headers = {},
                                 .body = std::move(body)});
    EXPECT_TRUE(response.ok()) << response.status().ToString();
    return response.ok() ? *response : ClientResponse{};
  }
  ClientResponse Ask(const std::string& question, const std::string& more = {}) {
    return Send("POST", "/v1/chat/completions",
                R"({"model":"small-1","messages":[{"role":"user","content":")" + question + "\"}]" +
                    more + "}");
  }
  Json Parsed(const ClientResponse& response) {
    auto json = Json::Parse(response.body);
    EXPECT_TRUE(json.ok()) << response.body;
    return json.ok() ? *json : Json();
  }
  std::string TextOf(const ClientResponse& response) {
    return Parsed(response)["choices"].at(0)["message"]["content"].text();
  }

  ManualClock clock_{1'769'853'600 * kSecond};
  std::unique_ptr<cli::HttpClient> http_ = cli::NewHttpClient();
  std::unique_ptr<ModelServer> server_;
};

TEST_F(ModelServerTest, TheSameRequestGivesTheSameAnswer) {
  Start();
  EXPECT_EQ(Ask("hello there").body, Ask("hello there").body);
}

TEST_F(ModelServerTest, UsageIsWhatWasSentAndAnswered) {
  Start();
  const Json usage = Parsed(Ask("tell a story"))["usage"];
  EXPECT_EQ(usage["prompt_tokens"].integer(), 3 + CountTokens("tell a story"));
  EXPECT_EQ(usage["completion_tokens"].integer(),
            CountTokens("One came. Two went. Three stayed. Four slept."));
  const Json total = Parsed(Send("GET", "/usage"));
  EXPECT_EQ(total["total_tokens"].integer(), usage["total_tokens"].integer());
  EXPECT_EQ(total["models"]["small-1"]["requests"].integer(), 1);
}

TEST_F(ModelServerTest, StreamsATokenAnEventAndUsageWhenAsked) {
  Start();
  const std::string body =
      Ask("tell a story", R"(,"stream":true,"stream_options":{"include_usage":true})").body;
  std::string text;
  int64_t pieces = 0, completion_tokens = 0;
  for (size_t at = 0; (at = body.find("data: {", at)) != std::string::npos; ++at) {
    const auto event = Json::Parse(body.substr(at + 6, body.find("\n\n", at) - at - 6));
    ASSERT_TRUE(event.ok());
    const std::string& piece = (*event)["choices"].at(0)["delta"]["content"].text();
    pieces += piece.empty() ? 0 : 1;
    text += piece;
    completion_tokens += (*event)["usage"]["completion_tokens"].integer();
  }
  EXPECT_EQ(text, "One came. Two went. Three stayed. Four slept.");
  EXPECT_EQ(pieces, completion_tokens);
  EXPECT_TRUE(body.ends_with("data: [DONE]\n\n"));
}

TEST_F(ModelServerTest, ObeysStopMaxTokensAndN) {
  Start();
  EXPECT_EQ(TextOf(Ask("tell a story", R"(,"stop":["Three"])")), "One came. Two went. ");
  const Json cut = Parsed(Ask("tell a story", R"(,"max_tokens":3)"));
  EXPECT_EQ(cut["choices"].at(0)["message"]["content"].text(), "One came.");
  EXPECT_EQ(cut["choices"].at(0)["finish_reason"].text(), "length");
  EXPECT_EQ(cut["usage"]["completion_tokens"].integer(), 3);
  EXPECT_EQ(Parsed(Ask("hello", R"(,"n":3)"))["choices"].size(), 3U);
}

TEST_F(ModelServerTest, AnswersJsonWhereAsked) {
  Start();
  EXPECT_TRUE(
      Json::Parse(TextOf(Ask("tell a story", R"(,"response_format":{"type":"json_object"})")))
          .ok());
  const auto object = Json::Parse(TextOf(Ask("tell a story", R"(,"response_format":{"type":
      "json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{
      "title":{"type":"string"},"pages":{"type":"integer"}}}}})")));
  ASSERT_TRUE(object.ok());
  EXPECT_EQ((*object)["pages"].integer(), 3);
  EXPECT_EQ((*object)["title"].text(), "One came. Two went. Three stayed. Four slept.");
}

TEST_F(ModelServerTest, CallsTheToolThatIsChosen) {
  Start();
  const Json message = Parsed(Ask("hello", R"(,"tools":[{"type":"function","function":{"name":"a"}},
      {"type":"function","function":{"name":"b","parameters":{"type":"object","properties":{
      "city":{"type":"string"}}}}}],"tool_choice":{"type":"function","function":{"name":"b"}})"))
                           ["choices"]
                               .at(0)["message"];
  EXPECT_EQ(message["tool_calls"].at(0)["function"]["name"].text(), "b");
  EXPECT_EQ(message["tool_calls"].at(0)["function"]["arguments"].text(), R"({"city":"hello"})");
}

TEST_F(ModelServerTest, RefusesBadRequestsInTheShapeOfTheApi) {
  Start();
  const ClientResponse bad = Send("POST", "/v1/chat/completions", R"({"model":"m","messages":[]})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(Parsed(bad)["error"]["param"].text(), "messages");
  EXPECT_EQ(Parsed(bad)["error"]["type"].text(), "invalid_request_error");
  EXPECT_EQ(Send("POST", "/v1/chat/completions", "{").status, 400);
  EXPECT_EQ(Send("POST", "/v1/chat/completions",
                 R"({"model":"m","messages":[{"role":"tool","tool_call_id":"x","content":""}]})")
                .status,
            400);
  EXPECT_EQ(Send("POST", "/v1/embeddings", R"({"input":[]})").status, 400);
  EXPECT_EQ(Send("GET", "/v1/nothing").status, 404);
  EXPECT_EQ(Ask("please fail").status, 429);
}

TEST_F(ModelServerTest, LimitsRequestsAMinute) {
  Start({.listen = "127.0.0.1:0", .script = {}, .latency = {}, .requests_per_minute = 2});
  EXPECT_EQ(Ask("one").status, 200);
  clock_.Advance(10 * kSecond);
  EXPECT_EQ(Ask("two").header("x-ratelimit-remaining-requests"), "0");
  const ClientResponse refused = Ask("three");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "50");
  clock_.Advance(50 * kSecond);
  EXPECT_EQ(Ask("three").status, 200);
}

TEST_F(ModelServerTest, SaysHowLongACallTakes) {
  Start({.listen = "127.0.0.1:0",
         .script = {},
         .latency = {.first_token = kSecond, .per_token = 10 * kMillisecond},
         .wait = false});
  const auto took = [&](const std::string& question) {
    return std::stoi(std::string(Ask(question).header("openai-processing-ms")));
  };
  const int usual = took("tell a story");
  EXPECT_GT(usual, 300);
  EXPECT_LT(usual, 4000);
  Send("PUT", "/faults/slow", R"({"factor":10})");
  EXPECT_NEAR(took("tell a story"), usual * 10, 10);
}

TEST_F(ModelServerTest, FaultsAreSwitchedOnAndOff) {
  Start();
  EXPECT_EQ(Send("PUT", "/faults", R"({"rate_limit":{"retry_after_s":7},"slow":{}})").status, 200);
  EXPECT_EQ(Ask("hello").status, 429);
  EXPECT_EQ(Ask("hello").header("retry-after"), "7");
  EXPECT_EQ(Parsed(Send("DELETE", "/faults/rate_limit")).keys(), std::vector<std::string>{"slow"});
  EXPECT_EQ(Ask("hello").status, 200);
  Send("PUT", "/faults", R"({"server_error":{"status":503}})");
  EXPECT_EQ(Ask("hello").status, 503);
  EXPECT_EQ(Send("DELETE", "/faults").body, "{}");
  EXPECT_EQ(Ask("hello").status, 200);
  EXPECT_EQ(Send("PUT", "/faults/flood", "{}").status, 404);
  EXPECT_EQ(Send("PUT", "/faults", R"({"slow":{"speed":2}})").status, 400);
}

TEST_F(ModelServerTest, FaultsChangeAnswers) {
  Start();
  Send("PUT", "/faults", R"({"truncated":{"tokens":2}})");
  EXPECT_EQ(TextOf(Ask("tell a story")), "One came");
  Send("PUT", "/faults", R"({"verbosity":{"factor":0.5}})");
  EXPECT_EQ(TextOf(Ask("tell a story")), "One came. Two went.");
  Send("PUT", "/faults", R"({"verbosity":{"factor":2}})");
  EXPECT_GT(TextOf(Ask("tell a story")).size(), 90U);
  Send("PUT", "/faults", R"({"refuse":{"message":"No."}})");
  EXPECT_EQ(TextOf(Ask("tell a story")), "No.");
  Send("PUT", "/faults", R"({"wrong_arguments":{"rename":{"city":"town"}}})");
  EXPECT_NE(Ask("weather in Oslo").body.find(R"(\"town\":\"Oslo\")"), std::string::npos);
  Send("PUT", "/faults", R"({"malformed_json":{}})");
  EXPECT_FALSE(Json::Parse(Ask("hello").body).ok());
}

TEST_F(ModelServerTest, FaultsHitTheirShareAndTheirMatch) {
  Start();
  Send("PUT", "/faults", R"({"server_error":{"share":0.3}})");
  int failed = 0;
  for (int i = 0; i < 200; ++i) failed += Ask("hello").status == 500 ? 1 : 0;
  EXPECT_NEAR(failed, 60, 25);
  Send("PUT", "/faults", R"({"server_error":{"match":"a sto.y"}})");
  EXPECT_EQ(Ask("hello").status, 200);
  EXPECT_EQ(Ask("tell a story").status, 500);
}

TEST_F(ModelServerTest, EmbeddingsComeAsFloatsOrBase64) {
  Start();
  const Json floats =
      Parsed(Send("POST", "/v1/embeddings", R"({"model":"e","input":["a loan","b"]})"));
  EXPECT_EQ(floats["data"].size(), 2U);
  EXPECT_EQ(floats["data"].at(0)["embedding"].size(), 256U);
  EXPECT_EQ(floats["usage"]["total_tokens"].integer(), 3);
  const Json packed =
      Parsed(Send("POST", "/v1/embeddings",
                  R"({"model":"e","input":"a loan","encoding_format":"base64","dimensions":8})"));
  EXPECT_EQ(packed["data"].at(0)["embedding"].text().size(), 44U);
}

}  // namespace
}  // namespace ao::model_server
