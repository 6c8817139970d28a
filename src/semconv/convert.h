#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "model/value.h"

// Attribute values as the types of canonical fields. Internal to semconv/. A value of another kind
// gives nothing. Texts are views into the value or copies in the arena.

namespace ao::semconv {

constexpr double kMaxExact = 9.0e15;  // whole numbers up to here are exact in a double

// A number, or one in a string.
std::optional<double> ToNumber(const model::Value& value);
std::optional<int64_t> ToInteger(const model::Value& value);
// A string, or a number as text.
std::string_view ToText(const model::Value& value, Arena* arena);
// A string as it is, anything else as JSON.
std::string_view ToJson(const model::Value& value, Arena* arena);
// The first element of an array (also of one in JSON), or the text.
std::string_view ToFirst(const model::Value& value, Arena* arena);
// The text without the quotes of JSON.
std::string_view ToUnquoted(const model::Value& value, Arena* arena);

}  // namespace ao::semconv
