#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

// Percent-decoding of request targets. Thread-safe, no state.

namespace ao::net {

// invalid_argument for a broken escape and for an encoded NUL.
Result<std::string> PercentDecode(std::string_view text, bool plus_is_space);
// "a=1&b&c=%20" in order; empty pairs are skipped.
Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

}  // namespace ao::net
