#include "model-server/embedding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/hash.h"

namespace ao::model_server {
namespace {

constexpr size_t kGroup = 4;
constexpr float kGroupWeight = 0.3F;

constexpr auto kCommonWords = std::to_array<std::string_view>(
    {"a",    "an",  "and",  "are", "as",  "at", "be",   "by",   "can",   "do",   "does", "for",
     "from", "has", "have", "how", "if",  "in", "is",   "it",   "its",   "of",   "on",   "or",
     "that", "the", "this", "to",  "was", "we", "what", "when", "which", "will", "with"});

bool IsCommon(std::string_view word) {
  return std::binary_search(kCommonWords.begin(), kCommonWords.end(), word);
}

// A plural counts as its singular.
std::string_view Stem(std::string_view word) {
  if (word.size() > 4 && word.ends_with("ies")) return word.substr(0, word.size() - 3);
  if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss")) word.remove_suffix(1);
  if (word.size() > 4 && word.ends_with('y')) word.remove_suffix(1);
  return word;
}

class Accumulator {
 public:
  Accumulator(int dimensions, uint64_t seed)
      : vector_(static_cast<size_t>(dimensions)), seed_(seed) {}

  void AddWord(std::string_view word) {
    if (IsCommon(word)) return;
    const std::string_view stem = Stem(word);
    Add(stem, 1.0F);
    for (size_t i = 0; i + kGroup <= stem.size(); ++i) Add(stem.substr(i, kGroup), kGroupWeight);
  }

  std::vector<float> Finish() {
    double sum = 0;
    for (const float x : vector_) sum += static_cast<double>(x) * static_cast<double>(x);
    if (sum == 0) return std::move(vector_);
    const auto scale = static_cast<float>(1 / std::sqrt(sum));
    for (float& x : vector_) x *= scale;
    return std::move(vector_);
  }

 private:
  void Add(std::string_view feature, float weight) {
    const uint64_t hash = Hash64(feature, seed_);
    vector_[(hash >> 1) % vector_.size()] += (hash & 1) == 0 ? weight : -weight;
  }

  std::vector<float> vector_;
  uint64_t seed_;
};

}  // namespace

std::vector<float> Embed(std::string_view text, int dimensions, uint64_t seed) {
  Accumulator accumulator(dimensions, seed);
  std::string word;
  const auto finish_word = [&] {
    if (!word.empty()) accumulator.AddWord(word);
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= 'A' && c <= 'Z') {
      word.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80) {
      word.push_back(c);
    } else {
      finish_word();
    }
  }
  finish_word();
  return accumulator.Finish();
}

}  // namespace ao::model_server
