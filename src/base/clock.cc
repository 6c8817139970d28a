#include "base/clock.h"

#include <ctime>

namespace ao {
namespace {

Nanos Read(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return static_cast<Nanos>(t.tv_sec) * kSecond + t.tv_nsec;
}

class RealClock final : public Clock {
 public:
  Nanos Now() const override { return Read(CLOCK_REALTIME); }
  Nanos Monotonic() const override { return Read(CLOCK_MONOTONIC); }
};

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

}  // namespace ao
