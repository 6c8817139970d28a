#include "api/time_text.h"

#include <gtest/gtest.h>

namespace ao::api {
namespace {

constexpr Nanos kNow = 1'769'851'800 * kSecond;  // 2026-01-31T09:30:00Z

TEST(FormatTime, WritesUtcWithNanoseconds) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(FormatTime(kNow + 7), "2026-01-31T09:30:00.000000007Z");
  EXPECT_EQ(FormatTime(951'782'400 * kSecond), "2000-02-29T00:00:00.000000000Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(ParseTime, ReadsEveryForm) {
  const std::pair<std::string_view, Nanos> cases[] = {
      {"now", kNow},
      {"2026-01-31T09:30:00Z", kNow},
      {"2026-01-31t09:30:00z", kNow},
      {"2026-01-31 09:30:00", kNow},
      {"2026-01-31T09:30", kNow},
      {"2026-01-31T11:30:00+02:00", kNow},
      {"2026-01-31T11:30:00 02:00", kNow},  // '+' lost in a query
      {"2026-01-31T04:00:00-0530", kNow},
      {"2026-01-31T09:30:00.000000007Z", kNow + 7},
      {"2026-01-31T09:30:00.5Z", kNow + kSecond / 2},
      {"2026-01-31", kNow - 9 * kHour - 30 * kMinute},
      {"1769851800", kNow},
      {"1769851800.25", kNow + kSecond / 4},
      {"1769851800000", kNow},
      {"1769851800000000", kNow},
      {"1769851800000000007", kNow + 7},
      {"1h", kNow - kHour},
      {"-1h", kNow - kHour},
      {"1h30m", kNow - 90 * kMinute},
      {"7d", kNow - 7 * kDay},
  };
  for (const auto& [text, expected] : cases) {
    const Result<Nanos> time = ParseTime(text, kNow);
    ASSERT_TRUE(time.ok()) << text << ": " << time.status().ToString();
    EXPECT_EQ(*time, expected) << text;
  }
  EXPECT_EQ(*ParseTime("9999d", 5 * kDay), 0);
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const std::string_view text : {"",
                                      "yesterday",
                                      "-5",
                                      "2026-02-30",
                                      "2026-13-01",
                                      "2026-01-31T25:00:00Z",
                                      "1x",
                                      "h",
                                      "--1h",
                                      "2026-01-31T09:30:00+99:00",
                                      "1e400",
                                      "nan",
                                      "9999-01-01",
                                      "92233720368547758070",
                                      "9218000635218764",
                                      "9214646400",
                                      "9214646400000000000",
                                      "2026-01-31T09:30:00Zjunk",
                                      "2026-01-31T",
                                      "1h-5m",
                                      "999999999999h"}) {
    EXPECT_FALSE(ParseTime(text, kNow).ok()) << text;
  }
}

TEST(ParseTime, RepeatsOnlyWhatIsPrintable) {
  EXPECT_EQ(ParseTime("2026\xD9-\x1B[2J", kNow).status().message(), "\"2026?-?[2J\" is not a time");
}

TEST(ParseDuration, ReadsNumbersAndUnits) {
  EXPECT_EQ(*ParseDuration("1500"), 1500 * kMillisecond);
  EXPECT_EQ(*ParseDuration("0.5"), kMillisecond / 2);
  EXPECT_EQ(*ParseDuration("1.5s"), 1500 * kMillisecond);
  EXPECT_EQ(*ParseDuration("1m30s"), 90 * kSecond);
  EXPECT_EQ(*ParseDuration("5ns"), 5);
  for (const std::string_view text : {"", "-1", "fast", "1.5 s", "1s2", "inf", "1e300", "s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

}  // namespace
}  // namespace ao::api
