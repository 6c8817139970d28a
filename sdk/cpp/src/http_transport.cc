#include "http_transport.h"

#include <curl/curl.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <mutex>

#include "observatory/version.h"

namespace observatory::detail {
namespace {

using std::chrono::milliseconds;
using Outcome = ExportResponse::Outcome;

constexpr size_t kMaxAnswer = size_t{4} << 20;

// The first field `field` of a protobuf message, as a number or as bytes; absent: 0, empty.
struct Field {
  uint64_t number = 0;
  std::string_view bytes;
};

bool ReadVarint(std::string_view* in, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && !in->empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in->front());
    in->remove_prefix(1);
    *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

Field FindField(std::string_view message, uint32_t field) {
  uint64_t tag = 0, size = 0;
  while (!message.empty() && ReadVarint(&message, &tag)) {
    const bool wanted = tag >> 3 == field;
    if ((tag & 7) == 0) {
      if (!ReadVarint(&message, &size)) break;
      if (wanted) return {size, {}};
      continue;
    }
    if ((tag & 7) == 1 || (tag & 7) == 5) {
      size = (tag & 7) == 1 ? 8 : 4;
    } else if ((tag & 7) != 2 || !ReadVarint(&message, &size)) {
      break;
    }
    if (size > message.size()) break;
    if (wanted && (tag & 7) == 2) return {0, message.substr(0, size)};
    message.remove_prefix(size);
  }
  return {};
}

// What the server says about an error: the message of a google.rpc.Status, or a short text.
std::string Reason(std::string_view body) {
  const std::string_view message = FindField(body, 2).bytes;
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

class Connection {
 public:
  explicit Connection(Target target) : target_(std::move(target)) {}
  ~Connection() { Close(); }

  ExportResponse Send(const ExportRequest& request);
  // In the child of a fork(): the handles belong to the parent's connection.
  void Forget() {
    easy_ = nullptr;
    multi_ = nullptr;
    headers_ = nullptr;
  }

 private:
  bool Open();
  void Close();
  CURLcode Perform(const ExportRequest& request);

  const Target target_;
  CURL* easy_ = nullptr;
  CURLM* multi_ = nullptr;
  curl_slist* headers_ = nullptr;
};

bool Connection::Open() {
  if (easy_ != nullptr) return true;
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return false;
  easy_ = curl_easy_init();
  multi_ = curl_multi_init();
  if (easy_ == nullptr || multi_ == nullptr) {
    Close();
    return false;
  }
  for (const auto& [name, value] : target_.headers) {
    headers_ = curl_slist_append(headers_, (name + ": " + value).c_str());
  }
  headers_ = curl_slist_append(headers_, "Content-Type: application/x-protobuf");
  if (target_.compression == Compression::kGzip) {
    headers_ = curl_slist_append(headers_, "Content-Encoding: gzip");
  }
  headers_ = curl_slist_append(headers_, "Expect:");
  curl_easy_setopt(easy_, CURLOPT_URL, target_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "OTel-OTLP-Exporter-Observatory-Cpp/" OBSERVATORY_VERSION);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_POST, 1L);
  curl_easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, KeepBody);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, KeepRetryAfter);
  const auto file = [&](CURLoption option, const std::string& path) {
    if (!path.empty()) curl_easy_setopt(easy_, option, path.c_str());
  };
  file(CURLOPT_CAINFO, target_.certificate);
  file(CURLOPT_SSLKEY, target_.client_key);
  file(CURLOPT_SSLCERT, target_.client_certificate);
  return true;
}

void Connection::Close() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
  if (headers_ != nullptr) curl_slist_free_all(headers_);
  Forget();
}

// As curl_easy_perform, but looks at `cancelled` all the while.
CURLcode Connection::Perform(const ExportRequest& request) {
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

ExportResponse Connection::Send(const ExportRequest& request) {
  ExportResponse failed;
  if (!Open()) {
    failed.message = "cannot send telemetry: libcurl cannot be initialised";
    return failed;
  }
  std::string packed;
  std::string_view body = request.body;
  if (target_.compression == Compression::kGzip) body = packed = Gzip(request.body);
  if (body.empty() && !request.body.empty()) {
    failed.message = "cannot send telemetry: it cannot be compressed";
    return failed;
  }
  std::string answer, retry_after;
  const auto limit = std::min(request.timeout, target_.timeout);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, &retry_after);
  const CURLcode result = Perform(request);
  if (result != CURLE_OK) {
    failed.message =
        "cannot send telemetry to " + target_.url + ": " + curl_easy_strerror(result);
    return failed;
  }
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  return InterpretAnswer(static_cast<int>(status), retry_after, answer, std::time(nullptr),
                         target_.url);
}

class HttpTransport final : public Transport {
 public:
  HttpTransport(Target traces, Target metrics, Target logs)
      : connections_{Connection(std::move(traces)), Connection(std::move(metrics)),
                     Connection(std::move(logs))} {}

  ExportResponse send(const ExportRequest& request) noexcept override {
    try {
      return connections_[static_cast<size_t>(request.signal)].Send(request);
    } catch (const std::exception& error) {
      return {.message = error.what()};
    }
  }
  void after_fork() noexcept override {
    for (Connection& connection : connections_) connection.Forget();
  }

 private:
  std::array<Connection, 3> connections_;  // each used by the thread of its signal only
};

}  // namespace

ExportResponse InterpretAnswer(int status, std::string_view retry_after, std::string_view body,
                               int64_t now, const std::string& url) {
  ExportResponse response;
  if (status >= 200 && status < 300) {
    response.outcome = Outcome::kAccepted;
    const std::string_view partial = FindField(body, 1).bytes;
    response.rejected = FindField(partial, 1).number;
    const std::string_view why = FindField(partial, 2).bytes;
    if (response.rejected > 0) {
      response.message = url + " rejected " + std::to_string(response.rejected) +
                         " records: " + std::string(why.substr(0, 200));
    } else if (!why.empty()) {
      response.message = url + " warns: " + std::string(why.substr(0, 200));
    }
    return response;
  }
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

std::shared_ptr<Transport> MakeHttpTransport(Target traces, Target metrics, Target logs) {
  return std::make_shared<HttpTransport>(std::move(traces), std::move(metrics), std::move(logs));
}

}  // namespace observatory::detail
