#include "agentkit/clock.h"

#include <chrono>
#include <thread>

namespace agentkit {
namespace {

template <typename C>
int64_t nanos_of() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(C::now().time_since_epoch()).count();
}

}  // namespace

int64_t ReplayClock::unix_nanos() const noexcept {
  return nanos_of<std::chrono::system_clock>() + offset_;
}

int64_t ReplayClock::steady_nanos() const noexcept {
  return nanos_of<std::chrono::steady_clock>() + offset_;
}

void ReplayClock::set(int64_t unix_nanos) noexcept {
  offset_ = unix_nanos - nanos_of<std::chrono::system_clock>();
  replaying_ = true;
}

void ReplayClock::wait(int64_t nanos) noexcept {
  if (replaying_) return advance(nanos);
  std::this_thread::sleep_for(std::chrono::nanoseconds(nanos));
}

const std::shared_ptr<ReplayClock>& replay_clock() {
  static const auto clock = std::make_shared<ReplayClock>();
  return clock;
}

}  // namespace agentkit
