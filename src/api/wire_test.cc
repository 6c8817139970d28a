#include <gtest/gtest.h>

#include "api/api.h"
#include "api/testing/fake_store.h"
#include "api/testing/fixture.h"
#include "base/temporary_directory.h"
#include "ingest/ledger.h"
#include "net/http_server.h"
#include "net/test_peers.h"
#include "prices/price_store.h"

// The API over real connections: routing, keys and streaming as clients meet them.

namespace ao::api {
namespace {

class WireTest : public testing::Test {
 protected:
  void Start(bool needs_key = false) {
    authenticator_ = std::make_unique<net::TestAuthenticator>(needs_key);
    Start(*authenticator_);
  }
  void Start(net::Authenticator& authenticator) {
    net::HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    auto server = net::HttpServer::Create(options, budget_, authenticator);
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = std::move(*server);
    Register(*server_, {.store = store_,
                        .ledger = ledger_,
                        .clock = clock_,
                        .live = live_,
                        .prices = *prices_,
                        .keys = *keys_,
                        .authenticator = *key_authenticator_,
                        .settings = [] { return config::Settings(); },
                        .version = {},
                        .ready = {},
                        .extra_metrics = {},
                        .sql = {}});
    ASSERT_TRUE(server_->Start().ok());
    curl_ = std::make_unique<net::CurlClient>(server_->address());
  }
  ~WireTest() override {
    live_.Close();
    curl_.reset();
    if (server_ != nullptr) server_->Stop(kSecond);
  }
  net::CurlResponse Do(std::string method, std::string path, std::string key = {}) {
    net::CurlRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    if (!key.empty()) request.headers = {{"authorization", "Bearer " + key}};
    return curl_->Do(request);
  }

  FakeStore store_;
  ingest::Ledger ledger_;
  ManualClock clock_{kTestNow};
  LiveRuns live_{LiveRuns::Options{.heartbeat = 0}};
  TemporaryDirectory directory_;
  std::unique_ptr<prices::PriceStore> prices_ =
      prices::PriceStore::Open({directory_.path(), ""}, PosixFileSystem()).value();
  std::unique_ptr<keys::KeyStore> keys_ = keys::KeyStore::Open(directory_.path(), clock_).value();
  std::unique_ptr<keys::ApiKeyAuthenticator> key_authenticator_ =
      keys::ApiKeyAuthenticator::Create(*keys_, clock_, false).value();
  MemoryBudget budget_{64 << 20};
  std::unique_ptr<net::TestAuthenticator> authenticator_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<net::CurlClient> curl_;
};

TEST_F(WireTest, ParametersArriveDecoded) {
  Start();
  const auto response =
      Do("GET", "/api/v1/runs?q=caf%C3%A9+au%26lait&since=2026-01-31T09:00:00+00:00&agent=a%2A");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(store_.run_query.text, "café au&lait");
  EXPECT_EQ(store_.run_query.agent, "a*");
  EXPECT_EQ(store_.run_query.range.since, kTestNow - 30 * kMinute);
  EXPECT_EQ(response.headers.at("cache-control"), "no-store");
}

TEST_F(WireTest, KeysMadeOverTheWireOpenTheServerTheyClosed) {
  Start(*key_authenticator_);
  EXPECT_EQ(Do("GET", "/api/v1/runs").status, 200);
  net::CurlRequest create;
  create.method = "POST";
  create.path = "/api/v1/keys";
  create.headers = {{"content-type", "application/json"}};
  create.body = R"({"name": "first", "scopes": "read,admin"})";
  const auto created = curl_->Do(create);
  ASSERT_EQ(created.status, 200) << created.body;
  const Json first(created.body);
  EXPECT_EQ(created.headers.at("cache-control"), "no-store");
  EXPECT_EQ(Do("GET", "/api/v1/runs").status, 401);
  EXPECT_EQ(curl_->Do(create).status, 401) << "keys are made with keys from now on";
  EXPECT_EQ(Do("GET", "/api/v1/runs", first.Text("/key")).status, 200);
  create.headers.emplace_back("authorization", "Bearer " + first.Text("/key"));
  create.body = R"({"name": "reader", "scopes": "read"})";
  const Json reader(curl_->Do(create).body);
  create.headers.back().second = "Bearer " + reader.Text("/key");
  EXPECT_EQ(curl_->Do(create).status, 403) << "reading does not make keys";
  const std::string path = "/api/v1/keys/" + reader.Text("/id");
  EXPECT_EQ(Do("DELETE", path, reader.Text("/key")).status, 403);
  EXPECT_EQ(Do("DELETE", path, first.Text("/key")).status, 200);
  EXPECT_EQ(Do("GET", "/api/v1/keys", reader.Text("/key")).status, 401);
}

TEST_F(WireTest, IdsMayHoldAnything) {
  Start();
  EXPECT_EQ(Do("DELETE", "/api/v1/sessions/a%2Fb%20%3F%C3%A9").status, 200);
  EXPECT_EQ(store_.delete_query.session, "a/b ?é");
}

TEST_F(WireTest, WrongMethodsAndPathsAreErrorsInJson) {
  Start();
  const auto wrong_method = Do("DELETE", "/api/v1/runs");
  EXPECT_EQ(wrong_method.status, 405);
  const auto wrong_path = Do("GET", "/api/v1/nothing");
  EXPECT_EQ(wrong_path.status, 404);
  EXPECT_TRUE(Json(wrong_path.body).Has("/error/code")) << wrong_path.body;
  // Both trace paths exist side by side.
  const std::string id(kTraceHex);
  EXPECT_EQ(Json(Do("GET", "/api/traces/" + id).body).Text("/error/code"), "not_found");
  EXPECT_EQ(Json(Do("GET", "/api/v1/traces/" + id).body).Text("/error/code"), "not_found");
}

TEST_F(WireTest, RightsDecideWhatIsAllowed) {
  Start(true);
  EXPECT_EQ(Do("GET", "/healthz").status, 200);
  EXPECT_EQ(Do("GET", "/api/v1/openapi.json").status, 200);
  EXPECT_EQ(Do("GET", "/api/v1/runs").status, 401);
  EXPECT_EQ(Do("GET", "/api/v1/runs", "read").status, 200);
  EXPECT_EQ(Do("DELETE", "/api/v1/users/u", "read").status, 403);
  EXPECT_EQ(store_.deletes, 0);
  EXPECT_EQ(Do("DELETE", "/api/v1/users/u", "admin").status, 200);
}

TEST_F(WireTest, LiveRunsStreamUntilTheServerCloses) {
  Start();
  net::RawClient client(server_->address());
  ASSERT_TRUE(client.Send("GET /api/v1/live/runs HTTP/1.1\r\nhost: x\r\n\r\n"));
  const std::string head = client.ReadUntil(": connected");
  EXPECT_NE(head.find("200 OK"), std::string::npos) << head;
  live_.Publish(SampleRun());
  EXPECT_NE(client.ReadUntil("\"clock_skewed\":0}\n\n").find("event: run\ndata: {"),
            std::string::npos);
  live_.Close();
  EXPECT_NE(client.ReadUntil(": closed").find(": closed"), std::string::npos);
}

TEST_F(WireTest, ExportsStreamInChunks) {
  store_.exported.assign(50, &SampleSpans);
  Start();
  const auto response = Do("GET", "/api/v1/export");
  EXPECT_EQ(response.error, "");
  EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '\n'), 50);
}

}  // namespace
}  // namespace ao::api
