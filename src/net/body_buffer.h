#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/memory_budget.h"
#include "base/status.h"

// A request body that grows as it is read or inflated. Every byte of capacity is charged to the
// memory budget before it is allocated, and the limit holds at every step. Single-thread.

namespace ao::net {

class BodyBuffer {
 public:
  BodyBuffer(MemoryBudget::Lease lease, size_t limit) : lease_(std::move(lease)), limit_(limit) {}

  // How large the body says it will be; sizes the allocations, promises nothing.
  void Expect(size_t bytes) { expected_ = bytes; }
  // resource_exhausted over the limit, unavailable when the memory budget is exhausted.
  Status Append(std::string_view bytes);

  const std::string& text() const { return body_; }
  std::string TakeText() { return std::move(body_); }
  MemoryBudget::Lease TakeLease() { return std::move(lease_); }

 private:
  Status Reserve(size_t need);

  MemoryBudget::Lease lease_;
  const size_t limit_;
  size_t expected_ = 0;
  size_t charged_ = 0;
  std::string body_;
};

}  // namespace ao::net
