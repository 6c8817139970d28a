#include "net/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>

#include "net/http1.h"
#include "net/http2.h"

namespace ao::net {
namespace {

using boost::system::error_code;

constexpr size_t kFirstBuffer = 16 * 1024;
constexpr size_t kLargestBuffer = 128 * 1024;  // holds the largest head
constexpr Nanos kLingerTime = 3 * kSecond;
constexpr Nanos kDrainLingerTime = 200 * kMillisecond;
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

Connection::Connection(std::shared_ptr<IoThread> thread, asio::ip::tcp::socket socket,
                       std::shared_ptr<HttpCore> core, std::shared_ptr<asio::ssl::context> tls,
                       std::shared_ptr<ConnectionCount> count, bool overloaded)
    : thread_(std::move(thread)),
      socket_(std::move(socket)),
      core_(std::move(core)),
      tls_context_(std::move(tls)),
      count_(std::move(count)),
      overloaded_(overloaded),
      timer_(thread_->io()) {}

Connection::~Connection() = default;

void Connection::Start() {
  thread_->connections.insert(shared_from_this());
  error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  const auto peer = socket_.remote_endpoint(error);
  if (!error) remote_address_ = peer.address().to_string();
  input_.resize(kFirstBuffer);
  SetReadDeadline(core_->options.read_header_timeout);
  if (tls_context_ != nullptr) {
    Handshake();
  } else {
    Read();
  }
}

void Connection::Handshake() {
  tls_.emplace(socket_, *tls_context_);
  tls_->async_handshake(asio::ssl::stream_base::server,
                        [self = shared_from_this()](const error_code& error) {
                          if (error) return self->Abort();
                          self->Read();
                        });
}

void Connection::Read() {
  if (reading_ || ended_ || closed_) return;
  if (input_begin_ == input_end_) input_begin_ = input_end_ = 0;
  if (input_end_ == input_.size() && input_begin_ > 0) {
    std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
    input_end_ -= std::exchange(input_begin_, 0);
  }
  if (input_end_ == input_.size()) {
    if (input_.size() >= kLargestBuffer) return;  // until the protocol takes some
    input_.resize(input_.size() * 2);
  }
  reading_ = true;
  const auto room = asio::buffer(input_.data() + input_end_, input_.size() - input_end_);
  auto done = [self = shared_from_this()](const error_code& error, size_t bytes) {
    self->OnRead(error, bytes);
  };
  if (tls_ && !lingering_) {
    tls_->async_read_some(room, std::move(done));
  } else {
    socket_.async_read_some(room, std::move(done));
  }
}

void Connection::OnRead(const error_code& error, size_t bytes) {
  reading_ = false;
  if (closed_) return;
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    ended_ = true;
    if (lingering_ || protocol_ == nullptr) return Abort();
    return protocol_->OnEnd();
  }
  if (error) return Abort();
  // A read that fills the buffer is part of something big: read more at a time.
  const bool filled = bytes == input_.size() && input_.size() < kLargestBuffer;
  input_end_ += bytes;
  if (lingering_) {
    input_begin_ = input_end_ = 0;
  } else {
    Deliver();
  }
  if (filled && !reading_ && input_begin_ == input_end_) input_.resize(kLargestBuffer);
  Read();
}

void Connection::ProcessBuffered() {
  if (closed_ || lingering_ || delivering_) return;
  Deliver();
  Read();
}

void Connection::Deliver() {
  const std::string_view data(input_.data() + input_begin_, input_end_ - input_begin_);
  if (data.empty()) return;
  if (protocol_ == nullptr && !ChooseProtocol(data)) return;
  delivering_ = true;
  input_begin_ += protocol_->OnData(data);
  delivering_ = false;
  if (closed_) input_begin_ = input_end_;
  if (close_when_written_ && !writing_ && !lingering_ && !closed_) Linger();
}

bool Connection::ChooseProtocol(std::string_view data) {
  const size_t known = std::min(data.size(), kHttp2Preface.size());
  if (data.substr(0, known) != kHttp2Preface.substr(0, known)) {
    protocol_ = MakeHttp1(*this);
    return true;
  }
  if (known < kHttp2Preface.size()) return false;
  protocol_ = MakeHttp2(*this);
  return true;
}

void Connection::Write(std::string head, std::string body) {
  if (closed_ || lingering_) return;
  if (!head.empty()) output_.push_back(std::move(head));
  if (!body.empty()) output_.push_back(std::move(body));
  if (!writing_ && !output_.empty()) Flush();
}

void Connection::Flush() {
  writing_ = true;
  write_deadline_ =
      std::chrono::steady_clock::now() + std::chrono::nanoseconds(core_->options.write_timeout);
  ArmTimer();
  std::array<asio::const_buffer, 8> buffers;
  const size_t count = std::min(output_.size(), buffers.size());
  for (size_t i = 0; i < count; ++i) buffers[i] = asio::buffer(output_[i]);
  buffers[0] += output_sent_;
  auto done = [self = shared_from_this()](const error_code& error, size_t bytes) {
    self->OnFlushed(error, bytes);
  };
  if (tls_) {
    tls_->async_write_some(buffers, std::move(done));
  } else {
    socket_.async_write_some(buffers, std::move(done));
  }
}

void Connection::OnFlushed(const error_code& error, size_t bytes) {
  if (closed_) return;
  if (error) return Abort();
  output_sent_ += bytes;
  while (!output_.empty() && output_sent_ >= output_.front().size()) {
    output_sent_ -= output_.front().size();
    output_.pop_front();
  }
  if (!output_.empty()) return Flush();
  writing_ = false;
  write_deadline_ = Time::max();
  if (close_when_written_) return Linger();
  if (protocol_ != nullptr) protocol_->OnWritten();
}

void Connection::CloseWhenWritten() {
  if (closed_ || lingering_) return;
  close_when_written_ = true;
  if (!writing_ && !delivering_) Linger();
}

void Connection::Linger() {
  lingering_ = true;
  const auto self = shared_from_this();
  protocol_->OnClosed();
  if (ended_) return Abort();
  SetReadDeadline(draining() ? kDrainLingerTime : kLingerTime);
  // TLS cannot say goodbye while a read is under way; the end of the TCP stream has to do.
  if (!tls_ || reading_) return Swallow();
  reading_ = true;
  tls_->async_shutdown([self](const error_code& error) {
    self->reading_ = false;
    if (!error) return self->Abort();
    self->Swallow();  // the peer still sends
  });
}

void Connection::Swallow() {
  if (closed_) return;
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  input_begin_ = input_end_ = 0;
  Read();
}

void Connection::Abort() {
  if (std::exchange(closed_, true)) return;
  error_code error;
  timer_.cancel();
  socket_.close(error);
  if (protocol_ != nullptr) protocol_->OnClosed();
  LetGo();
}

void Connection::LetGo() {
  thread_->connections.erase(shared_from_this());
  output_.clear();
  count_->Remove();
}

void Connection::Drain() {
  if (protocol_ == nullptr) return Abort();
  if (lingering_) return SetReadDeadline(kDrainLingerTime);
  protocol_->OnDrain();
}

void Connection::SetReadDeadline(Nanos from_now) {
  read_deadline_ = from_now <= 0
                       ? Time::max()
                       : std::chrono::steady_clock::now() + std::chrono::nanoseconds(from_now);
  ArmTimer();
}

// The timer is left alone while it fires early enough: most deadlines move before they pass.
void Connection::ArmTimer() {
  const Time due = std::min(read_deadline_, write_deadline_);
  if (due >= armed_for_ || closed_) return;
  armed_for_ = due;
  timer_.expires_at(due);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->OnTimer();
  });
}

void Connection::OnTimer() {
  if (closed_) return;
  armed_for_ = Time::max();
  const Time now = std::chrono::steady_clock::now();
  if (write_deadline_ <= now) return Abort();
  if (read_deadline_ <= now) {
    read_deadline_ = Time::max();
    if (lingering_ || protocol_ == nullptr) return Abort();
    protocol_->OnReadTimeout();
  }
  ArmTimer();
}

void Connection::PostResponse(uint32_t exchange, WireResponse response) {
  const auto stream = response.stream;
  auto deliver = [self = shared_from_this(), exchange, response = std::move(response)]() mutable {
    if (self->closed_ || self->lingering_) {
      if (response.stream != nullptr) response.stream->Close();
      return;
    }
    self->protocol_->OnResponse(exchange, std::move(response));
  };
  if (!thread_->Post(std::move(deliver)) && stream != nullptr) stream->Close();
}

void Connection::PostStreamReady(uint32_t exchange) {
  thread_->Post([self = shared_from_this(), exchange] {
    if (!self->closed_ && !self->lingering_) self->protocol_->OnStreamReady(exchange);
  });
}

}  // namespace ao::net
