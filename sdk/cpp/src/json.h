#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "observatory/value.h"

namespace observatory::detail {

void AppendJson(const Value& value, std::string* out);
void AppendJsonText(std::string_view text, std::string* out);
// A whole JSON document (RFC 8259), at most 64 levels deep; absent when malformed. Numbers without
// fraction and exponent that fit are integers, but for -0.
std::optional<Value> ParseJson(std::string_view text);

}  // namespace observatory::detail
