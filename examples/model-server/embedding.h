#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// Vectors of texts without a model: every word and every group of four letters of a word is hashed
// to a dimension and a sign (Weinberger et al. 2009, "Feature hashing for large scale multitask
// learning"), common English words are left out, and the sum is scaled to length 1. Texts about the
// same thing share words and so are near by cosine; the same text always has the same vector.
// Thread-safe, no state.

namespace ao::model_server {

constexpr int kDefaultDimensions = 256;
constexpr int kMaxDimensions = 4096;

// A vector of length 1; all zero when `text` has no letters and digits.
std::vector<float> Embed(std::string_view text, int dimensions, uint64_t seed);

}  // namespace ao::model_server
