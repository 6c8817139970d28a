#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace observatory::detail {

// The buckets of one sign of an OTLP exponential histogram: bucket i counts what is in
// (base^i, base^(i+1)], base = 2^(2^-scale). OpenTelemetry specification, "Metrics Data Model".
struct ExponentialBuckets {
  int32_t offset = 0;  // of the first
  std::vector<uint64_t> counts;
};

// Keeps to at most kMaxBuckets per sign by making them wider. Thread-compatible.
class ExponentialHistogram {
 public:
  static constexpr size_t kMaxBuckets = 160;
  static constexpr int32_t kMaxScale = 20, kMinScale = -10;

  void Record(double value);  // finite
  void Reset() { *this = {}; }

  int32_t scale() const { return scale_; }
  uint64_t zero_count() const { return zero_count_; }
  const ExponentialBuckets& positive() const { return positive_; }
  const ExponentialBuckets& negative() const { return negative_; }

  // The bucket of a number above 0.
  static int32_t IndexOf(double value, int32_t scale);

 private:
  void Add(ExponentialBuckets* buckets, double value);
  void Widen(int32_t shift);

  int32_t scale_ = kMaxScale;
  uint64_t zero_count_ = 0;
  ExponentialBuckets positive_, negative_;
};

}  // namespace observatory::detail
