#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

// How values look on a terminal. Thread-safe, no state.

namespace ao::cli {

enum class Colour { kNone, kBold, kDim, kRed, kGreen, kYellow, kBlue, kMagenta, kCyan };
// `text` between escape codes when `on`.
std::string Paint(std::string_view text, Colour colour, bool on);

// "just now", "42s ago", "5m ago", "3h ago", "2d ago"; the future is "in 5m".
std::string RelativeTime(Nanos time, Nanos now);
// Three digits or so: "850us", "12ms", "1.5s", "2m03s", "1h02m".
std::string ShortDuration(Nanos duration);
// "950", "12.3k", "4.5M".
std::string ShortNumber(double value);
// "$0.0012"; empty for 0.
std::string ShortCost(double usd);
// "1 run", "2 runs".
std::string Counted(int64_t count, std::string_view noun);
// "512 B", "1.5 MiB".
std::string ShortBytes(uint64_t bytes);
// UTC: "2026-01-31T09:30:00.123Z".
std::string IsoTime(Nanos time);

// Without control characters, which could drive the terminal; line breaks and tabs become blanks.
std::string Printable(std::string_view text);
// Columns that `text` (printable) takes; wide characters take two.
size_t DisplayWidth(std::string_view text);
// At most `width` columns, ending in an ellipsis when something was cut.
std::string Fit(std::string_view text, size_t width, bool unicode);
// Fit and padded with blanks to exactly `width` columns.
std::string Pad(std::string_view text, size_t width, bool unicode);

}  // namespace ao::cli
