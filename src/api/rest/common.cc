#include "api/rest/common.h"

#include <fmt/core.h>

#include "api/time_text.h"

namespace ao::api {

Result<storage::TimeRange> RangeOf(const Arguments& arguments) {
  const storage::TimeRange range{arguments.time("since"), arguments.time("until")};
  if (range.until != 0 && range.since > range.until) {
    return InvalidArgument(fmt::format("cannot read the time range: since ({}) is after until ({})",
                                       FormatTime(range.since), FormatTime(range.until)));
  }
  return range;
}

std::string SqlText(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\0') continue;
    out.append(c == '\'' ? 2 : 1, c);
  }
  return out + "'";
}

}  // namespace ao::api
