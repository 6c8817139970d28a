#pragma once

#include <atomic>
#include <cstdint>

// Time, injected so that tests never wait and never read the wall clock.

namespace ao {

// Nanoseconds since the Unix epoch, or a duration in nanoseconds.
using Nanos = int64_t;

constexpr Nanos kMicrosecond = 1'000;
constexpr Nanos kMillisecond = 1'000'000;
constexpr Nanos kSecond = 1'000'000'000;
constexpr Nanos kMinute = 60 * kSecond;
constexpr Nanos kHour = 60 * kMinute;
constexpr Nanos kDay = 24 * kHour;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time since the Unix epoch.
  virtual Nanos Now() const = 0;
  // Never goes back; its zero is arbitrary.
  virtual Nanos Monotonic() const = 0;
};

// The machine's clock; lives as long as the process.
const Clock& SystemClock();

// A clock that moves only when told. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Nanos now) : now_(now) {}
  Nanos Now() const override { return now_.load(std::memory_order_relaxed); }
  Nanos Monotonic() const override { return Now(); }
  void Advance(Nanos by) { now_.fetch_add(by, std::memory_order_relaxed); }
  void Set(Nanos now) { now_.store(now, std::memory_order_relaxed); }

 private:
  std::atomic<Nanos> now_;
};

}  // namespace ao
