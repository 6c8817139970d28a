#include "net/http1.h"

#include <ctime>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include "net/ascii.h"

namespace ao::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr uint32_t kHeadLimit = 64 * 1024;
// How much of a refused body is read for the sake of keeping the connection.
constexpr size_t kDiscardLimit = 1 << 20;

// Feeds a request's head and body to two receivers, without a copy in between.
class Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(std::function<void(std::string_view)> on_body) : on_body_(std::move(on_body)) {
    header_limit(kHeadLimit);
    body_limit(boost::none);  // our own limit also counts while inflating
  }

  RequestHead head;
  int version = 0;  // 11 is HTTP/1.1

 private:
  using View = boost::beast::string_view;

  void on_request_impl(http::verb, View method, View target, int version_number,
                       error_code& error) override {
    version = version_number;
    error = {};
    head.method.assign(method.data(), method.size());
    head.target.assign(target.data(), target.size());
  }
  void on_response_impl(int, View, int, error_code& error) override { error = {}; }
  void on_field_impl(http::field, View name, View value, error_code& error) override {
    error = {};
    head.headers.emplace_back(ToLower(std::string_view(name.data(), name.size())),
                              std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code& error) override {
    error = {};
  }
  size_t on_body_impl(View body, error_code& error) override {
    error = {};
    on_body_({body.data(), body.size()});
    return body.size();
  }
  void on_chunk_header_impl(uint64_t, View, error_code& error) override { error = {}; }
  size_t on_chunk_body_impl(uint64_t, View body, error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(error_code& error) override { error = {}; }

  const std::function<void(std::string_view)> on_body_;
};

std::string_view HttpDate() {
  static thread_local std::time_t second = 0;
  static thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    std::tm parts = {};
    gmtime_r(&now, &parts);
    char buffer[64];
    text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %T GMT", &parts));
    second = now;
  }
  return text;
}

class Http1 final : public Protocol {
 public:
  explicit Http1(Connection& connection) : connection_(connection) { Reset(); }

  size_t OnData(std::string_view data) override;
  void OnEnd() override;
  void OnWritten() override;
  void OnReadTimeout() override;
  void OnResponse(uint32_t exchange, WireResponse response) override;
  void OnStreamReady(uint32_t exchange) override;
  void OnDrain() override;
  void OnClosed() override;

 private:
  enum class Reading { kHead, kBody, kDone };

  // Each returns false when the connection is to be closed.
  bool ReadHead();
  void OnBody(std::string_view bytes);
  void Refuse(int status, const Status& why);
  void Respond(WireResponse response);
  void PumpStream();
  void FinishIfDone();
  void Reset();
  std::string RenderHead(const WireResponse& response);

  Connection& connection_;
  uint32_t id_ = 0;
  std::optional<Parser> parser_;
  std::unique_ptr<Exchange> exchange_;
  std::optional<WireResponse> failure_;  // found while the parser runs
  std::shared_ptr<StreamQueue> stream_;
  Reading reading_ = Reading::kHead;
  bool saw_bytes_ = false;      // of the current head
  bool responding_ = false;     // the response has been started
  bool response_done_ = false;  // and everything of it was written to the connection
  bool chunked_ = false;
  bool keep_alive_ = true;
  bool closing_ = false;
  bool peer_ended_ = false;
  size_t discarded_ = 0;
};

void Http1::Reset() {
  ++id_;
  parser_.emplace([this](std::string_view bytes) { OnBody(bytes); });
  exchange_.reset();
  failure_.reset();
  stream_.reset();
  reading_ = Reading::kHead;
  saw_bytes_ = responding_ = response_done_ = chunked_ = false;
  discarded_ = 0;
}

