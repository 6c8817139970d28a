#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "net/exchange.h"

// A client's connection: socket, TLS, buffers, deadlines. What the bytes mean is the business of
// its Protocol. Each connection lives on one I/O thread; only ReplyTarget may be called from
// others. Internal to net/.

namespace ao::net {

namespace asio = boost::asio;
class Connection;

// One thread with its own event loop. Connections on it need no locks.
class IoThread {
 public:
  IoThread() : work_(asio::make_work_guard(io_)) {}

  asio::io_context& io() { return io_; }
  void Run() {
    thread_ = std::thread([this] { io_.run(); });
  }
  // Runs `fn` on the thread; false, and dropped, when the thread has ended.
  template <typename F>
  bool Post(F fn) {
    std::lock_guard lock(mutex_);
    if (!ended_) asio::post(io_, std::move(fn));
    return !ended_;
  }
  // No posts any more; returns when everything under way is done.
  void End() {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }

  // Of this thread; touched on it only.
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool draining = false;

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::mutex mutex_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;
};

// How many connections are open, for the limit and for Stop.
class ConnectionCount {
 public:
  size_t Add() { return count_.fetch_add(1) + 1; }
  void Remove() {
    std::lock_guard lock(mutex_);
    if (count_.fetch_sub(1) == 1) none_.notify_all();
  }
  // False when some were left after `timeout`.
  bool AwaitNone(Nanos timeout) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, std::chrono::nanoseconds(timeout), [this] { return count_ == 0; });
  }

 private:
  std::atomic<size_t> count_{0};
  std::mutex mutex_;
  std::condition_variable none_;
};

// What the bytes of a connection mean. All calls on the connection's thread.
class Protocol {
 public:
  virtual ~Protocol() = default;
  // Returns how many bytes of `data` it is done with; the rest comes again with what follows.
  virtual size_t OnData(std::string_view data) = 0;
  virtual void OnEnd() = 0;          // the peer sends no more
  virtual void OnWritten() = 0;      // everything written so far has been sent
  virtual void OnReadTimeout() = 0;  // the read deadline has passed
  virtual void OnResponse(uint32_t exchange, WireResponse response) = 0;
  virtual void OnStreamReady(uint32_t exchange) = 0;
  virtual void OnDrain() = 0;   // finish what is under way, then close
  virtual void OnClosed() = 0;  // the connection is gone: let go of everything
};

class Connection final : public ReplyTarget, public std::enable_shared_from_this<Connection> {
 public:
  // `tls` may be null. `overloaded` connections only hear that there are too many.
  Connection(std::shared_ptr<IoThread> thread, asio::ip::tcp::socket socket,
             std::shared_ptr<HttpCore> core, std::shared_ptr<asio::ssl::context> tls,
             std::shared_ptr<ConnectionCount> count, bool overloaded);
  ~Connection() override;

  void Start();
  void Drain();
  // Closes at once.
  void Abort();

  // For the protocol.
  void Write(std::string head, std::string body = {});
  // Closes when everything is written: says goodbye, then swallows what the peer still sends, so
  // that it gets to read the answer.
  void CloseWhenWritten();
  bool writing() const { return writing_; }
  // 0: never. Replaces the deadline set before.
  void SetReadDeadline(Nanos from_now);
  // Gives bytes kept back earlier to the protocol again.
  void ProcessBuffered();

  const std::shared_ptr<HttpCore>& core() const { return core_; }
  const std::string& remote_address() const { return remote_address_; }
  bool overloaded() const { return overloaded_; }
  bool draining() const { return thread_->draining; }

  // From any thread.
  void PostResponse(uint32_t exchange, WireResponse response) override;
  void PostStreamReady(uint32_t exchange) override;

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Handshake();
  void Read();
  void OnRead(const boost::system::error_code& error, size_t bytes);
  void Deliver();
  bool ChooseProtocol(std::string_view data);
  void Flush();
  void OnFlushed(const boost::system::error_code& error, size_t bytes);
  void Linger();
  void Swallow();
  void ArmTimer();
  void OnTimer();
  void LetGo();

  const std::shared_ptr<IoThread> thread_;  // first: the socket needs its event loop to the end
  asio::ip::tcp::socket socket_;
  const std::shared_ptr<HttpCore> core_;
  const std::shared_ptr<asio::ssl::context> tls_context_;
  const std::shared_ptr<ConnectionCount> count_;
  const bool overloaded_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
  std::string remote_address_;
  std::unique_ptr<Protocol> protocol_;

  std::vector<char> input_;
  size_t input_begin_ = 0, input_end_ = 0;
  bool reading_ = false;
  bool ended_ = false;
  bool delivering_ = false;

  std::deque<std::string> output_;
  size_t output_sent_ = 0;  // of its front
  bool writing_ = false;
  bool close_when_written_ = false;
  bool lingering_ = false;
  bool closed_ = false;

  asio::steady_timer timer_;
  Time read_deadline_ = Time::max();
  Time write_deadline_ = Time::max();
  Time armed_for_ = Time::max();
};

}  // namespace ao::net
