#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

// Seeded randomness: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
// generators"). The same seed draws the same numbers on every machine. Single-thread.

namespace ao::model_server {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // In [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  // In [0, size); `size` > 0.
  uint64_t Below(uint64_t size) { return Next() % size; }
  // Standard normal, by Box and Muller.
  double Normal() {
    const double u = 1 - Uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * Uniform());
  }

 private:
  uint64_t state_;
};

}  // namespace ao::model_server
