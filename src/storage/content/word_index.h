#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "storage/content/words.h"

// Which blocks of a content file hold a word. A section covers some hundred consecutive blocks:
// the hashes of all their words in order, shortened so far that one word in kFalseWords that none
// of them has seems to be there, each followed by the numbers of its blocks. Words that are in
// every block cost a bit a block, words that are in one cost about two bytes. Internal to content/.
//
//   header
//   groups         one for each kWordsOfGroup words: the first one's hash, where its bits begin
//   bits           for each word: distance to the one before (Rice; not for the first of a group),
//                  number of blocks (Elias gamma), distances between them (Rice)

namespace ao::storage {

constexpr uint32_t kFalseWords = 64;
constexpr size_t kWordsOfGroup = 64;

// Collects the words of blocks, in order. Single-thread.
class WordIndexBuilder {
 public:
  // Text of the current block.
  void Add(std::string_view text);
  void EndBlock();

  uint32_t blocks() const { return blocks_; }
  // What it holds of the ended blocks: (word, block) pairs, 8 bytes each.
  size_t size() const { return pairs_.size(); }
  // The section of the ended blocks; then it is empty again. The same texts in the same blocks
  // make the same bytes.
  std::string Take();

 private:
  void Insert(uint32_t hash);
  void Grow();

  std::vector<uint32_t> table_ = std::vector<uint32_t>(1024);  // hashes of the block; 0: free
  size_t used_ = 0;
  bool zero_ = false;  // the hash 0 is in the block
  std::vector<uint64_t> pairs_;
  uint32_t blocks_ = 0;
  std::string scratch_;
};

// A section that was read. An immutable value; thread-safe.
class WordIndex {
 public:
  // corruption when the bytes contradict themselves; nullopt when they follow other rules.
  static Result<std::optional<WordIndex>> Parse(std::string bytes);

  uint32_t blocks() const { return header_.blocks; }
  // Calls f(block) for each block that may hold the word, counted from the section's first.
  template <typename F>
  void ForEachBlock(uint32_t hash, F f) const {
    std::vector<uint32_t> found;
    Find(hash, &found);
    for (const uint32_t block : found) f(block);
  }

 private:
  friend class WordIndexBuilder;
  struct Header {
    uint32_t rules = kWordRules;
    uint32_t blocks = 0;
    uint32_t words = 0;
    uint32_t width = 0;  // bits of a hash that are kept
  };
  struct Group {
    uint32_t first = 0;
    uint32_t bit = 0;
  };
  static_assert(sizeof(Header) == 16 && sizeof(Group) == 8);

  void Find(uint32_t hash, std::vector<uint32_t>* blocks) const;

  Header header_;
  std::string bytes_;
  std::vector<Group> groups_;
  size_t bits_ = 0;  // offset of the bits in bytes_
};

}  // namespace ao::storage
