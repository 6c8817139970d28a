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
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'";

// index.html names its files relative to this element. It is rewritten for the depth of the path
// that was asked for, so that every page finds them, whatever prefix a proxy adds in front.
constexpr std::string_view kBaseElement = "<base href=\"./\">";

// Longer ones are no pages; this also bounds the rewritten base.
constexpr size_t kMaxPath = 2048;

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

// Whether `accept_encoding` lists `coding` and does not refuse it.
bool AcceptsCoding(std::string_view accept_encoding, std::string_view coding) {
  while (!accept_encoding.empty()) {
    const size_t comma = std::min(accept_encoding.find(','), accept_encoding.size());
    std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    const size_t end = std::min(item.find_first_of("; \t"), item.size());
    if (item.substr(0, end) != coding) continue;
    const std::string_view weight = item.substr(end);
    const size_t q = weight.find("q=");
    return q == std::string_view::npos ||
           weight.find_first_of("123456789", q) != std::string_view::npos;
  }
  return false;
}

struct Representation {
  std::string_view body;
  std::string_view coding;  // empty: as it is
};

Representation Choose(const Asset& asset, const net::HttpRequest& request) {
  const std::string_view accepted = request.header("accept-encoding");
  if (!asset.brotli.empty() && AcceptsCoding(accepted, "br")) return {asset.brotli, "br"};
  if (!asset.gzip.empty() && AcceptsCoding(accepted, "gzip")) return {asset.gzip, "gzip"};
  return {asset.content, {}};
}

net::HttpResponse Respond(const net::HttpRequest& request, const Asset& asset, std::string etag,
                          std::string_view body) {
  net::HttpResponse response;
  response.content_type = asset.content_type;
  const std::string_view caching =
      asset.immutable ? "public, max-age=31536000, immutable" : "no-cache";
  response.headers = {{"etag", etag},
                      {"cache-control", std::string(caching)},
                      {"x-content-type-options", "nosniff"},
                      {"referrer-policy", "no-referrer"},
                      {"content-security-policy", std::string(kContentSecurityPolicy)}};
  if (Matches(request.header("if-none-match"), etag)) {
    response.status = 304;
  } else {
    response.body = body;
  }
  return response;
}

net::HttpResponse ServeFile(const Asset& asset, const net::HttpRequest& request) {
  const auto [body, coding] = Choose(asset, request);
  const std::string_view dash = coding.empty() ? "" : "-";
  auto response =
      Respond(request, asset, fmt::format("\"{}{}{}\"", asset.hash, dash, coding), body);
  if (!coding.empty() && response.status != 304) {
    response.headers.emplace_back("content-encoding", std::string(coding));
  }
  if (!asset.brotli.empty() || !asset.gzip.empty()) {
    response.headers.emplace_back("vary", "Accept-Encoding");
  }
  return response;
}

net::HttpResponse ServePage(const Asset& asset, const net::HttpRequest& request) {
  const auto slashes = std::count(request.path.begin(), request.path.end(), '/');
  const size_t depth = slashes > 1 ? static_cast<size_t>(slashes - 1) : 0;
  std::string body(asset.content);
  const size_t base = body.find(kBaseElement);
  if (base != std::string::npos && depth > 0) {
    std::string up;
    for (size_t i = 0; i < depth; ++i) up += "../";
    body.replace(base, kBaseElement.size(), fmt::format("<base href=\"{}\">", up));
  }
  return Respond(request, asset, fmt::format("\"{}-{}\"", asset.hash, depth), body);
}

net::HttpResponse Answer(const net::HttpRequest& request) {
  const std::string_view path = request.path;
  const bool is_root = path == "/" || path.empty();
  const Asset* asset =
      path.size() <= kMaxPath ? FindAsset(is_root ? "index.html" : path.substr(1)) : nullptr;
  if (asset == nullptr && path.size() <= kMaxPath && !IsReserved(path) && AcceptsHtml(request)) {
    asset = FindAsset("index.html");
  }
  if (asset != nullptr) {
    return asset->path == "index.html" ? ServePage(*asset, request) : ServeFile(*asset, request);
  }
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
