#pragma once

#include <span>
#include <string_view>

#include "model/run_filter.h"

// The fields of the search language. Thread-safe, no state.

namespace ao::search {

enum class ValueKind : uint8_t { kText, kChoice, kDuration, kMoney, kCount, kTime };
constexpr std::string_view kValueKindNames[] = {"text",  "choice", "duration",
                                                "money", "count",  "time"};

struct Field {
  std::string_view name;
  model::FilterField field;
  ValueKind kind;
  std::string_view doc;
  std::string_view example;       // a whole condition
  std::string_view choices = {};  // kChoice: "ok|error"
  std::string_view column = {};   // of SQL table `runs` that holds its values, for completion
  bool is_list = false;           // the column is a list
};
std::span<const Field> Fields();

// By name or by one of the other names that people try ("env", "latency"); null when there is none.
const Field* FindField(std::string_view name);

// "attr.": what follows is the name of a span attribute.
constexpr std::string_view kAttributePrefix = "attr.";

}  // namespace ao::search
