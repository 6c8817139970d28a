#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_server.h"

// An HTTP server for tests of handlers: no sockets, one call is one function call.

namespace ao::api {

// Remembers what a handler streamed. Thread-safe. While `Block` is in force, Write waits.
class RecordingStream final : public net::ResponseStream {
 public:
  bool Write(std::string_view chunk) override {
    std::unique_lock lock(mutex_);
    ++writers_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !blocked_; });
    --writers_;
    if (closed_) return false;
    text_ += chunk;
    changed_.notify_all();
    return true;
  }
  void Finish() override {
    Change([&] { finished_ = true; });
  }
  bool closed() const override {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  // The peer goes away.
  void Disconnect() {
    Change([&] { closed_ = true; });
  }
  void Block(bool blocked) {
    Change([&] { blocked_ = blocked; });
  }

  bool AwaitText(std::string_view part) {
    return Await([&] { return text_.find(part) != std::string::npos; });
  }
  bool AwaitFinish() {
    return Await([&] { return finished_; });
  }
  bool AwaitWriter() {
    return Await([&] { return writers_ > 0; });
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  template <typename Action>
  void Change(Action action) {
    const std::lock_guard lock(mutex_);
    action();
    changed_.notify_all();
  }
  template <typename Condition>
  bool Await(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), condition);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  bool closed_ = false, finished_ = false, blocked_ = false;
  int writers_ = 0;
};

class RecordingReply final : public net::Reply {
 public:
  void Send(net::HttpResponse sent) override {
    ++answers;
    response = std::move(sent);
  }
  std::shared_ptr<net::ResponseStream> Stream(net::HttpResponse head) override {
    ++answers;
    response = std::move(head);
    stream = std::make_shared<RecordingStream>();
    return stream;
  }

  int answers = 0;
  net::HttpResponse response;
  std::shared_ptr<RecordingStream> stream;
};

class FakeServer final : public net::HttpServer {
 public:
  void AddRoute(net::Route route) override { routes.push_back(std::move(route)); }
  void AddPrefix(std::string, std::string) override {}
  Status Start() override { return OkStatus(); }
  std::string address() const override { return {}; }
  void Stop(Nanos) override {}

  // The route that takes the path, with its path parameters; null when none does.
  const net::Route* Match(const std::string& method, std::string_view path,
                          net::HeaderList* parameters) const {
    for (const net::Route& route : routes) {
      if (route.method != method && route.method != "*") continue;
      parameters->clear();
      if (Matches(route.pattern, path, parameters)) return &route;
    }
    return nullptr;
  }

  // Runs the handler of `request.path`; null when there is no route.
  std::shared_ptr<RecordingReply> Call(net::HttpRequest request) const {
    const net::Route* route = Match(request.method, request.path, &request.path_parameters);
    if (route == nullptr) return nullptr;
    auto reply = std::make_shared<RecordingReply>();
    route->handler(std::move(request), reply);
    return reply;
  }

  std::vector<net::Route> routes;

 private:
  static bool Matches(std::string_view pattern, std::string_view path,
                      net::HeaderList* parameters) {
    while (!pattern.empty() || !path.empty()) {
      if (pattern == "*") return true;
      if (pattern.starts_with('{')) {
        const size_t end = pattern.find('}');
        const size_t slash = std::min(path.find('/'), path.size());
        parameters->emplace_back(pattern.substr(1, end - 1), path.substr(0, slash));
        pattern.remove_prefix(end + 1);
        path.remove_prefix(slash);
        continue;
      }
      if (pattern.empty() || path.empty() || pattern.front() != path.front()) return false;
      pattern.remove_prefix(1);
      path.remove_prefix(1);
    }
    return true;
  }
};

}  // namespace ao::api
