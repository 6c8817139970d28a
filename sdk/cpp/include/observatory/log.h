#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "observatory/context.h"
#include "observatory/export.h"
#include "observatory/value.h"

namespace observatory {
namespace detail {
struct Instrumentation;
}

// OTLP severity numbers.
enum class Severity : uint8_t {
  kTrace = 1,
  kDebug = 5,
  kInfo = 9,
  kWarn = 13,
  kError = 17,
  kFatal = 21
};

struct LogOptions {
  Severity severity = Severity::kInfo;
  std::string_view event_name = {};
  Attributes attributes = {};
  std::optional<int64_t> time_ns = std::nullopt;  // Unix time; absent: now
  std::optional<Context> context = std::nullopt;  // absent: the current one
};

// Emits OTLP log records with the ids of the current span. Thread-safe, trivially copyable.
class OBSERVATORY_API Logger {
 public:
  void emit(const AttributeValue& body, const LogOptions& options = {}) const noexcept;

 private:
  friend class Sdk;
  explicit Logger(const detail::Instrumentation* scope) : scope_(scope) {}
  const detail::Instrumentation* scope_;
};
OBSERVATORY_API Logger logger(std::string_view name = {}, std::string_view version = {}) noexcept;

struct LlmCallLog {
  std::string_view model;
  int64_t prompt_tokens = 0, completion_tokens = 0;  // total_tokens is their sum
  double latency_ms = 0;                             // written with one decimal
};
struct ToolCallLog {
  std::string_view tool_name;
  Value arguments = {};
  std::string_view result = {};  // result_preview, cut at 200 bytes
  double latency_ms = 0;
  bool success = true;
};

// One JSON object per line, and the same as an OTLP log record:
//   {"timestamp": "2026-01-31T12:00:00.123456Z", "service": ..., "event_type": ..., "trace_id":
//   ...,
//    "level": "INFO", <fields of the event>}
// trace_id is 32 hex digits or null. Thread-safe; lines are never mixed.
class OBSERVATORY_API StructuredLogger {
 public:
  // Gets a line without its end, one at a time; may not throw.
  using Sink = std::function<void(std::string_view line)>;

  // Without a sink, lines go to stdout. `service` empty: that of the configuration.
  explicit StructuredLogger(std::string service = {}, Sink sink = nullptr, bool otlp = true);
  ~StructuredLogger();
  StructuredLogger(StructuredLogger&&) noexcept;

  void log_event(std::string_view event_type, const Value::Map& fields = {},
                 Severity level = Severity::kInfo) const noexcept;
  void log_llm_call(const LlmCallLog& call) const noexcept;    // event_type "llm_call"
  void log_tool_call(const ToolCallLog& call) const noexcept;  // event_type "tool_call"

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A sink that appends to a file, and one that writes nowhere.
OBSERVATORY_API StructuredLogger::Sink file_sink(const std::string& path);
OBSERVATORY_API StructuredLogger::Sink no_sink();

}  // namespace observatory
