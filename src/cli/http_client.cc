#include "cli/http_client.h"

#include <algorithm>
#include <cctype>

#include <curl/curl.h>
#include <fmt/format.h>

#include "cli/interrupt.h"

namespace ao::cli {
namespace {

constexpr long kConnectTimeoutMs = 5000;

struct Transfer {
  CURL* curl = nullptr;
  ClientResponse response;
  const HttpClient::Sink* sink = nullptr;
  bool stopped = false;
};

size_t OnBody(char* data, size_t, size_t size, void* context) {
  auto* transfer = static_cast<Transfer*>(context);
  long status = 0;
  curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
  if (transfer->sink == nullptr || status < 200 || status > 299) {
    transfer->response.body.append(data, size);
    return size;
  }
  if ((*transfer->sink)({data, size})) return size;
  transfer->stopped = true;
  return 0;
}

size_t OnHeader(char* data, size_t, size_t size, void* context) {
  auto* transfer = static_cast<Transfer*>(context);
  std::string_view line(data, size);
  if (line.starts_with("HTTP/")) transfer->response.headers.clear();
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
  transfer->response.headers.emplace_back(std::move(name), value);
  return size;
}

int OnProgress(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return Interrupted() ? 1 : 0;
}

// scheme://host:port of a URL, for messages.
std::string ServerOf(const std::string& url) {
  const size_t scheme = url.find("://");
  return url.substr(0, url.find('/', scheme == std::string::npos ? 0 : scheme + 3));
}

std::string LowerFirst(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

Status Failure(CURLcode code, const ClientRequest& request, CURL* curl, const char* detail) {
  const std::string server = ServerOf(request.url);
  switch (code) {
    case CURLE_COULDNT_CONNECT: {
      long error = 0;
      curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
      const std::string reason =
          error == 0 || error == ECONNREFUSED
              ? "connection refused"
              : LowerFirst(ErrnoStatus("", static_cast<int>(error)).message());
      return Unavailable(fmt::format("cannot reach {}: {}", server, reason),
                         "start a server with `observatory serve`, or give --server URL");
    }
    case CURLE_COULDNT_RESOLVE_HOST:
      return Unavailable(fmt::format("cannot reach {}: unknown host", server),
                         "check --server or OBSERVATORY_URL");
    case CURLE_OPERATION_TIMEDOUT:
      return DeadlineExceeded(fmt::format("cannot reach {}: timed out", server),
                              "give more time with --timeout");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return InvalidArgument(fmt::format("cannot use {} as a server", request.url),
                             "write http://host:port or https://host:port");
    case CURLE_ABORTED_BY_CALLBACK: return Status(StatusCode::kCancelled, "interrupted");
    default:
      return Unavailable(fmt::format("cannot talk to {}: {}", server,
                                     LowerFirst(*detail != 0 ? detail : curl_easy_strerror(code))));
  }
}

class CurlClient final : public HttpClient {
 public:
  CurlClient() {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    curl_ = curl_easy_init();
  }
  ~CurlClient() override {
    curl_easy_cleanup(curl_);
    curl_global_cleanup();
  }

  Result<ClientResponse> Send(const ClientRequest& request) override {
    return Perform(request, nullptr);
  }
  Result<ClientResponse> Stream(const ClientRequest& request, const Sink& sink) override {
    return Perform(request, &sink);
  }

 private:
  Result<ClientResponse> Perform(const ClientRequest& request, const Sink* sink) {
    Transfer transfer;
    transfer.curl = curl_;
    transfer.sink = sink;
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_reset(curl_);  // keeps the connection
    curl_slist* headers = curl_slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : request.headers) {
      headers = curl_slist_append(headers, fmt::format("{}: {}", name, value).c_str());
    }
    curl_easy_setopt(curl_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    if (request.method == "POST" || request.method == "PUT") {
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, request.body.data());
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
    }
    curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout / kMillisecond));
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, OnProgress);
    const CURLcode code = curl_easy_perform(curl_);
    curl_slist_free_all(headers);
    if (transfer.stopped) return Status(StatusCode::kCancelled, "stopped");
    if (code != CURLE_OK) return Failure(code, request, curl_, detail);
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
  }

  CURL* curl_;
};

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::unique_ptr<HttpClient> NewHttpClient() { return std::make_unique<CurlClient>(); }

}  // namespace ao::cli
