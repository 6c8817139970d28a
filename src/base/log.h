#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

// Structured logging to stderr, one line an event: `time level module message key=value ...`.
// Thread-safe. Nothing above debug may be logged per span or per request.
//
//   AO_LOG(kInfo, "wal", "segment rotated", "segment", 7, "bytes", 67108864);

namespace ao {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// Messages below `level` are dropped. The default is kInfo.
void SetLogLevel(LogLevel level);
// "debug", "info", "warn" or "error"; false when the name is none of them.
bool SetLogLevel(std::string_view name);
bool LogEnabled(LogLevel level);

// Writes one line; `fields` is already rendered as " key=value ...".
void LogLine(LogLevel level, std::string_view module, std::string_view message,
             std::string_view fields);

namespace log_internal {

// A value as logfmt wants it: quoted when it holds blanks, quotes or control characters.
void AppendField(std::string_view key, std::string_view value, std::string* out);

inline void AppendFields(std::string*) {}
template <typename V, typename... Rest>
void AppendFields(std::string* out, std::string_view key, const V& value, const Rest&... rest) {
  AppendField(key, fmt::format("{}", value), out);
  AppendFields(out, rest...);
}

template <typename... Fields>
void Log(LogLevel level, std::string_view module, std::string_view message,
         const Fields&... fields) {
  std::string rendered;
  AppendFields(&rendered, fields...);
  LogLine(level, module, message, rendered);
}

}  // namespace log_internal
}  // namespace ao

#define AO_LOG(level, module, ...)                                           \
  do {                                                                       \
    if (::ao::LogEnabled(::ao::LogLevel::level))                             \
      ::ao::log_internal::Log(::ao::LogLevel::level, (module), __VA_ARGS__); \
  } while (false)
