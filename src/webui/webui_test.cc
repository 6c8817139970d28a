#include "webui/webui.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "webui/assets.h"

namespace ao::webui {
namespace {

class RecordingReply final : public net::Reply {
 public:
  void Send(net::HttpResponse sent) override { response = std::move(sent); }
  std::shared_ptr<net::ResponseStream> Stream(net::HttpResponse) override { return nullptr; }
  net::HttpResponse response;
};

class RouteCollector final : public net::HttpServer {
 public:
  void AddRoute(net::Route route) override { routes.push_back(std::move(route)); }
  void AddPrefix(std::string, std::string) override {}
  Status Start() override { return OkStatus(); }
  std::string address() const override { return {}; }
  void Stop(Nanos) override {}
  std::vector<net::Route> routes;
};

net::HttpResponse Get(std::string path, net::HeaderList headers = {}) {
  RouteCollector server;
  Register(server);
  net::HttpRequest request;
  request.method = "GET";
  request.path = std::move(path);
  request.headers = std::move(headers);
  auto reply = std::make_shared<RecordingReply>();
  server.routes.at(0).handler(std::move(request), reply);
  return reply->response;
}

const net::HeaderList kBrowser = {{"accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};

std::string Header(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(WebUi, ServesOnlyGetAndToEveryone) {
  RouteCollector server;
  Register(server);
  for (const net::Route& route : server.routes) {
    EXPECT_EQ(route.method, "GET");
    EXPECT_EQ(route.access, net::Access::kPublic);
  }
}

const Asset& FirstScript() {
  const auto assets = Assets();
  return *std::find_if(assets.begin(), assets.end(),
                       [](const Asset& asset) { return asset.path.ends_with(".js"); });
}

TEST(WebUi, ServesTheEmbeddedFilesWithTheirTypes) {
  const net::HttpResponse page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_TRUE(page.body.starts_with("<!doctype html>"));
  EXPECT_TRUE(page.body.ends_with("</html>\n"));
  EXPECT_EQ(Get("/index.html").body, page.body);
  const Asset& script = FirstScript();
  EXPECT_EQ(Get("/" + std::string(script.path)).content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(Get("/" + std::string(script.path)).body, script.content);
}

TEST(WebUi, PackedFormsAreSentToThoseWhoAcceptThem) {
  for (const Asset& asset : Assets()) {
    if (asset.path == "index.html") continue;
    const std::string path = "/" + std::string(asset.path);
    EXPECT_EQ(Header(Get(path), "content-encoding"), "");
    EXPECT_EQ(Header(Get(path, {{"accept-encoding", "br;q=0, gzip;q=0.0"}}), "content-encoding"),
              "");
    if (!asset.brotli.empty()) {
      const net::HttpResponse packed = Get(path, {{"accept-encoding", "gzip, deflate, br"}});
      EXPECT_EQ(Header(packed, "content-encoding"), "br");
      EXPECT_EQ(packed.body, asset.brotli);
      EXPECT_EQ(Header(packed, "vary"), "Accept-Encoding");
      EXPECT_NE(Header(packed, "etag"), Header(Get(path), "etag"));
    }
    if (!asset.gzip.empty()) {
      EXPECT_EQ(Get(path, {{"accept-encoding", "gzip;q=0.5"}}).body, asset.gzip);
    }
  }
}

TEST(WebUi, NamesThatChangeWithTheContentAreKeptForAYear) {
  EXPECT_EQ(Header(Get("/"), "cache-control"), "no-cache");
  for (const Asset& asset : Assets()) {
    const std::string caching = Header(Get("/" + std::string(asset.path)), "cache-control");
    EXPECT_EQ(caching.find("immutable") != std::string::npos, asset.path.starts_with("assets/"))
        << asset.path;
  }
}

TEST(WebUi, DeepPagesFindTheirFiles) {
  if (Get("/").body.find("<base href=\"./\">") == std::string::npos) {
    GTEST_SKIP() << "the plain page is embedded";
  }
  EXPECT_NE(Get("/ui/runs", kBrowser).body.find("<base href=\"../\">"), std::string::npos);
  EXPECT_NE(Get("/ui/runs/0af7", kBrowser).body.find("<base href=\"../../\">"), std::string::npos);
  EXPECT_NE(Header(Get("/ui/runs", kBrowser), "etag"), Header(Get("/"), "etag"));
  EXPECT_EQ(Get("/" + std::string(3000, '/'), kBrowser).status, 404);
}

TEST(WebUi, EveryFileIsProtected) {
  for (const Asset& asset : Assets()) {
    const net::HttpResponse response = Get("/" + std::string(asset.path));
    EXPECT_EQ(response.status, 200) << asset.path;
    EXPECT_EQ(Header(response, "x-content-type-options"), "nosniff");
    EXPECT_NE(Header(response, "content-security-policy").find("default-src 'none'"),
              std::string::npos);
    EXPECT_EQ(Header(response, "content-security-policy").find("unsafe"), std::string::npos);
  }
}

TEST(WebUi, AnUnchangedFileIsNotSentAgain) {
  const std::string path = "/" + std::string(FirstScript().path);
  const std::string etag = Header(Get(path), "etag");
  ASSERT_EQ(etag.size(), 34u);
  for (const std::string& sent : {etag, "W/" + etag, "\"other\" , " + etag, std::string("*")}) {
    const net::HttpResponse response = Get(path, {{"if-none-match", sent}});
    EXPECT_EQ(response.status, 304) << sent;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(Header(response, "etag"), etag);
  }
  for (const std::string& sent : {std::string("\"other\""), std::string(" , ,"), etag + "x"}) {
    EXPECT_EQ(Get(path, {{"if-none-match", sent}}).status, 200) << sent;
  }
}

TEST(WebUi, PagesOfTheUiOpenInABrowserOnly) {
  EXPECT_EQ(Get("/abc", kBrowser).body, Get("/").body);
  EXPECT_EQ(Get("/traces/abc", kBrowser).status, 200);
  EXPECT_EQ(Get("/traces/abc", {{"accept", "*/*"}}).status, 404);
  EXPECT_EQ(Get("/missing.js").status, 404);
  for (const std::string_view path : {"/api/v1/nothing", "/api", "/v1/traces/x", "/prometheus/api",
                                      "/loki/x", "/metrics/x", "/langsmith", "/mcp"}) {
    const net::HttpResponse response = Get(std::string(path), kBrowser);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.content_type, "application/json") << path;
    EXPECT_NE(response.body.find("\"code\":\"not_found\""), std::string::npos);
  }
}

TEST(WebUi, PathsThatTryToEscapeAreJustUnknown) {
  for (const std::string_view path :
       {"/../webui.cc", "//etc/passwd", "/%2e%2e/x", "/assets/../index.html", "/\xff\x01<b>"}) {
    EXPECT_EQ(Get(std::string(path)).status, 404) << path;
  }
}

TEST(WebUi, ThePageNeedsNothingFromElsewhere) {
  // The policy forbids what is elsewhere, inline scripts and styles; the page must not have any.
  const std::string page = Get("/").body;
  for (const std::string_view forbidden :
       {"https://", "http://", "style=", "<style", "onclick", "<script>", "//cdn"}) {
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
  }
  for (const Asset& asset : Assets()) {
    if (asset.path.ends_with(".css")) {
      EXPECT_EQ(asset.content.find("@import"), std::string_view::npos) << asset.path;
      EXPECT_EQ(asset.content.find("url(http"), std::string_view::npos) << asset.path;
    }
  }
}

}  // namespace
}  // namespace ao::webui
