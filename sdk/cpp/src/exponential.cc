#include "exponential.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace observatory::detail {

int32_t ExponentialHistogram::IndexOf(double value, int32_t scale) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // value = fraction * 2^exponent, [0.5, 1)
  // An exact power of two is the upper, inclusive bound of its bucket.
  const bool power = fraction == 0.5;
  const int32_t floor_log2 = exponent - 1;
  if (scale <= 0) return (power ? floor_log2 - 1 : floor_log2) >> -scale;
  if (power) return (floor_log2 << scale) - 1;
  const double position = std::ldexp(std::log(fraction * 2) * std::numbers::log2e, scale);
  const int32_t width = 1 << scale;
  const int32_t within = std::clamp(static_cast<int32_t>(position), 0, width - 1);
  return (floor_log2 << scale) + within;
}

void ExponentialHistogram::Record(double value) {
  if (value == 0) {
    ++zero_count_;
  } else if (value > 0) {
    Add(&positive_, value);
  } else {
    Add(&negative_, -value);
  }
}

void ExponentialHistogram::Add(ExponentialBuckets* buckets, double value) {
  const auto bounds = [&](int32_t index, int64_t* low, int64_t* high) {
    *low = *high = index;
    if (!buckets->counts.empty()) {
      *low = std::min<int64_t>(index, buckets->offset);
      *high = std::max<int64_t>(
          index, int64_t{buckets->offset} + static_cast<int64_t>(buckets->counts.size()) - 1);
    }
  };
  int64_t low = 0, high = 0;
  int32_t index = IndexOf(value, scale_);
  bounds(index, &low, &high);
  int32_t shift = 0;
  while ((high >> shift) - (low >> shift) >= static_cast<int64_t>(kMaxBuckets) &&
         scale_ - shift > kMinScale) {
    ++shift;
  }
  if (shift > 0) {
    Widen(shift);
    index = IndexOf(value, scale_);
  }
  bounds(index, &low, &high);
  const auto size = static_cast<size_t>(high - low + 1);
  if (buckets->counts.empty()) {
    buckets->offset = index;
    buckets->counts.assign(1, 0);
  } else if (low < buckets->offset) {
    buckets->counts.insert(buckets->counts.begin(), static_cast<size_t>(buckets->offset - low), 0);
    buckets->offset = static_cast<int32_t>(low);
  }
  if (buckets->counts.size() < size) buckets->counts.resize(size);
  ++buckets->counts[static_cast<size_t>(index - buckets->offset)];
}

void ExponentialHistogram::Widen(int32_t shift) {
  scale_ -= shift;
  for (ExponentialBuckets* buckets : {&positive_, &negative_}) {
    if (buckets->counts.empty()) continue;
    ExponentialBuckets wider;
    wider.offset = buckets->offset >> shift;
    for (size_t i = 0; i < buckets->counts.size(); ++i) {
      const int32_t index = (buckets->offset + static_cast<int32_t>(i)) >> shift;
      const auto place = static_cast<size_t>(index - wider.offset);
      if (place >= wider.counts.size()) wider.counts.resize(place + 1);
      wider.counts[place] += buckets->counts[i];
    }
    *buckets = std::move(wider);
  }
}

}  // namespace observatory::detail
