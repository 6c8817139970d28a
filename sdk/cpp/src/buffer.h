#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace observatory::detail {

// Bytes that grow. The first kInline live in the object, so that a usual span needs no allocation.
// When memory runs out it keeps what it has and says so with failed(): nothing here throws.
class Buffer {
 public:
  static constexpr size_t kInline = 736;

  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (data_ != inline_) std::free(data_);
  }

  const char* data() const { return data_; }
  char* data() { return data_; }
  size_t size() const { return size_; }
  bool failed() const { return failed_; }
  std::string_view view() const { return {data_, size_}; }
  size_t heap_bytes() const { return data_ == inline_ ? 0 : capacity_; }

  // Where `bytes` more can be written; Advance() says how many were. Null when memory ran out.
  char* Room(size_t bytes) {
    if (capacity_ - size_ >= bytes) [[likely]] return data_ + size_;
    return Grow(bytes) ? data_ + size_ : nullptr;
  }
  void Advance(const char* end) { size_ = static_cast<size_t>(end - data_); }
  void Append(std::string_view bytes) {
    char* at = Room(bytes.size());
    if (at == nullptr) return;
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  // Takes out `bytes` at `offset`; what follows moves down.
  void Erase(size_t offset, size_t bytes) {
    std::memmove(data_ + offset, data_ + offset + bytes, size_ - offset - bytes);
    size_ -= bytes;
  }
  // Empty again. Keeps no more than `keep` bytes of heap.
  void Clear(size_t keep = 0) {
    size_ = 0;
    failed_ = false;
    if (heap_bytes() > keep) {
      std::free(data_);
      data_ = inline_;
      capacity_ = kInline;
    }
  }

 private:
  bool Grow(size_t bytes) {
    const size_t wanted = size_ + bytes > capacity_ * 2 ? size_ + bytes : capacity_ * 2;
    char* grown = static_cast<char*>(
        data_ == inline_ ? std::malloc(wanted) : std::realloc(data_, wanted));
    if (grown == nullptr) {
      failed_ = true;
      return false;
    }
    if (data_ == inline_) std::memcpy(grown, inline_, size_);
    data_ = grown;
    capacity_ = wanted;
    return true;
  }

  char* data_ = inline_;
  size_t size_ = 0, capacity_ = kInline;
  bool failed_ = false;
  char inline_[kInline];
};

}  // namespace observatory::detail
