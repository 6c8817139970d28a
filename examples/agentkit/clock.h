#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <observatory/clock.h>

namespace agentkit {

// The clock of the telemetry. It follows the machine's until set() moves it to another time, from
// where it goes on: so a scenario can play days of traffic in seconds, and every span, log and
// metric still has the time at which its job happened. advance() stands for waiting. Thread-safe.
class ReplayClock : public observatory::Clock {
 public:
  int64_t unix_nanos() const noexcept override;
  int64_t steady_nanos() const noexcept override;

  void set(int64_t unix_nanos) noexcept;
  // True once set() was called.
  bool replaying() const noexcept { return replaying_; }
  // Waits, or, when replaying, only moves the clock.
  void wait(int64_t nanos) noexcept;
  void advance(int64_t nanos) noexcept { offset_ += nanos; }

 private:
  std::atomic<int64_t> offset_{0};  // to the machine's clock
  std::atomic<bool> replaying_{false};
};

// The one of this process.
const std::shared_ptr<ReplayClock>& replay_clock();

}  // namespace agentkit