size_t Http1::OnData(std::string_view data) {
  size_t used = 0;
  while (used < data.size() && !closing_ && reading_ != Reading::kDone) {
    std::string_view rest = data.substr(used);
    if (reading_ == Reading::kHead && !saw_bytes_) {
      // Empty lines in front of a request are to be ignored.
      const size_t blank = std::min(rest.find_first_not_of("\r\n"), rest.size());
      used += blank;
      rest.remove_prefix(blank);
      if (rest.empty()) break;
      saw_bytes_ = true;
      connection_.SetReadDeadline(connection_.core()->options.read_header_timeout);
    }
    error_code error;
    parser_->eager(reading_ == Reading::kBody);
    used += parser_->put(asio::const_buffer(rest.data(), rest.size()), error);
    if (error == http::error::need_more) {
      if (reading_ == Reading::kHead && rest.size() > kHeadLimit) {
        error = http::error::header_limit;
      } else {
        error = {};
        if (!failure_.has_value()) break;
      }
    }
    if (error == http::error::header_limit) {
      Refuse(431, InvalidArgument("cannot read the request: its head is larger than 64 KiB"));
      return data.size();
    }
    if (error) {
      Refuse(400,
             InvalidArgument(fmt::format("cannot read the HTTP request: {}", error.message())));
      return data.size();
    }
    if (reading_ == Reading::kHead && parser_->is_header_done() && !ReadHead()) return data.size();
    if (failure_.has_value()) Respond(*std::exchange(failure_, std::nullopt));
    if (parser_->is_done() && reading_ == Reading::kBody) {
      reading_ = Reading::kDone;
      connection_.SetReadDeadline(0);
      if (!responding_) {
        if (auto failure = exchange_->OnEnd()) Respond(std::move(*failure));
      }
      FinishIfDone();
    }
  }
  return closing_ ? data.size() : used;
}

bool Http1::ReadHead() {
  reading_ = Reading::kBody;
  keep_alive_ = parser_->keep_alive();
  connection_.SetReadDeadline(connection_.core()->options.idle_timeout);
  if (const auto length = parser_->content_length()) parser_->head.content_length = *length;
  const bool http_1_0 = parser_->version < 11;
  if (parser_->version > 11) {
    Refuse(505, InvalidArgument("cannot serve the request: use HTTP/1.1 or HTTP/2"));
    return false;
  }
  bool has_host = false;
  bool expects = false;
  for (const auto& [name, value] : parser_->head.headers) {
    has_host |= name == "host";
    expects |= name == "expect";
  }
  if (!has_host && !http_1_0) {
    Refuse(400, InvalidArgument("cannot serve the request: it has no Host header"));
    return false;
  }
  exchange_ = std::make_unique<Exchange>(connection_.core(), connection_.shared_from_this(), id_,
                                         connection_.remote_address());
  failure_ = exchange_->Begin(std::move(parser_->head), connection_.overloaded());
  if (failure_.has_value()) {
    // The body may or may not follow now: only closing is safe.
    if (expects || connection_.overloaded()) keep_alive_ = false;
  } else if (exchange_->expects_continue() && !parser_->is_done()) {
    connection_.Write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  return true;
}

void Http1::OnBody(std::string_view bytes) {
  if (responding_ || failure_.has_value()) {
    discarded_ += bytes.size();
    if (discarded_ <= kDiscardLimit) return;
    keep_alive_ = false;
    closing_ = true;
    if (responding_) connection_.CloseWhenWritten();
    return;
  }
  connection_.SetReadDeadline(connection_.core()->options.idle_timeout);
  failure_ = exchange_->OnBody(bytes);
}

void Http1::Refuse(int status, const Status& why) {
  if (responding_) {
    closing_ = true;
    return connection_.CloseWhenWritten();
  }
  keep_alive_ = false;
  reading_ = Reading::kDone;
  HttpResponse response = ErrorResponse(why);
  response.status = status;
  Respond(Finalise(*connection_.core(), {}, std::move(response)));
}

std::string Http1::RenderHead(const WireResponse& response) {
  std::string out;
  out.reserve(256);
  const auto reason = http::obsolete_reason(http::int_to_status(unsigned(response.status)));
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\ndate: {}\r\n", response.status,
                 std::string_view(reason.data(), reason.size()), HttpDate());
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (response.stream != nullptr) {
    if (chunked_) out.append("transfer-encoding: chunked\r\n");
  } else if (response.status != 204 && response.status != 304 &&
             !(response.head_only && response.body.empty())) {
    fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", response.body.size());
  }
  if (!keep_alive_) {
    out.append("connection: close\r\n");
  } else if (parser_->version < 11) {
    out.append("connection: keep-alive\r\n");
  }
  return out.append("\r\n");
}

