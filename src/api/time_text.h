#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

// Times and durations as people and programs write them. Thread-safe, no state.

namespace ao::api {

// "2026-01-31T09:30:00.123456789Z": always UTC, always nine digits.
std::string FormatTime(Nanos time);

// An instant: RFC 3339 ("2026-01-31T09:30:00Z", "2026-01-31 09:30:00+02:00", "2026-01-31"), a Unix
// time in seconds (may have a fraction), milliseconds, microseconds or nanoseconds (told apart by
// size), "now", or a duration before `now` ("1h", "-15m"). Negative Unix times and times outside
// 1970 to 2262 are refused.
Result<Nanos> ParseTime(std::string_view text, Nanos now);

// "1.5s", "300ms", "2m", "1h30m", "10us", "5ns", "7d"; a number without a unit is milliseconds.
Result<Nanos> ParseDuration(std::string_view text);

}  // namespace ao::api
