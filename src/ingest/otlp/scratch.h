#pragma once

#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "base/arena.h"
#include "base/status.h"

// Internal: where repeated fields are collected before their number is known. A scratch is a
// stack: nested messages push above what their parents have collected so far, and Commit moves
// the top part into the arena. Single-thread.

namespace ao::ingest::otlp {

// Thrown by the decoders, caught at their entry points.
struct DecodeFailure {
  Status status;
};

// Bounds what one request may make of itself in memory.
class DecodeMemory {
 public:
  DecodeMemory(Arena* arena, size_t limit) : arena_(arena), limit_(limit) {}

  Arena& arena() { return *arena_; }
  // Throws DecodeFailure when `more` bytes go over the limit.
  void Check(size_t more) const {
    if (arena_->footprint() + more > limit_) Refuse();
  }

 private:
  [[noreturn]] void Refuse() const;

  Arena* arena_;
  size_t limit_;
};

template <typename T>
class Scratch {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit Scratch(DecodeMemory* memory) : memory_(memory) {}

  size_t size() const { return items_.size(); }
  T& Push(const T& item = {}) {
    if (items_.size() == items_.capacity()) Grow();
    items_.push_back(item);
    return items_.back();
  }
  void Pop() { items_.pop_back(); }
  void Shrink(size_t size) { items_.resize(size); }

  // Moves everything from `base` on into the arena.
  std::span<const T> Commit(size_t base) {
    const size_t count = items_.size() - base;
    if (count == 0) return {};
    memory_->Check(count * sizeof(T));
    T* copy = memory_->arena().template AllocateArray<T>(count);
    std::memcpy(static_cast<void*>(copy), items_.data() + base, count * sizeof(T));
    items_.resize(base);
    return {copy, count};
  }

 private:
  void Grow() {
    const size_t next = items_.empty() ? 16 : items_.capacity() * 2;
    if (next > 1024) memory_->Check(next * sizeof(T));
    items_.reserve(next);
  }

  DecodeMemory* memory_;
  std::vector<T> items_;
};

}  // namespace ao::ingest::otlp
