#include "observatory/log.h"

#include <cmath>
#include <cstdio>
#include <ctime>
#include <mutex>

#include "core.h"
#include "json.h"
#include "wire.h"

namespace observatory {
namespace {

constexpr size_t kResultPreview = 200;

std::string_view LevelName(Severity severity) {
  const auto number = static_cast<int>(severity);
  if (number >= 21) return "FATAL";
  if (number >= 17) return "ERROR";
  if (number >= 13) return "WARN";
  if (number >= 9) return "INFO";
  return number >= 5 ? "DEBUG" : "TRACE";
}

// ISO 8601 in UTC, with microseconds.
std::string Timestamp(int64_t unix_nanos) {
  const std::time_t seconds = static_cast<std::time_t>(unix_nanos / 1000000000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof(text) - size, ".%06dZ",
                static_cast<int>(unix_nanos % 1000000000 / 1000));
  return text;
}

double ToTenth(double value) { return std::round(value * 10) / 10; }

}  // namespace

void Logger::emit(const AttributeValue& body, const LogOptions& options) const noexcept {
  detail::Core* core = scope_->core != nullptr ? scope_->core : detail::Core::Global();
  if (core == nullptr || core->disabled()) return;
  detail::Record* record = detail::TakeRecord();
  if (record == nullptr) return;
  record->scope = scope_;
  detail::Buffer* out = &record->data;
  const int64_t now = core->UnixNanos();
  detail::WriteFixed64(out, 1, static_cast<uint64_t>(options.time_ns.value_or(now)));
  detail::WriteVarint(out, 2, static_cast<uint64_t>(options.severity));
  detail::WriteBytes(out, 3, LevelName(options.severity));
  detail::WriteAnyValue(out, 5, body.to_value());
  for (const Attribute& attribute : options.attributes) {
    if (!attribute.key.empty()) {
      detail::WriteKeyValue(out, 6, attribute.key, attribute.value,
                            core->limits().attribute_value_bytes);
    }
  }
  const Context& context = options.context ? *options.context : Context::current();
  for (const std::string& key : core->options().baggage_attributes) {
    const std::string_view value = context.baggage_value(key);
    if (!value.empty()) detail::WriteKeyValue(out, 6, key, value);
  }
  const SpanContext& span = context.span_context();
  if (span.valid()) {
    if (char* at = out->Room(48)) {
      using namespace detail;
      at = PutFixed32(at, Tag(8, kFixed32), span.flags());
      at = PutTraceId(at, Tag(9, kBytes), span.trace_id());
      out->Advance(PutSpanId(at, Tag(10, kBytes), span.span_id()));
    }
  }
  detail::WriteFixed64(out, 11, static_cast<uint64_t>(now));
  if (!options.event_name.empty()) detail::WriteBytes(out, 12, detail::ToUtf8(options.event_name));
  record->next = nullptr;
  core->lane(Signal::kLogs).Add(record);
}

Logger logger(std::string_view name, std::string_view version) noexcept {
  return sdk().logger(name, version);
}

Logger Sdk::logger(std::string_view name, std::string_view version) const noexcept {
  return Logger(detail::Core::Intern(core_, name, version));
}

struct StructuredLogger::State {
  std::string service;
  Sink sink;
  bool otlp;
  mutable std::mutex mutex;  // of the sink
};

StructuredLogger::StructuredLogger(std::string service, Sink sink, bool otlp)
    : state_(new State{std::move(service), std::move(sink), otlp, {}}) {
  if (state_->sink) return;
  state_->sink = [](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  };
}
StructuredLogger::~StructuredLogger() = default;
StructuredLogger::StructuredLogger(StructuredLogger&&) noexcept = default;

void StructuredLogger::log_event(std::string_view event_type, const Value::Map& fields,
                                 Severity level) const noexcept {
  const detail::Core* core = detail::Core::Global();
  int64_t now = 0;
  if (core != nullptr) {
    now = core->UnixNanos();
  } else {
    timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    now = time.tv_sec * int64_t{1000000000} + time.tv_nsec;
  }
  const SpanContext& span = Context::current().span_context();
  Value::Map line = {
      {"timestamp", Timestamp(now)},
      {"service", !state_->service.empty() ? state_->service
                  : core != nullptr        ? core->service()
                                           : std::string()},
      {"event_type", event_type},
      {"trace_id", span.valid() ? Value(span.trace_id().hex()) : Value()},
      {"level", LevelName(level)},
  };
  line.insert(line.end(), fields.begin(), fields.end());
  try {
    const std::string json = detail::ToUtf8(Value(std::move(line)).to_json());
    std::lock_guard lock(state_->mutex);
    state_->sink(json);
  } catch (...) {  // a sink's failure is not the agent's
  }
  if (!state_->otlp) return;
  // The record is the event: its fields are the body.
  logger("observatory.events")
      .emit(Value(fields), {.severity = level, .event_name = event_type, .time_ns = now});
}

void StructuredLogger::log_llm_call(const LlmCallLog& call) const noexcept {
  log_event("llm_call", {{"model", call.model},
                         {"prompt_tokens", call.prompt_tokens},
                         {"completion_tokens", call.completion_tokens},
                         {"total_tokens", call.prompt_tokens + call.completion_tokens},
                         {"latency_ms", ToTenth(call.latency_ms)}});
}

void StructuredLogger::log_tool_call(const ToolCallLog& call) const noexcept {
  log_event("tool_call",
            {{"tool_name", call.tool_name},
             {"arguments", call.arguments},
             {"result_preview", detail::CutText(call.result, kResultPreview)},
             {"latency_ms", ToTenth(call.latency_ms)},
             {"success", call.success}},
            call.success ? Severity::kInfo : Severity::kError);
}

StructuredLogger::Sink file_sink(const std::string& path) {
  std::shared_ptr<std::FILE> file(std::fopen(path.c_str(), "ae"),
                                  [](std::FILE* f) { return f != nullptr ? std::fclose(f) : 0; });
  return [file](std::string_view line) {
    if (file == nullptr) return;
    std::fwrite(line.data(), 1, line.size(), file.get());
    std::fputc('\n', file.get());
    std::fflush(file.get());
  };
}

StructuredLogger::Sink no_sink() {
  return [](std::string_view) {};
}

}  // namespace observatory
