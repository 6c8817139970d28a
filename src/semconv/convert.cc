#include "semconv/convert.h"

#include <charconv>
#include <cmath>
#include <string>

#include "semconv/json_fields.h"

namespace ao::semconv {

using model::Value;
using model::ValueKind;

std::optional<double> ToNumber(const Value& value) {
  if (value.is_number()) return value.number();
  if (!value.is_string() || value.as_string().empty()) return std::nullopt;
  const std::string_view text = value.as_string();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int64_t> ToInteger(const Value& value) {
  if (value.kind() == ValueKind::kInt) return value.as_int();
  const auto number = ToNumber(value);
  if (!number || !(std::fabs(*number) <= kMaxExact)) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::string_view ToText(const Value& value, Arena* arena) {
  if (value.is_string()) return value.as_string();
  return value.is_number() ? ToJson(value, arena) : std::string_view();
}

std::string_view ToJson(const Value& value, Arena* arena) {
  if (value.is_string()) return value.as_string();
  if (value.kind() == ValueKind::kEmpty) return {};
  std::string text;
  AppendPlainJson(value, &text);
  return arena->Copy(text);
}

std::string_view ToFirst(const Value& value, Arena* arena) {
  if (value.kind() == ValueKind::kArray) {
    return value.as_array().empty() ? std::string_view() : ToText(value.as_array().front(), arena);
  }
  std::string_view text = ToText(value, arena);
  if (text.starts_with("[\"") && text.ends_with("\"]")) {
    text = text.substr(2, text.find('"', 2) - 2);
  }
  return text;
}

std::string_view ToUnquoted(const Value& value, Arena* arena) {
  std::string_view text = ToText(value, arena);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace ao::semconv
