#include "config/units.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace ao::config {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kDurationUnits[] = {{"w", 7.0 * kDay},    {"d", kDay},    {"h", kHour},
                                   {"m", kMinute},       {"s", kSecond}, {"ms", kMillisecond},
                                   {"us", kMicrosecond}, {"ns", 1}};

constexpr double kKi = 1024;
constexpr Unit kByteUnits[] = {{"", 1},
                               {"b", 1},
                               {"k", kKi},
                               {"m", kKi* kKi},
                               {"g", kKi* kKi* kKi},
                               {"t", kKi* kKi* kKi* kKi},
                               {"kib", kKi},
                               {"mib", kKi* kKi},
                               {"gib", kKi* kKi* kKi},
                               {"tib", kKi* kKi* kKi* kKi},
                               {"kb", 1e3},
                               {"mb", 1e6},
                               {"gb", 1e9},
                               {"tb", 1e12}};

constexpr std::string_view kDurationForm = "write it as 500ms, 30s, 1h30m or 7d";
constexpr std::string_view kBytesForm = "write it as 64MiB, 20GB or a number of bytes";

// Takes a number without sign or exponent from the front.
std::optional<double> TakeNumber(std::string_view* text) {
  size_t size = 0;
  while (size < text->size() &&
         (std::isdigit(static_cast<unsigned char>((*text)[size])) != 0 || (*text)[size] == '.')) {
    ++size;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + size, value);
  if (size == 0 || error != std::errc() || end != text->data() + size) return std::nullopt;
  text->remove_prefix(size);
  return value;
}

std::string TakeUnit(std::string_view* text) {
  std::string unit;
  while (!text->empty() && std::isalpha(static_cast<unsigned char>(text->front())) != 0) {
    unit.push_back(text->front());
    text->remove_prefix(1);
  }
  return unit;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <size_t N>
std::optional<double> FactorOf(const Unit (&units)[N], std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

Status Bad(std::string_view what, std::string_view text, std::string_view form) {
  return InvalidArgument(fmt::format("cannot read {} as a {}", text.empty() ? "''" : text, what),
                         std::string(form));
}

}  // namespace

Result<Nanos> ParseDuration(std::string_view text) {
  std::string_view rest = Trim(text);
  if (rest == "0") return Nanos{0};
  if (rest.empty()) return Bad("duration", text, kDurationForm);
  double total = 0;
  while (!rest.empty()) {
    const auto number = TakeNumber(&rest);
    const auto factor = number ? FactorOf(kDurationUnits, TakeUnit(&rest)) : std::nullopt;
    if (!factor) return Bad("duration", text, kDurationForm);
    total += *number * *factor;
  }
  if (total >= static_cast<double>(std::numeric_limits<Nanos>::max())) {
    return InvalidArgument(fmt::format("cannot use duration {}: longer than 292 years", text));
  }
  return static_cast<Nanos>(std::llround(total));
}

Result<uint64_t> ParseBytes(std::string_view text) {
  std::string_view rest = Trim(text);
  uint64_t exact = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), exact);
  if (!rest.empty() && error == std::errc() && end == rest.data() + rest.size()) return exact;

  const auto number = TakeNumber(&rest);
  rest = Trim(rest);
  std::string unit = number ? TakeUnit(&rest) : "";
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto factor = FactorOf(kByteUnits, unit);
  if (!number || !factor || !rest.empty()) return Bad("size", text, kBytesForm);
  const double bytes = *number * *factor;
  if (bytes >= 9.2e18) return InvalidArgument(fmt::format("cannot use size {}: too large", text));
  return static_cast<uint64_t>(std::llround(bytes));
}

std::string FormatDuration(Nanos duration) {
  if (duration == 0) return "0";
  std::string out;
  constexpr struct {
    std::string_view name;
    Nanos size;
  } kUnits[] = {{"d", kDay},          {"h", kHour},         {"m", kMinute}, {"s", kSecond},
                {"ms", kMillisecond}, {"us", kMicrosecond}, {"ns", 1}};
  for (const auto& unit : kUnits) {
    const Nanos count = duration / unit.size;
    if (count == 0) continue;
    out += fmt::format("{}{}", count, unit.name);
    duration -= count * unit.size;
  }
  return out;
}

std::string FormatBytes(uint64_t bytes) {
  constexpr std::string_view kNames[] = {"", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < std::size(kNames)) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", bytes, kNames[unit]);
}

}  // namespace ao::config
