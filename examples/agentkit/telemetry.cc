#include "agentkit/telemetry.h"

#include <cstdio>
#include <memory>
#include <mutex>

#include <observatory/observatory.h>

#include "agentkit/clock.h"

namespace agentkit {
namespace {

// Remembers which trace began last: what a job that failed is found by.
class LastTrace : public observatory::SpanProcessor {
 public:
  void on_start(observatory::Span& span, const observatory::Context& parent) noexcept override {
    if (parent.span_context().valid()) return;
    const std::lock_guard lock(mutex_);
    trace_id_ = span.trace_id();
  }
  std::string hex() const {
    const std::lock_guard lock(mutex_);
    return trace_id_.hex();
  }

 private:
  mutable std::mutex mutex_;
  observatory::TraceId trace_id_;
};

const std::shared_ptr<LastTrace>& last_trace() {
  static const auto processor = std::make_shared<LastTrace>();
  return processor;
}

void write_line(std::string_view line) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace

void start_telemetry(const std::string& service, const std::string& version) {
  observatory::configure({.service_name = service,
                          .service_version = version,
                          .processors = {last_trace()},
                          .baggage_attributes = {"session.id", "user.id"},
                          .clock = replay_clock()});
}

const std::shared_ptr<observatory::StructuredLogger>& log_lines() {
  static const auto logger = std::make_shared<observatory::StructuredLogger>("", write_line);
  return logger;
}

std::string last_trace_id() { return last_trace()->hex(); }

}  // namespace agentkit
