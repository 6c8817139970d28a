#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"

// Small JSON request bodies: one flat object of scalars. Thread-safe, no state.

namespace ao::api {

using JsonScalar = std::variant<std::monostate, bool, int64_t, double, std::string>;

class JsonBody {
 public:
  // invalid_argument: not JSON, not an object, a nested or repeated member, a member whose name is
  // not in `known` (with the nearest one as the hint), or more than 1 MiB.
  static Result<JsonBody> Parse(std::string_view text, const std::vector<std::string_view>& known);

  // Null when absent or null.
  const JsonScalar* Find(std::string_view name) const;
  // Empty when absent; invalid_argument when it is not a string.
  Result<std::string> Text(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, JsonScalar>> members_;
};

// The elements of a JSON array as they stand in its text.
Result<std::vector<std::string_view>> SplitJsonArray(std::string_view array);
// A JSON string without its quotes and escapes.
Result<std::string> UnquoteJson(std::string_view text);

}  // namespace ao::api
