#pragma once

#include <cstdint>

#include "observatory/export.h"

namespace observatory {

// Where timestamps come from. Replace it in tests, or to replay history with its own times; the
// schedule of exports does not follow it. Implementations are thread-safe.
class OBSERVATORY_API Clock {
 public:
  virtual ~Clock();
  virtual int64_t unix_nanos() const noexcept = 0;    // wall time
  virtual int64_t steady_nanos() const noexcept = 0;  // never goes back; measures durations
};

}  // namespace observatory
