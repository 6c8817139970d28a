#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <simdjson.h>

#include "ingest/otlp/scratch.h"

// Internal: lenient reading of protobuf's JSON mapping from simdjson's tree. A value that cannot
// be read throws DecodeFailure with the place where it stands. Include from .cc files only.

namespace ao::ingest::otlp {

using JsonElement = simdjson::dom::element;
using JsonType = simdjson::dom::element_type;

// Where a value stands, as a chain of names up the stack: "resourceSpans[0].schemaUrl".
struct JsonPlace {
  const JsonPlace* parent = nullptr;
  std::string_view name;
  int64_t index = -1;

  std::string ToString() const {
    std::string text = parent != nullptr ? parent->ToString() : "";
    if (!text.empty()) text.push_back('.');
    text.append(name);
    if (index >= 0) text += fmt::format("[{}]", index);
    return text;
  }
};

[[noreturn]] void FailAt(const JsonPlace& at, std::string_view expected, JsonElement got);

// "start_time_unix_nano" as "startTimeUnixNano"; `buffer` holds the result when it differs.
std::string_view CamelName(std::string_view name, std::span<char> buffer);

// Calls `visit(name, value, place)` for every member that is not null; nothing for null.
template <typename Visit>
void ForMembers(JsonElement element, const JsonPlace& at, const Visit& visit) {
  if (element.is_null()) return;
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) FailAt(at, "an object", element);
  char buffer[48];
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    visit(CamelName(member.key, buffer), member.value, JsonPlace{&at, member.key});
  }
}

// Calls `visit(value, place)` for every item that is not null; nothing for null.
template <typename Visit>
void ForItems(JsonElement element, const JsonPlace& at, const Visit& visit) {
  if (element.is_null()) return;
  simdjson::dom::array array;
  if (element.get(array) != simdjson::SUCCESS) FailAt(at, "an array", element);
  int64_t index = 0;
  for (const JsonElement item : array) {
    if (!item.is_null()) visit(item, JsonPlace{at.parent, at.name, index});
    ++index;
  }
}

std::string_view ReadText(JsonElement element, const JsonPlace& at);
bool ReadBool(JsonElement element, const JsonPlace& at);
// Numbers, numeric strings, "NaN", "Infinity", "-Infinity".
double ReadDouble(JsonElement element, const JsonPlace& at);

// A whole number in any spelling: 5, 5.0, "5", "5e3". False when it is none or out of range.
bool ParseInteger(JsonElement element, int64_t* out);
bool ParseInteger(JsonElement element, uint64_t* out);

template <typename Int>
Int ReadInteger(JsonElement element, const JsonPlace& at) {
  std::conditional_t<std::is_signed_v<Int>, int64_t, uint64_t> value = 0;
  if (!ParseInteger(element, &value) || !std::in_range<Int>(value)) {
    FailAt(at, std::is_signed_v<Int> ? "an integer" : "an unsigned integer", element);
  }
  return static_cast<Int>(value);
}

// A number, or one of `names` (whose index is the number) with or without `prefix`. What is not
// among them is 0, as proto3 has it for enums from the future.
int32_t ReadEnum(JsonElement element, const JsonPlace& at, std::string_view prefix,
                 std::span<const std::string_view> names);

}  // namespace ao::ingest::otlp
