#include "model-server/limits.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "model-server/random.h"

namespace ao::model_server {

Latency::Plan Latency::Draw(uint64_t hash, double factor) const {
  Random random(hash ^ 2);
  const auto scaled = [&](Nanos median) {
    return static_cast<Nanos>(static_cast<double>(median) * factor *
                              std::exp(spread * random.Normal()));
  };
  const Nanos first = scaled(first_token);
  return {first, scaled(per_token)};
}

void RateLimiter::Expire(Nanos now) {
  while (!taken_.empty() && taken_.front().first <= now - kMinute) {
    tokens_ -= taken_.front().second;
    taken_.pop_front();
  }
}

Nanos RateLimiter::Take(int64_t tokens) {
  const Nanos now = clock_.Monotonic();
  const std::lock_guard lock(mutex_);
  Expire(now);
  const auto requests = static_cast<int64_t>(taken_.size());
  if (requests_per_minute_ > 0 && requests >= requests_per_minute_) {
    return taken_.front().first + kMinute - now;
  }
  // A request that is larger than the limit passes when nothing else is counted.
  if (tokens_per_minute_ > 0 && !taken_.empty() && tokens_ + tokens > tokens_per_minute_) {
    return taken_.front().first + kMinute - now;
  }
  taken_.emplace_back(now, tokens);
  tokens_ += tokens;
  return 0;
}

std::vector<std::pair<std::string, std::string>> RateLimiter::Headers() const {
  std::vector<std::pair<std::string, std::string>> headers;
  const std::lock_guard lock(mutex_);
  const auto add = [&](std::string_view what, int64_t limit, int64_t used) {
    if (limit == 0) return;
    headers.emplace_back(fmt::format("x-ratelimit-limit-{}", what), fmt::to_string(limit));
    headers.emplace_back(fmt::format("x-ratelimit-remaining-{}", what),
                         fmt::to_string(std::max<int64_t>(0, limit - used)));
  };
  add("requests", requests_per_minute_, static_cast<int64_t>(taken_.size()));
  add("tokens", tokens_per_minute_, tokens_);
  return headers;
}

}  // namespace ao::model_server
