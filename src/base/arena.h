#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

// A bump allocator. What is allocated lives until the arena dies; nothing is freed singly and no
// destructor runs. Move-only, single-thread.

namespace ao {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  // Uninitialised memory; `align` is a power of two of at most 16.
  void* Allocate(size_t size, size_t align = 8) {
    const size_t start = (used_ + align - 1) & ~(align - 1);
    if (start + size > capacity_) return AllocateSlow(size);
    used_ = start + size;
    return block_ + start;
  }

  template <typename T>
  T* AllocateArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(Allocate(sizeof(T) * count, alignof(T)));
  }

  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    auto* p = static_cast<char*>(Allocate(text.size(), 1));
    std::memcpy(p, text.data(), text.size());
    return {p, text.size()};
  }

  template <typename T>
  std::span<const T> Copy(const std::vector<T>& items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    T* p = AllocateArray<T>(items.size());
    std::memcpy(static_cast<void*>(p), items.data(), sizeof(T) * items.size());
    return {p, items.size()};
  }

  // Bytes held from the system.
  size_t footprint() const { return footprint_; }

 private:
  void* AllocateSlow(size_t size) {
    const size_t want = size > kBlock / 4 ? size : kBlock;
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(want));
    footprint_ += want;
    std::byte* fresh = blocks_.back().get();
    if (want > kBlock / 4 && want != kBlock) return fresh;  // a block of its own
    block_ = fresh;
    capacity_ = want;
    used_ = size;
    return fresh;
  }

  static constexpr size_t kBlock = 64 * 1024;
  std::byte* block_ = nullptr;
  size_t used_ = 0;
  size_t capacity_ = 0;
  size_t footprint_ = 0;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

}  // namespace ao
