#include "webui/webui.h"

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

TEST(WebUi, ServesTheEmbeddedFilesWithTheirTypes) {
  const net::HttpResponse page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_TRUE(page.body.starts_with("<!doctype html>"));
  EXPECT_TRUE(page.body.ends_with("</html>\n"));
  EXPECT_EQ(Get("/index.html").body, page.body);
  EXPECT_EQ(Get("/app.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(Get("/app.css").content_type, "text/css; charset=utf-8");
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
  const std::string etag = Header(Get("/app.js"), "etag");
  ASSERT_EQ(etag.size(), 34u);
  for (const std::string& sent : {etag, "W/" + etag, "\"other\" , " + etag, std::string("*")}) {
    const net::HttpResponse response = Get("/app.js", {{"if-none-match", sent}});
    EXPECT_EQ(response.status, 304) << sent;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(Header(response, "etag"), etag);
  }
  for (const std::string& sent : {std::string("\"other\""), std::string(" , ,"), etag + "x"}) {
    EXPECT_EQ(Get("/app.js", {{"if-none-match", sent}}).status, 200) << sent;
  }
}

TEST(WebUi, PagesOfTheUiOpenInABrowserOnly) {
  EXPECT_EQ(Get("/traces/abc", kBrowser).body, Get("/").body);
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
  for (const Asset& asset : Assets()) {
    for (const std::string_view outside :
         {"https://", "http://cdn", "@import", "eval(", "innerHTML", "outerHTML",
          "insertAdjacentHTML", "document.write"}) {
      EXPECT_EQ(asset.content.find(outside), std::string_view::npos)
          << asset.path << " has " << outside;
    }
  }
  // The policy forbids inline scripts and styles, so the page must have none.
  const std::string page = Get("/").body;
  for (const std::string_view inline_code : {"style=", "<style", "onclick", "<script>"}) {
    EXPECT_EQ(page.find(inline_code), std::string::npos) << inline_code;
  }
}

}  // namespace
}  // namespace ao::webui
