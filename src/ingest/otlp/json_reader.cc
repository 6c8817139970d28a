#include "ingest/otlp/json_reader.h"

#include <limits>

#include "base/utf8.h"

namespace ao::ingest::otlp {
namespace {

std::string Shown(JsonElement element) {
  switch (element.type()) {
    case JsonType::ARRAY: return "an array";
    case JsonType::OBJECT: return "an object";
    case JsonType::NULL_VALUE: return "null";
    default: return std::string(Utf8Prefix(simdjson::minify(element), 64));
  }
}

template <typename Number>
bool ParseWhole(std::string_view text, Number* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

template <typename Int>
bool FromDouble(double value, Int* out) {
  // Both limits are exact as doubles: the lowest value and one more than the highest.
  constexpr auto kLowest = static_cast<double>(std::numeric_limits<Int>::min());
  const double past = std::ldexp(1.0, std::numeric_limits<Int>::digits);
  if (!(value >= kLowest && value < past) || value != std::trunc(value)) return false;
  *out = static_cast<Int>(value);
  return true;
}

template <typename Int>
bool ParseAnyInteger(JsonElement element, Int* out) {
  switch (element.type()) {
    case JsonType::INT64: {
      const int64_t value = element.get_int64().value_unsafe();
      *out = static_cast<Int>(value);
      return std::in_range<Int>(value);
    }
    case JsonType::UINT64: {
      const uint64_t value = element.get_uint64().value_unsafe();
      *out = static_cast<Int>(value);
      return std::in_range<Int>(value);
    }
    case JsonType::DOUBLE: return FromDouble(element.get_double().value_unsafe(), out);
    case JsonType::STRING: {
      const std::string_view text = element.get_string().value_unsafe();
      double value = 0;
      return ParseWhole(text, out) || (ParseWhole(text, &value) && FromDouble(value, out));
    }
    default: return false;
  }
}

}  // namespace

void FailAt(const JsonPlace& at, std::string_view expected, JsonElement got) {
  const std::string place = at.ToString();
  throw DecodeFailure{InvalidArgument(fmt::format(
      "{}: expected {}, got {}", place.empty() ? "the body" : place, expected, Shown(got)))};
}

std::string_view CamelName(std::string_view name, std::span<char> buffer) {
  if (name.find('_') == std::string_view::npos || name.size() > buffer.size()) return name;
  size_t size = 0;
  bool upper = false;
  for (char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    buffer[size++] = upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return {buffer.data(), size};
}

std::string_view ReadText(JsonElement element, const JsonPlace& at) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) FailAt(at, "a string", element);
  return text;
}

bool ReadBool(JsonElement element, const JsonPlace& at) {
  bool value = false;
  if (element.get(value) == simdjson::SUCCESS) return value;
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    if (text == "true") return true;
    if (text == "false") return false;
  }
  FailAt(at, "a boolean", element);
}

double ReadDouble(JsonElement element, const JsonPlace& at) {
  double value = 0;
  if (element.get(value) == simdjson::SUCCESS) return value;
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<double>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
    if (ParseWhole(text, &value)) return value;
  }
  FailAt(at, "a number", element);
}

bool ParseInteger(JsonElement element, int64_t* out) { return ParseAnyInteger(element, out); }
bool ParseInteger(JsonElement element, uint64_t* out) { return ParseAnyInteger(element, out); }

int32_t ReadEnum(JsonElement element, const JsonPlace& at, std::string_view prefix,
                 std::span<const std::string_view> names) {
  int64_t number = 0;
  if (ParseInteger(element, &number))
    return std::in_range<int32_t>(number) ? static_cast<int32_t>(number) : 0;
  std::string_view name = ReadText(element, at);
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<int32_t>(i);
  }
  return 0;
}

}  // namespace ao::ingest::otlp
