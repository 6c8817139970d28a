#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"

// Internal to model-server: texts and JSON arguments with "$1" and "${name}" to be filled in.

namespace ao::model_server {

using Values = std::map<std::string, std::string, std::less<>>;  // "1" is group one

std::string Fill(std::string_view text, const Values& values);

// A condition "a OP b" with OP one of < <= > >= == != (a blank on both sides).
struct Condition {
  std::string left, operation, right;

  static bool Parse(std::string_view text, Condition* condition);
  // Numbers ("1,200", "$50", "12%") compare as numbers, everything else as text. What is missing
  // compares as empty text, and is neither less nor greater than anything.
  bool Holds(const Values& values) const;
};

// A tree of arguments. Plain leaves become JSON numbers and booleans when they look like it.
struct Template {
  enum class Kind : uint8_t { kQuoted, kPlain, kList, kMap };
  Kind kind = Kind::kMap;
  std::string text;
  std::vector<std::pair<std::string, Template>> members;

  void Write(const Values& values, JsonWriter* json) const;
};

}  // namespace ao::model_server
