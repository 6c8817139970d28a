#pragma once

#include <cstdint>

#include "observatory/ids.h"

namespace observatory::detail {

// 64 random bits; never the same in two threads, processes, or sides of a fork. Not for secrets.
uint64_t RandomBits() noexcept;
TraceId NewTraceId() noexcept;
SpanId NewSpanId() noexcept;
// In the child of a fork(): every thread's generator starts anew.
void ReseedAfterFork() noexcept;

}  // namespace observatory::detail
