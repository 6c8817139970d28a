#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "decode.h"
#include "observatory/observatory.h"

// For tests only: a clock that stands still, a transport that keeps what it is sent, and readers of
// OTLP requests.

namespace observatory::testing {

class ManualClock final : public Clock {
 public:
  int64_t unix_nanos() const noexcept override { return unix_ + steady_; }
  int64_t steady_nanos() const noexcept override { return steady_; }
  void Advance(std::chrono::nanoseconds by) { steady_ += by.count(); }

 private:
  const int64_t unix_ = 1'700'000'000'000'000'000;
  std::atomic<int64_t> steady_{1'000'000'000};
};

class FakeTransport final : public Transport {
 public:
  struct Sent {
    Signal signal;
    std::string body;
  };
  using Answer = std::function<ExportResponse(const ExportRequest&)>;

  ExportResponse send(const ExportRequest& request) noexcept override {
    std::unique_lock lock(mutex_);
    ++attempts_;
    changed_.notify_all();
    ExportResponse response{.outcome = ExportResponse::Outcome::kAccepted};
    if (answer_) {
      const Answer answer = answer_;
      lock.unlock();
      response = answer(request);
      lock.lock();
    }
    if (response.outcome == ExportResponse::Outcome::kAccepted) {
      sent_.push_back({request.signal, std::string(request.body)});
    }
    return response;
  }
  void SetAnswer(Answer answer) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  std::vector<Sent> sent() const {
    std::lock_guard lock(mutex_);
    return sent_;
  }
  std::vector<std::string> bodies(Signal signal) const {
    std::vector<std::string> out;
    for (const Sent& each : sent()) {
      if (each.signal == signal) out.push_back(each.body);
    }
    return out;
  }
  void AwaitAttempts(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempts_ >= count; });
  }
  int attempts() const {
    std::lock_guard lock(mutex_);
    return attempts_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Sent> sent_;
  Answer answer_;
  int attempts_ = 0;
};

// The bytes of every field `number` of a message.
inline std::vector<std::string> Fields(std::string_view message, uint32_t number) {
  std::vector<std::string> out;
  for (detail::FieldReader reader(message); reader.Next();) {
    if (reader.field() == number) out.emplace_back(reader.bytes());
  }
  return out;
}

inline Value::Map KeyValues(std::string_view message, uint32_t field) {
  Value::Map out;
  for (const std::string& member : Fields(message, field)) {
    std::string key;
    Value value;
    for (detail::FieldReader reader(member); reader.Next();) {
      if (reader.field() == 1) key = reader.bytes();
      if (reader.field() == 2) value = detail::DecodeAnyValue(reader.bytes());
    }
    out.emplace_back(key, value);
  }
  return out;
}

// The spans, log records or metrics of a request, with the name of their scope.
struct Item {
  std::string scope, message;
};
inline std::vector<Item> Items(std::string_view request) {
  std::vector<Item> out;
  for (const std::string& resource : Fields(request, 1)) {
    for (const std::string& scope : Fields(resource, 2)) {
      const std::string head = Fields(scope, 1).at(0);
      const auto names = Fields(head, 1);
      for (const std::string& item : Fields(scope, 2)) {
        out.push_back({names.empty() ? "" : names[0], item});
      }
    }
  }
  return out;
}

inline Value::Map ResourceOf(std::string_view request) {
  return KeyValues(Fields(Fields(request, 1).at(0), 1).at(0), 1);
}

inline const Value* Find(const Value::Map& map, std::string_view key) {
  for (const auto& [name, value] : map) {
    if (name == key) return &value;
  }
  return nullptr;
}

inline std::vector<SpanRecord> Spans(const std::vector<std::string>& requests) {
  std::vector<SpanRecord> out;
  for (const std::string& request : requests) {
    for (const Item& item : Items(request)) {
      out.push_back(detail::DecodeSpan(item.message));
      out.back().scope_name = item.scope;
    }
  }
  return out;
}

struct LogLine {
  std::string event_name, severity_text, trace_id, span_id;
  uint64_t severity = 0, time_ns = 0;
  Value body;
  Value::Map attributes;
};
inline std::vector<LogLine> Logs(const std::vector<std::string>& requests) {
  std::vector<LogLine> out;
  for (const std::string& request : requests) {
    for (const Item& item : Items(request)) {
      LogLine line;
      for (detail::FieldReader reader(item.message); reader.Next();) {
        switch (reader.field()) {
          case 1: line.time_ns = reader.number(); break;
          case 2: line.severity = reader.number(); break;
          case 3: line.severity_text = reader.bytes(); break;
          case 5: line.body = detail::DecodeAnyValue(reader.bytes()); break;
          case 9: line.trace_id = reader.bytes(); break;
          case 10: line.span_id = reader.bytes(); break;
          case 12: line.event_name = reader.bytes(); break;
          default: break;
        }
      }
      line.attributes = KeyValues(item.message, 6);
      out.push_back(std::move(line));
    }
  }
  return out;
}

// A configuration that sends to a FakeTransport.
struct Fixture {
  explicit Fixture(Options options = {}) {
    options.service_name = options.service_name.empty() ? "test" : options.service_name;
    options.transport = transport;
    if (options.clock == nullptr) options.clock = clock;
    options.traces.initial_backoff = std::chrono::milliseconds(1);
    options.traces.max_backoff = std::chrono::milliseconds(1);
    options.logs = options.traces;
    options.on_problem = [](std::string_view) {};
    sdk.emplace(Sdk::create(std::move(options)));
  }
  ~Fixture() { sdk->shutdown(std::chrono::milliseconds(0)); }

  std::vector<SpanRecord> Flushed() {
    sdk->flush();
    return Spans(transport->bodies(Signal::kTraces));
  }

  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>();
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::optional<Sdk> sdk;
};

}  // namespace observatory::testing