void Http1::OnResponse(uint32_t exchange, WireResponse response) {
  if (exchange == id_ && !responding_ && !closing_) {
    Respond(std::move(response));
  } else if (response.stream != nullptr) {
    response.stream->Close();
  }
}

void Http1::Respond(WireResponse response) {
  responding_ = true;
  if (connection_.draining() || peer_ended_ || response.close) keep_alive_ = false;
  stream_ = std::move(response.stream);
  if (stream_ != nullptr) {
    chunked_ = parser_->version >= 11;
    if (!chunked_) keep_alive_ = false;
    response.stream = stream_;
  }
  std::string head = RenderHead(response);
  std::string body = response.head_only ? std::string() : std::move(response.body);
  if (stream_ == nullptr) {
    response_done_ = true;
    connection_.Write(std::move(head), std::move(body));
    if (closing_ || (!keep_alive_ && reading_ != Reading::kDone)) {
      // A refused body that is still coming is swallowed after the goodbye.
      closing_ = true;
      connection_.CloseWhenWritten();
    }
    return;
  }
  if (chunked_ && !body.empty()) {
    body.insert(0, fmt::format("{:x}\r\n", body.size()));
    body.append("\r\n");
  }
  connection_.Write(std::move(head), std::move(body));
  if (peer_ended_ || connection_.draining()) return connection_.Abort();
}

void Http1::OnStreamReady(uint32_t exchange) {
  if (exchange == id_ && stream_ != nullptr && !connection_.writing()) PumpStream();
}

void Http1::PumpStream() {
  bool finished = false;
  std::string chunk = stream_->Take(&finished);
  std::string head;
  if (chunked_ && !chunk.empty()) {
    head = fmt::format("{:x}\r\n", chunk.size());
    chunk.append("\r\n");
  }
  if (finished) {
    if (chunked_) chunk.append("0\r\n\r\n");
    stream_->Close();
    stream_.reset();
    response_done_ = true;
  }
  connection_.Write(std::move(head), std::move(chunk));
  if (response_done_ && !connection_.writing()) OnWritten();
}

void Http1::OnWritten() {
  if (stream_ != nullptr) return PumpStream();
  FinishIfDone();
  connection_.ProcessBuffered();
}

// The next request may be read when this one's body and response are both over.
void Http1::FinishIfDone() {
  if (!response_done_ || connection_.writing() || reading_ != Reading::kDone || closing_) return;
  if (!keep_alive_ || connection_.draining() || peer_ended_) {
    closing_ = true;
    return connection_.CloseWhenWritten();
  }
  Reset();
  connection_.SetReadDeadline(connection_.core()->options.idle_timeout);
}

void Http1::OnEnd() {
  peer_ended_ = true;
  // A client that has sent its whole request may still wait for the answer; a streamed one has no
  // other way to tell that it has left.
  if (reading_ != Reading::kDone || stream_ != nullptr) return connection_.Abort();
}

void Http1::OnReadTimeout() {
  if (reading_ == Reading::kDone) return;
  if (!saw_bytes_ || responding_) return connection_.Abort();
  const Status why = DeadlineExceeded("cannot read the request: it did not arrive in time");
  Refuse(408, why);
  closing_ = true;
  connection_.CloseWhenWritten();
}

void Http1::OnDrain() {
  if (stream_ != nullptr) return connection_.Abort();
  const bool idle = reading_ == Reading::kHead && !saw_bytes_ && !connection_.writing();
  if (idle) connection_.Abort();
}

void Http1::OnClosed() {
  closing_ = true;
  // The stream knows the connection: kept here, they would keep each other.
  if (const auto stream = std::move(stream_)) stream->Close();
  exchange_.reset();
}

}  // namespace

std::unique_ptr<Protocol> MakeHttp1(Connection& connection) {
  return std::make_unique<Http1>(connection);
}

}  // namespace ao::net
