#include "cli/api_client.h"

#include <fmt/format.h>

#include "config/units.h"

namespace ao::cli {
namespace {

StatusCode CodeOf(int http) {
  switch (http) {
    case 400:
    case 415:
    case 422: return StatusCode::kInvalidArgument;
    case 401: return StatusCode::kUnauthenticated;
    case 403: return StatusCode::kPermissionDenied;
    case 404: return StatusCode::kNotFound;
    case 409: return StatusCode::kAlreadyExists;
    case 412: return StatusCode::kFailedPrecondition;
    case 413:
    case 429: return StatusCode::kResourceExhausted;
    case 503: return StatusCode::kUnavailable;
    case 504: return StatusCode::kDeadlineExceeded;
    default: return StatusCode::kInternal;
  }
}

Result<Json> JsonOf(const Result<ClientResponse>& response, std::string_view server) {
  if (!response.ok()) return response.status();
  AO_TRY(StatusOfResponse(*response));
  auto json = Json::Parse(response->body);
  if (json.ok()) return json;
  return Internal(fmt::format("cannot understand the answer of {}: it is not JSON", server),
                  "is --server the address of an observatory?");
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Status StatusOfResponse(const ClientResponse& response) {
  if (response.status >= 200 && response.status < 300) return OkStatus();
  std::string message, hint;
  if (const auto json = Json::Parse(response.body); json.ok()) {
    message = (*json)["error"]["message"].text();
    hint = (*json)["error"]["hint"].text();
    if (message.empty()) message = (*json)["message"].text();  // google.rpc.Status
  }
  if (message.empty()) message = fmt::format("the server answered {}", response.status);
  const StatusCode code = CodeOf(response.status);
  if (code == StatusCode::kUnauthenticated && hint.empty()) {
    hint = "give a key with --api-key or OBSERVATORY_API_KEY";
  }
  return {code, std::move(message), std::move(hint)};
}

Result<ApiClient> ApiClient::From(const Invocation& invocation, Io& io) {
  std::string server = invocation.Get("server");
  if (server.find("://") == std::string::npos) server = "http://" + server;
  while (server.ends_with('/')) server.pop_back();
  const auto timeout = config::ParseDuration(invocation.Get("timeout"));
  if (!timeout.ok()) return timeout.status().WithContext("--timeout");
  return ApiClient(io.http, std::move(server), invocation.Get("api-key"), *timeout);
}

ClientRequest ApiClient::Request(std::string method, std::string_view path,
                                 const Query& query) const {
  ClientRequest request;
  request.method = std::move(method);
  request.url = server_ + std::string(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    request.url += fmt::format("{}{}={}", separator, name, PercentEncode(value));
    separator = '&';
  }
  if (!key_.empty()) request.headers.emplace_back("authorization", "Bearer " + key_);
  request.timeout = timeout_;
  return request;
}

Result<Json> ApiClient::Get(std::string_view path, const Query& query) {
  return JsonOf(http_->Send(Request("GET", path, query)), server_);
}

Result<Json> ApiClient::Post(std::string_view path, std::string body) {
  return JsonOf(PostRaw(path, std::move(body)), server_);
}

Result<Json> ApiClient::Put(std::string_view path, std::string body) {
  ClientRequest request = Request("PUT", path, {});
  request.headers.emplace_back("content-type", "application/json");
  request.body = std::move(body);
  return JsonOf(http_->Send(request), server_);
}

Result<Json> ApiClient::Delete(std::string_view path, const Query& query) {
  return JsonOf(http_->Send(Request("DELETE", path, query)), server_);
}

Result<ClientResponse> ApiClient::PostRaw(std::string_view path, std::string body) {
  ClientRequest request = Request("POST", path, {});
  request.headers.emplace_back("content-type", "application/json");
  request.body = std::move(body);
  return http_->Send(request);
}

Status ApiClient::Stream(std::string_view path, const Query& query, const HttpClient::Sink& sink) {
  ClientRequest request = Request("GET", path, query);
  request.timeout = 0;
  const auto response = http_->Stream(request, sink);
  return response.ok() ? StatusOfResponse(*response) : response.status();
}

}  // namespace ao::cli
