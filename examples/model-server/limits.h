#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

// How long calls take, and how many are allowed.

namespace ao::model_server {

// Time to the first token and per further token, log-normal around their medians.
struct Latency {
  Nanos first_token = 0;
  Nanos per_token = 0;
  double spread = 0.3;  // sigma of the logarithm

  struct Plan {
    Nanos first_token = 0;
    Nanos per_token = 0;
    Nanos total(int64_t tokens) const { return first_token + per_token * tokens; }
  };
  // `hash` decides, so that the same request takes as long each time; `factor` slows down.
  Plan Draw(uint64_t hash, double factor) const;
};

// Requests and tokens within the last minute, as providers limit them. Thread-safe.
class RateLimiter {
 public:
  // 0: no limit. `clock` outlives the limiter.
  RateLimiter(int64_t requests_per_minute, int64_t tokens_per_minute, const Clock& clock)
      : requests_per_minute_(requests_per_minute),
        tokens_per_minute_(tokens_per_minute),
        clock_(clock) {}

  // 0 when the request may pass (it is counted then), otherwise the time until it may.
  Nanos Take(int64_t tokens);
  // x-ratelimit-limit-..., x-ratelimit-remaining-... of the limits that are set.
  std::vector<std::pair<std::string, std::string>> Headers() const;

 private:
  void Expire(Nanos now);

  const int64_t requests_per_minute_, tokens_per_minute_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<std::pair<Nanos, int64_t>> taken_;  // when, tokens; the last minute
  int64_t tokens_ = 0;
};

}  // namespace ao::model_server
