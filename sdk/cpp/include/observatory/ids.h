#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "observatory/export.h"

namespace observatory {

// 16 bytes, read as one big-endian number. All zeros is "none".
struct TraceId {
  uint64_t high = 0, low = 0;

  bool valid() const { return (high | low) != 0; }
  OBSERVATORY_API std::string hex() const;  // 32 lower-case digits
  // All zeros when `text` is not 32 hexadecimal digits.
  OBSERVATORY_API static TraceId from_hex(std::string_view text);
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

struct SpanId {
  uint64_t value = 0;

  bool valid() const { return value != 0; }
  OBSERVATORY_API std::string hex() const;  // 16 lower-case digits
  OBSERVATORY_API static SpanId from_hex(std::string_view text);
  friend bool operator==(const SpanId&, const SpanId&) = default;
};

}  // namespace observatory
