#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "storage/content/text_pattern.h"
#include "storage/content/word_index.h"

// The first line is what is looked for, the rest a stored text, and also the bytes of a word index.
// A text that matches is never ruled out by its words, whatever it holds, and a match lies in it.

namespace {

using ao::storage::ForEachWordHash;
using ao::storage::TextPattern;
using ao::storage::WordHash;
using ao::storage::WordIndex;

void Check(bool holds) {
  if (!holds) __builtin_trap();
}

void SearchIn(const TextPattern& pattern, std::string_view text) {
  const auto match = pattern.Find(text);
  Check(match.has_value() == pattern.Matches(text));
  if (!match) return;
  Check(match->begin <= match->end && match->end <= text.size());
  std::set<uint32_t> words;
  std::string scratch;
  ForEachWordHash(text, &scratch, [&](uint32_t hash) { words.insert(hash); });
  for (const uint32_t word : pattern.words()) Check(words.contains(word));
}

void LookUp(std::string_view bytes) {
  const auto index = WordIndex::Parse(std::string(bytes));
  if (!index.ok() || !index->has_value()) return;
  for (const uint32_t hash : {0u, 1u << 31, ~0u, WordHash("word")}) {
    (*index)->ForEachBlock(hash, [&](uint32_t block) { Check(block < (*index)->blocks()); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(input.find('\n'), size);
  const std::string_view text = input.substr(std::min(line + 1, size));
  const TextPattern pattern(input.substr(0, line));
  if (!pattern.empty()) SearchIn(pattern, text);
  LookUp(text);
  return 0;
}
