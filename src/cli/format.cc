#include "cli/format.h"

#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "base/utf8.h"

namespace ao::cli {
namespace {

// The code point of the well-formed sequence at the front.
char32_t Decode(std::string_view sequence) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(sequence[i]); };
  switch (sequence.size()) {
    case 1: return byte(0);
    case 2: return char32_t((byte(0) & 0x1F) << 6 | (byte(1) & 0x3F));
    case 3: return char32_t((byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
    default:
      return char32_t((byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
                      (byte(3) & 0x3F));
  }
}

size_t WidthOf(char32_t c) {
  const auto in = [c](char32_t low, char32_t high) { return c >= low && c <= high; };
  if (in(0x0300, 0x036F) || in(0x200B, 0x200F) || in(0xFE00, 0xFE0F)) return 0;
  const bool wide = in(0x1100, 0x115F) || in(0x2E80, 0xA4CF) || in(0xAC00, 0xD7A3) ||
                    in(0xF900, 0xFAFF) || in(0xFE30, 0xFE6F) || in(0xFF00, 0xFF60) ||
                    in(0xFFE0, 0xFFE6) || in(0x1F300, 0x1FAFF) || in(0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

std::string Paint(std::string_view text, Colour colour, bool on) {
  constexpr std::string_view kCodes[] = {"", "1", "2", "31", "32", "33", "34", "35", "36"};
  if (!on || colour == Colour::kNone) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<size_t>(colour)], text);
}

std::string RelativeTime(Nanos time, Nanos now) {
  const bool past = time <= now;
  const Nanos distance = past ? now - time : time - now;
  std::string amount;
  if (distance < kSecond) return "just now";
  if (distance < kMinute) {
    amount = fmt::format("{}s", distance / kSecond);
  } else if (distance < kHour) {
    amount = fmt::format("{}m", distance / kMinute);
  } else if (distance < kDay) {
    amount = fmt::format("{}h", distance / kHour);
  } else {
    amount = fmt::format("{}d", distance / kDay);
  }
  return past ? amount + " ago" : "in " + amount;
}

std::string ShortDuration(Nanos duration) {
  if (duration < 0) return "-" + ShortDuration(-duration);
  const auto d = static_cast<double>(duration);
  if (duration < kMicrosecond) return fmt::format("{}ns", duration);
  if (duration < kMillisecond) return fmt::format("{:.0f}us", std::floor(d / kMicrosecond));
  if (duration < 10 * kMillisecond) return fmt::format("{:.1f}ms", d / kMillisecond);
  if (duration < kSecond) return fmt::format("{:.0f}ms", std::floor(d / kMillisecond));
  if (duration < 10 * kSecond) return fmt::format("{:.2f}s", d / kSecond);
  if (duration < kMinute) return fmt::format("{:.1f}s", std::floor(d / kSecond * 10) / 10);
  if (duration < kHour) {
    return fmt::format("{}m{:02}s", duration / kMinute, duration % kMinute / kSecond);
  }
  return fmt::format("{}h{:02}m", duration / kHour, duration % kHour / kMinute);
}

std::string ShortNumber(double value) {
  if (std::abs(value) < 1000) return fmt::format("{:.0f}", value);
  if (std::abs(value) < 999'950) return fmt::format("{:.1f}k", value / 1e3);
  if (std::abs(value) < 999'950'000) return fmt::format("{:.1f}M", value / 1e6);
  return fmt::format("{:.1f}G", value / 1e9);
}

std::string ShortCost(double usd) {
  if (usd == 0) return "";
  return usd < 1 ? fmt::format("${:.4f}", usd) : fmt::format("${:.2f}", usd);
}

std::string Counted(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string ShortBytes(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string IsoTime(Nanos time) {
  Nanos seconds = time / kSecond, rest = time % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  const std::time_t when = seconds;
  std::tm utc{};
  gmtime_r(&when, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     rest / kMillisecond);
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t size = Utf8SequenceLength(text);
    if (size == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
      continue;
    }
    const char32_t c = Decode(text.substr(0, size));
    if (c == '\n' || c == '\t' || c == '\r') {
      out.push_back(' ');
    } else if (c >= 0x20 && (c < 0x7F || c >= 0xA0) && (c < 0x202A || c > 0x202E)) {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const size_t size = Utf8SequenceLength(text);
    width += size == 0 ? 1 : WidthOf(Decode(text.substr(0, size)));
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return width;
}

std::string Fit(std::string_view text, size_t width, bool unicode) {
  if (DisplayWidth(text) <= width) return std::string(text);
  const std::string_view ellipsis = unicode ? "…" : "~";
  if (width == 0) return "";
  size_t used = 0, bytes = 0;
  while (bytes < text.size()) {
    const size_t size = std::max<size_t>(1, Utf8SequenceLength(text.substr(bytes)));
    const size_t columns = DisplayWidth(text.substr(bytes, size));
    if (used + columns > width - 1) break;
    used += columns;
    bytes += size;
  }
  return std::string(text.substr(0, bytes)) + std::string(ellipsis);
}

std::string Pad(std::string_view text, size_t width, bool unicode) {
  std::string out = Fit(text, width, unicode);
  const size_t used = DisplayWidth(out);
  if (used < width) out.append(width - used, ' ');
  return out;
}

}  // namespace ao::cli
