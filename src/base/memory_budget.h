#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

// A byte budget shared by everything that holds request data: what does not fit is refused, never
// dropped. A Lease gives its bytes back when it dies. Thread-safe; the budget outlives its leases.

namespace ao {

class MemoryBudget {
 public:
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        Release();
        budget_ = std::exchange(other.budget_, nullptr);
        bytes_ = std::exchange(other.bytes_, 0);
      }
      return *this;
    }
    ~Lease() { Release(); }

    // Takes `more` bytes; false (and nothing taken) when the budget is exhausted.
    bool Grow(size_t more) {
      if (budget_ == nullptr || !budget_->Take(more)) return false;
      bytes_ += more;
      return true;
    }
    void Release() {
      if (budget_ != nullptr) budget_->used_.fetch_sub(bytes_, std::memory_order_relaxed);
      bytes_ = 0;
    }
    size_t bytes() const { return bytes_; }

   private:
    friend class MemoryBudget;
    explicit Lease(MemoryBudget* budget) : budget_(budget) {}
    MemoryBudget* budget_ = nullptr;
    size_t bytes_ = 0;
  };

  explicit MemoryBudget(size_t limit) : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // An empty lease to grow.
  Lease NewLease() { return Lease(this); }
  size_t used() const { return used_.load(std::memory_order_relaxed); }
  size_t limit() const { return limit_; }

 private:
  bool Take(size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }

  const size_t limit_;
  std::atomic<size_t> used_{0};
};

}  // namespace ao
