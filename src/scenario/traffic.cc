#include "scenario/traffic.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "base/hash.h"

namespace ao::scenario {
namespace {

constexpr double kBusiestHour = 14;  // UTC

// SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
uint64_t Next(uint64_t* state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}
double Uniform(uint64_t* state) { return static_cast<double>(Next(state) >> 11) * 0x1p-53; }

// From 1 - daily at night to 1 + daily at the busiest hour; 1 on average.
double Intensity(double daily, Nanos at) {
  const double hour = static_cast<double>(at % kDay) / static_cast<double>(kHour);
  return 1 + daily * std::cos((hour - kBusiestHour) / 24 * 2 * std::numbers::pi);
}

std::optional<int64_t> Whole(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What stands for `choice`, the text between braces; nullopt when it is neither range nor list.
std::optional<std::string> DrawChoice(std::string_view choice, uint64_t* state) {
  if (const size_t dots = choice.find(".."); dots != std::string_view::npos) {
    const auto low = Whole(choice.substr(0, dots)), high = Whole(choice.substr(dots + 2));
    if (!low || !high || *high < *low) return std::nullopt;
    const auto width = static_cast<uint64_t>(*high) - static_cast<uint64_t>(*low) + 1;
    return fmt::to_string(*low + static_cast<int64_t>(width == 0 ? 0 : Next(state) % width));
  }
  std::vector<std::string_view> words;
  for (size_t at = 0; at <= choice.size();) {
    const size_t bar = std::min(choice.find('|', at), choice.size());
    words.push_back(choice.substr(at, bar - at));
    at = bar + 1;
  }
  if (words.size() < 2) return std::nullopt;
  return std::string(words[Next(state) % words.size()]);
}

void Add(const Traffic& traffic, Nanos start, Nanos end, uint64_t seed, std::vector<Job>* jobs) {
  if (traffic.per_hour <= 0) return;
  uint64_t state = Hash64(traffic.query_type, seed);
  const double peak = traffic.per_hour * (1 + traffic.daily);
  for (double hours = 0;;) {
    hours -= std::log(1 - Uniform(&state)) / peak;
    const Nanos at = start + static_cast<Nanos>(hours * static_cast<double>(kHour));
    if (at >= end) return;
    if (Uniform(&state) * (1 + traffic.daily) >= Intensity(traffic.daily, at)) continue;
    const uint64_t user = Next(&state) % static_cast<uint64_t>(traffic.users);
    const std::string& pattern = traffic.inputs[Next(&state) % traffic.inputs.size()];
    jobs->push_back({at, traffic.query_type, fmt::format("user-{}", user + 1),
                     fmt::format("session-{:08x}", Next(&state) >> 32),
                     DrawInput(pattern, &state)});
  }
}

}  // namespace

std::string DrawInput(std::string_view pattern, uint64_t* state) {
  std::string text;
  for (size_t i = 0; i < pattern.size();) {
    const size_t close = pattern[i] == '{' ? pattern.find('}', i) : std::string_view::npos;
    if (close != std::string_view::npos) {
      if (const auto drawn = DrawChoice(pattern.substr(i + 1, close - i - 1), state)) {
        text += *drawn;
        i = close + 1;
        continue;
      }
    }
    text.push_back(pattern[i++]);
  }
  return text;
}

std::vector<Job> Schedule(const Scenario& scenario, Nanos start) {
  std::vector<Job> jobs;
  for (const Traffic& traffic : scenario.traffic) {
    Add(traffic, start, start + scenario.duration, scenario.seed, &jobs);
  }
  std::stable_sort(jobs.begin(), jobs.end(),
                   [](const Job& a, const Job& b) { return a.at < b.at; });
  return jobs;
}

}  // namespace ao::scenario
