#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "observatory/export.h"

namespace observatory::detail {

// Counted by its references; what contexts share. Not part of the API.
class OBSERVATORY_API Shared {
 public:
  Shared() = default;
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  void Retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 protected:
  virtual ~Shared();

 private:
  std::atomic<uint32_t> references_{1};
};

class SharedText;
class SpanData;
class Extras;

// A pointer that counts. T may be incomplete: it derives from Shared alone, at offset 0.
template <typename T>
class Ref {
 public:
  Ref() = default;
  static Ref Adopt(T* object) noexcept {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  Ref(const Ref& other) noexcept : object_(other.object_) {
    if (object_ != nullptr) Base()->Retain();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) Base()->Release();
  }
  T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  Shared* Base() const noexcept { return reinterpret_cast<Shared*>(object_); }
  T* object_ = nullptr;
};

}  // namespace observatory::detail
