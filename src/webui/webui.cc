#include "webui/webui.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/status.h"
#include "base/utf8.h"
#include "webui/assets.h"

namespace ao::webui {
namespace {

// Nothing but this server's own files runs or loads, and nobody frames the UI.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// First segments that belong to protocols; a wrong path below them is an error, not a page.
constexpr std::string_view kReserved[] = {
    "api",  "v1",        "v1development", "prometheus", "tempo",   "loki",   "jaeger",
    "otlp", "langsmith", "mcp",           "metrics",    "healthz", "readyz", "opentelemetry.proto"};

bool IsReserved(std::string_view path) {
  path.remove_prefix(std::min<size_t>(1, path.size()));
  const std::string_view first = path.substr(0, path.find('/'));
  return std::find(std::begin(kReserved), std::end(kReserved), first) != std::end(kReserved);
}

// Browsers that open a page say text/html; scripts, images and API clients do not.
bool AcceptsHtml(const net::HttpRequest& request) {
  return request.header("accept").find("text/html") != std::string_view::npos;
}

// If-None-Match compares weakly: a W/ in front is no difference.
bool Matches(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const size_t comma = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view candidate = if_none_match.substr(0, comma);
    const size_t first = candidate.find_first_not_of(" \t");
    candidate = first == std::string_view::npos ? std::string_view() : candidate.substr(first);
    candidate = candidate.substr(0, candidate.find_last_not_of(" \t") + 1);
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == "*" || candidate == etag) return true;
    if_none_match.remove_prefix(std::min(comma + 1, if_none_match.size()));
  }
  return false;
}

net::HttpResponse Serve(const Asset& asset, const net::HttpRequest& request) {
  net::HttpResponse response;
  response.content_type = asset.content_type;
  response.headers = {{"etag", asset.etag},
                      {"cache-control", "no-cache"},  // kept, but asked for again each time
                      {"x-content-type-options", "nosniff"},
                      {"referrer-policy", "no-referrer"},
                      {"content-security-policy", std::string(kContentSecurityPolicy)}};
  if (Matches(request.header("if-none-match"), asset.etag)) {
    response.status = 304;
  } else {
    response.body = asset.content;
  }
  return response;
}

net::HttpResponse Answer(const net::HttpRequest& request) {
  const std::string_view path = request.path;
  const bool is_root = path == "/" || path.empty();
  const Asset* asset = FindAsset(is_root ? "index.html" : path.substr(1));
  if (asset == nullptr && !IsReserved(path) && AcceptsHtml(request)) {
    asset = FindAsset("index.html");
  }
  if (asset != nullptr) return Serve(*asset, request);
  return net::ErrorResponse(
      NotFound(fmt::format("cannot find {}: there is no such path", Utf8Prefix(path, 100)),
               "the API is described at /api/v1/openapi.json"));
}

}  // namespace

void Register(net::HttpServer& server) {
  for (const std::string_view pattern : {"/", "/*"}) {
    server.AddRoute({.method = "GET",
                     .pattern = std::string(pattern),
                     .access = net::Access::kPublic,
                     .lane = net::Lane::kQuery,
                     .handler = [](net::HttpRequest request, net::ReplyPtr reply) {
                       reply->Send(Answer(request));
                     }});
  }
}

}  // namespace ao::webui
