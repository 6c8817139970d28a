#include "http_transport.h"

#include <curl/curl.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>

#include "answer.h"
#include "observatory/version.h"

namespace observatory::detail {
namespace {

using std::chrono::milliseconds;
using Outcome = ExportResponse::Outcome;

constexpr size_t kMaxAnswer = size_t{4} << 20;

// What the server says about an error: the message of a google.rpc.Status, or a short text.
std::string Reason(std::string_view body) {
  const std::string_view message = FirstField(body, 2).bytes();
  std::string_view text = message.empty() ? body : message;
  text = text.substr(0, 200);
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<uint8_t>(c) >= 0x20 || c == '\n' || c == '\t';
  });
  return printable && !text.empty() ? ": " + std::string(text) : std::string();
}

std::optional<milliseconds> ReadRetryAfter(std::string_view text, int64_t now) {
  if (text.empty()) return std::nullopt;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) {
    return milliseconds(std::clamp<int64_t>(seconds, 0, 86400) * 1000);
  }
  const time_t date = curl_getdate(std::string(text).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return milliseconds(std::clamp<int64_t>(date - now, 0, 86400) * 1000);
}

size_t KeepBody(char* data, size_t size, size_t count, void* into) noexcept {
  auto* body = static_cast<std::string*>(into);
  if (body->size() + size * count > kMaxAnswer) return 0;
  body->append(data, size * count);
  return size * count;
}

size_t KeepRetryAfter(char* data, size_t size, size_t count, void* into) noexcept {
  std::string_view line(data, size * count);
  constexpr std::string_view kName = "retry-after:";
  const bool match = line.size() > kName.size() &&
                     std::equal(kName.begin(), kName.end(), line.begin(), [](char a, char b) {
                       return a == (b >= 'A' && b <= 'Z' ? b + 32 : b);
                     });
  if (match) {
    line.remove_prefix(kName.size());
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    while (!line.empty() && static_cast<uint8_t>(line.back()) <= ' ') line.remove_suffix(1);
    static_cast<std::string*>(into)->assign(line);
  }
  return size * count;
}

// Libraries under curl register their clean-up at exit when they are first used. That must be
// before ours is registered, which still sends: so this is called when a transport is made.
bool CurlIsReady() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  return ready == CURLE_OK;
}

class HttpTransport final : public Transport {
 public:
  explicit HttpTransport(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
  ~HttpTransport() override { Close(); }

  ExportResponse send(const ExportRequest& request) noexcept override {
    try {
      return Send(request);
    } catch (const std::exception& error) {
      return {.message = error.what()};
    }
  }
  // In the child of a fork(): the handles belong to the parent's connection.
  void after_fork() noexcept override {
    easy_ = nullptr;
    multi_ = nullptr;
    headers_ = nullptr;
  }

 private:
  bool Open();
  void Close();
  ExportResponse Send(const ExportRequest& request);
  CURLcode Perform(const ExportRequest& request);

  const Endpoint endpoint_;
  CURL* easy_ = nullptr;
  CURLM* multi_ = nullptr;
  curl_slist* headers_ = nullptr;
};

bool HttpTransport::Open() {
  if (easy_ != nullptr) return true;
  if (!CurlIsReady()) return false;
  easy_ = curl_easy_init();
  multi_ = curl_multi_init();
  if (easy_ == nullptr || multi_ == nullptr) {
    Close();
    return false;
  }
  for (const auto& [name, value] : endpoint_.headers) {
    headers_ = curl_slist_append(headers_, (name + ": " + value).c_str());
  }
  headers_ = curl_slist_append(headers_, "Content-Type: application/x-protobuf");
  if (endpoint_.compression == Compression::kGzip) {
    headers_ = curl_slist_append(headers_, "Content-Encoding: gzip");
  }
  headers_ = curl_slist_append(headers_, "Expect:");
  curl_easy_setopt(easy_, CURLOPT_URL, endpoint_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT,
                   "OTel-OTLP-Exporter-Observatory-Cpp/" OBSERVATORY_VERSION);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_POST, 1L);
  curl_easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, KeepBody);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, KeepRetryAfter);
  const auto file = [&](CURLoption option, const std::string& path) {
    if (!path.empty()) curl_easy_setopt(easy_, option, path.c_str());
  };
  file(CURLOPT_CAINFO, endpoint_.certificate);
  file(CURLOPT_SSLKEY, endpoint_.client_key);
  file(CURLOPT_SSLCERT, endpoint_.client_certificate);
  return true;
}

void HttpTransport::Close() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
  if (headers_ != nullptr) curl_slist_free_all(headers_);
  after_fork();
}

// As curl_easy_perform, but looks at `cancelled` all the while.
CURLcode HttpTransport::Perform(const ExportRequest& request) {
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
  curl_multi_add_handle(multi_, easy_);
  int running = 1;
  while (request.cancelled == nullptr || !*request.cancelled) {
    if (curl_multi_perform(multi_, &running) != CURLM_OK) break;
    if (running == 0) {
      int left = 0;
      if (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        result = message->data.result;
      }
      break;
    }
    if (curl_multi_poll(multi_, nullptr, 0, 50, nullptr) != CURLM_OK) break;
  }
  curl_multi_remove_handle(multi_, easy_);
  return result;
}

ExportResponse HttpTransport::Send(const ExportRequest& request) {
  ExportResponse failed;
  if (!Open()) {
    failed.message = "cannot send telemetry: libcurl cannot be initialised";
    return failed;
  }
  std::string packed;
  std::string_view body = request.body;
  if (endpoint_.compression == Compression::kGzip) body = packed = Gzip(request.body);
  if (body.empty() && !request.body.empty()) {
    failed.message = "cannot send telemetry: it cannot be compressed";
    return failed;
  }
  std::string answer, retry_after;
  const auto limit = std::min(request.timeout, endpoint_.timeout);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, &retry_after);
  const CURLcode result = Perform(request);
  if (result != CURLE_OK) {
    failed.message =
        "cannot send telemetry to " + endpoint_.url + ": " + curl_easy_strerror(result);
    return failed;
  }
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  return InterpretAnswer(static_cast<int>(status), retry_after, answer, std::time(nullptr),
                         endpoint_.url);
}

}  // namespace

ExportResponse InterpretAnswer(int status, std::string_view retry_after, std::string_view body,
                               int64_t now, const std::string& url) {
  if (status >= 200 && status < 300) return ReadExportAnswer(body, url);
  ExportResponse response;
  const bool retry = status == 429 || status == 502 || status == 503 || status == 504;
  response.outcome = retry ? Outcome::kRetry : Outcome::kRefused;
  if (status == 429 || status == 503) response.retry_after = ReadRetryAfter(retry_after, now);
  response.message =
      "cannot send telemetry to " + url + ": status " + std::to_string(status) + Reason(body);
  return response;
}

std::string Gzip(std::string_view data) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return result == Z_STREAM_END ? out : std::string();
}

std::shared_ptr<Transport> MakeHttpTransport(Endpoint endpoint) {
  CurlIsReady();
  return std::make_shared<HttpTransport>(std::move(endpoint));
}

}  // namespace observatory::detail
