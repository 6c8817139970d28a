#include "api/time_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include <fmt/core.h>

#include "api/endpoint.h"

namespace ao::api {
namespace {

constexpr double kMaxNanos = 9.2e18;
constexpr Nanos kEnd = 9'214'646'400 * kSecond;  // 2262-01-01: dates end there, so do numbers

// Days since 1970-01-01 of a proleptic Gregorian date, counted in 400-year eras from March.
int64_t DaysFromDate(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

struct Date {
  int64_t year;
  int64_t month, day;
};

Date DateFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// Reads text front to back.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Digits(size_t count, int* out) {
    if (rest_.size() < count) return false;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    *out = value;
    return true;
  }
  bool AnyOf(std::string_view set) {
    if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  // The fraction after the point as nanoseconds; digits beyond the ninth are dropped.
  bool Fraction(int64_t* nanos) {
    int64_t scale = 100'000'000;
    size_t n = 0;
    for (; n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9'; ++n) {
      *nanos += (rest_[n] - '0') * scale;
      scale /= 10;
    }
    rest_.remove_prefix(n);
    return n > 0;
  }
  bool done() const { return rest_.empty(); }
  char last() const { return last_; }

 private:
  std::string_view rest_;
  char last_ = 0;
};

std::optional<Nanos> ParseRfc3339(std::string_view text) {
  Reader in(text);
  int year, month, day, hour = 0, minute = 0, second = 0;
  int64_t nanos = 0, offset_minutes = 0;
  if (!in.Digits(4, &year) || !in.AnyOf("-") || !in.Digits(2, &month) || !in.AnyOf("-") ||
      !in.Digits(2, &day)) {
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  if (!in.done()) {
    if (!in.AnyOf("Tt ") || !in.Digits(2, &hour) || !in.AnyOf(":") || !in.Digits(2, &minute)) {
      return std::nullopt;
    }
    if (in.AnyOf(":") && !in.Digits(2, &second)) return std::nullopt;
    if (in.AnyOf(".,") && !in.Fraction(&nanos)) return std::nullopt;
    // A '+' that was not percent-encoded in a query arrives as a blank.
    if (in.AnyOf("+- ")) {
      const int sign = in.last() == '-' ? -1 : 1;
      int offset_hour, offset_minute = 0;
      if (!in.Digits(2, &offset_hour)) return std::nullopt;
      if (in.AnyOf(":") ? !in.Digits(2, &offset_minute) : !in.done()) {
        if (!in.Digits(2, &offset_minute)) return std::nullopt;
      }
      if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
      offset_minutes = sign * (offset_hour * 60 + offset_minute);
    } else {
      in.AnyOf("Zz");
    }
    if (!in.done() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  }
  if (year < 1970 || year > 2261) return std::nullopt;
  return DaysFromDate(year, month, day) * kDay + hour * kHour +
         (minute - offset_minutes) * kMinute + second * kSecond + nanos;
}

bool ParseDouble(std::string_view text, double* out, std::string_view* rest) {
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), *out, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(*out)) return false;
  *rest = text.substr(static_cast<size_t>(end - text.data()));
  return true;
}

// A bare number: seconds, milliseconds, microseconds or nanoseconds, by its size. 1e11 seconds is
// the year 5138, 1e11 milliseconds is 1973.
std::optional<Nanos> ParseUnix(std::string_view text) {
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (whole < 0) return std::nullopt;
    if (whole < 100'000'000'000) {
      return whole < kEnd / kSecond ? std::optional<Nanos>(whole * kSecond) : std::nullopt;
    }
    if (whole < 100'000'000'000'000) {
      return whole < kEnd / kMillisecond ? std::optional<Nanos>(whole * kMillisecond)
                                         : std::nullopt;
    }
    if (whole < 100'000'000'000'000'000) {
      return whole < kEnd / kMicrosecond ? std::optional<Nanos>(whole * kMicrosecond)
                                         : std::nullopt;
    }
    return whole < kEnd ? std::optional<Nanos>(whole) : std::nullopt;
  }
  // Seconds with a fraction, to the nanosecond.
  if (error != std::errc() || *end != '.' || whole < 0 || whole > 9'200'000'000) {
    return std::nullopt;
  }
  Reader fraction(text.substr(static_cast<size_t>(end - text.data()) + 1));
  int64_t nanos = 0;
  if (!fraction.Fraction(&nanos) || !fraction.done()) return std::nullopt;
  return whole * kSecond + nanos;
}

std::optional<double> UnitInNanos(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us" || unit == "\u00b5s" || unit == "\u03bcs") return 1e3;
  if (unit == "ms") return 1e6;
  if (unit == "s") return 1e9;
  if (unit == "m") return 60e9;
  if (unit == "h") return 3600e9;
  if (unit == "d") return 86400e9;
  if (unit == "w") return 7 * 86400e9;
  return std::nullopt;
}

// One or more number-and-unit pairs; nullopt when anything else is there.
std::optional<Nanos> ParseUnits(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double number;
    std::string_view rest;
    if (!ParseDouble(text, &number, &rest) || number < 0) return std::nullopt;
    size_t length = 0;
    while (length < rest.size() && (rest[length] < '0' || rest[length] > '9')) ++length;
    const auto unit = UnitInNanos(rest.substr(0, length));
    if (!unit) return std::nullopt;
    total += number * *unit;
    text = rest.substr(length);
  }
  if (total > kMaxNanos) return std::nullopt;
  return static_cast<Nanos>(std::llround(total));
}

}  // namespace

std::string FormatTime(Nanos time) {
  int64_t days = time / kDay;
  int64_t rest = time % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const Date date = DateFromDays(days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", date.year, date.month, date.day,
                     rest / kHour, rest / kMinute % 60, rest / kSecond % 60, rest % kSecond);
}

Result<Nanos> ParseTime(std::string_view text, Nanos now) {
  if (text == "now") return now;
  if (const auto unix_time = ParseUnix(text)) return *unix_time;
  const std::string_view ago = text.starts_with('-') ? text.substr(1) : text;
  if (const auto age = ParseUnits(ago)) return now > *age ? now - *age : Nanos{0};
  if (const auto time = ParseRfc3339(text)) return *time;
  return InvalidArgument(fmt::format("{} is not a time", Quoted(text)),
                         "use RFC 3339 (2026-01-31T09:30:00Z), a Unix time, or an age such as 1h");
}

Result<Nanos> ParseDuration(std::string_view text) {
  double millis;
  std::string_view rest;
  if (ParseDouble(text, &millis, &rest) && rest.empty() && millis >= 0 && millis < 9.2e12) {
    return static_cast<Nanos>(std::llround(millis * 1e6));
  }
  if (const auto duration = ParseUnits(text)) return *duration;
  return InvalidArgument(fmt::format("{} is not a duration", Quoted(text)),
                         "use milliseconds (1500) or a number with a unit: ms, s, m, h, d");
}

}  // namespace ao::api
