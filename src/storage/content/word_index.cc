#include "storage/content/word_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ao::storage {
namespace {

// Bits, the lowest of a byte first.
class BitWriter {
 public:
  explicit BitWriter(std::string* out) : out_(*out) {}
  ~BitWriter() {
    if (used_ > 0) out_.push_back(static_cast<char>(word_));
  }
  uint64_t position() const { return written_; }

  void Put(uint32_t value, unsigned bits) {
    word_ |= uint64_t{value} << used_;
    used_ += bits;
    written_ += bits;
    for (; used_ >= 8; used_ -= 8, word_ >>= 8) out_.push_back(static_cast<char>(word_));
  }
  void PutUnary(uint32_t zeros) {
    for (; zeros >= 24; zeros -= 24) Put(0, 24);
    Put(1u << zeros, zeros + 1);
  }
  void PutRice(uint32_t value, unsigned k) {
    PutUnary(value >> k);
    Put(value & ((1u << k) - 1), k);
  }
  // value > 0.
  void PutGamma(uint32_t value) {
    const auto bits = static_cast<unsigned>(std::bit_width(value)) - 1;
    PutUnary(bits);
    Put(value & ((1u << bits) - 1), bits);
  }

 private:
  std::string& out_;
  uint64_t word_ = 0;
  unsigned used_ = 0;
  uint64_t written_ = 0;
};

// Behind the end all bits are ones, so that every code ends.
class BitReader {
 public:
  BitReader(std::string_view bytes, uint64_t bit) : bytes_(bytes), at_(bit) {}
  bool at_end() const { return at_ >= bytes_.size() * 8; }

  uint32_t Get(unsigned bits) {
    const uint32_t value = static_cast<uint32_t>(Window() & ((uint64_t{1} << bits) - 1));
    at_ += bits;
    return value;
  }
  uint32_t GetUnary() {
    uint32_t zeros = 0;
    while (true) {
      const uint64_t window = Window() | uint64_t{1} << 56;
      const auto run = static_cast<uint32_t>(std::countr_zero(window));
      zeros += run;
      at_ += run;
      if (run < 56) break;
    }
    ++at_;
    return zeros;
  }
  uint32_t GetRice(unsigned k) {
    const uint32_t high = GetUnary();
    return high << k | Get(k);
  }
  uint32_t GetGamma() {
    const uint32_t bits = std::min(GetUnary(), 31u);
    return 1u << bits | Get(bits);
  }

 private:
  // The next 57 bits or more.
  uint64_t Window() const {
    const size_t byte = at_ / 8;
    uint64_t window = ~uint64_t{0};
    if (byte < bytes_.size()) {
      std::memcpy(&window, bytes_.data() + byte, std::min<size_t>(8, bytes_.size() - byte));
    }
    return window >> (at_ % 8) | (at_ % 8 == 0 ? 0 : ~uint64_t{0} << (64 - at_ % 8));
  }

  const std::string_view bytes_;
  uint64_t at_;
};

// log2 of the mean distance, about: the best parameter of a Rice code.
unsigned RiceOf(uint64_t space, uint64_t count) {
  const uint64_t mean = space * 69 / 100 / std::max<uint64_t>(count, 1);
  return mean == 0 ? 0 : static_cast<unsigned>(std::bit_width(mean)) - 1;
}

}  // namespace

void WordIndexBuilder::Grow() {
  std::vector<uint32_t> old(table_.size() * 2);
  old.swap(table_);
  used_ = 0;
  for (const uint32_t hash : old) {
    if (hash != 0) Insert(hash);
  }
}

void WordIndexBuilder::Insert(uint32_t hash) {
  const size_t mask = table_.size() - 1;
  size_t at = (hash * 0x9E3779B1u >> 7) & mask;
  while (table_[at] != 0) {
    if (table_[at] == hash) return;
    at = (at + 1) & mask;
  }
  table_[at] = hash;
  if (++used_ * 2 > table_.size()) Grow();
}

void WordIndexBuilder::Add(std::string_view text) {
  ForEachWordHash(text, &scratch_, [&](uint32_t hash) {
    if (hash == 0) {
      zero_ = true;
    } else {
      Insert(hash);
    }
  });
}

void WordIndexBuilder::EndBlock() {
  if (zero_) pairs_.push_back(blocks_);
  for (uint32_t& hash : table_) {
    if (hash != 0) pairs_.push_back(uint64_t{hash} << 32 | blocks_);
    hash = 0;
  }
  constexpr size_t kKept = 1 << 17;
  if (table_.size() > kKept) table_ = std::vector<uint32_t>(1024);  // after a block of many words
  used_ = 0;
  zero_ = false;
  ++blocks_;
}

std::string WordIndexBuilder::Take() {
  std::sort(pairs_.begin(), pairs_.end());
  WordIndex::Header header;
  header.blocks = blocks_;
  size_t distinct = 0;
  for (size_t i = 0; i < pairs_.size(); ++i) {
    distinct += i == 0 || pairs_[i] >> 32 != pairs_[i - 1] >> 32;
  }
  const auto bits_of = [](size_t n) { return static_cast<uint32_t>(std::bit_width(n)); };
  header.width = std::clamp(bits_of(distinct) + bits_of(kFalseWords) - 1, 1u, 32u);
  const auto word_of = [&](uint64_t pair) {
    return static_cast<uint32_t>(pair >> 32) >> (32 - header.width);
  };
  for (size_t i = 0; i < pairs_.size(); ++i) {
    header.words += i == 0 || word_of(pairs_[i]) != word_of(pairs_[i - 1]);
  }
  const unsigned distance = RiceOf(uint64_t{1} << header.width, header.words);
  std::vector<WordIndex::Group> groups;
  std::string bits;
  {
    BitWriter writer(&bits);
    std::vector<uint32_t> blocks;
    uint32_t before = 0, words = 0;
    for (size_t i = 0; i < pairs_.size();) {
      const uint32_t word = word_of(pairs_[i]);
      blocks.clear();
      for (; i < pairs_.size() && word_of(pairs_[i]) == word; ++i) {
        blocks.push_back(static_cast<uint32_t>(pairs_[i]));
      }
      // Hashes that became the same when they were shortened share their blocks.
      std::sort(blocks.begin(), blocks.end());
      blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
      if (words++ % kWordsOfGroup == 0) {
        groups.push_back({word, static_cast<uint32_t>(writer.position())});
      } else {
        writer.PutRice(word - before - 1, distance);
      }
      before = word;
      const auto count = static_cast<uint32_t>(blocks.size());
      writer.PutGamma(count);
      const unsigned gap = RiceOf(header.blocks, count);
      uint32_t next = 0;
      for (const uint32_t block : blocks) {
        writer.PutRice(block - next, gap);
        next = block + 1;
      }
    }
  }
  std::string section(reinterpret_cast<const char*>(&header), sizeof(header));
  section.append(reinterpret_cast<const char*>(groups.data()),
                 groups.size() * sizeof(WordIndex::Group));
  section.append(bits);
  pairs_.clear();
  blocks_ = 0;
  return section;
}

Result<std::optional<WordIndex>> WordIndex::Parse(std::string bytes) {
  WordIndex index;
  const auto damaged = [] { return Corruption("its word index contradicts itself"); };
  if (bytes.size() < sizeof(Header)) return damaged();
  std::memcpy(&index.header_, bytes.data(), sizeof(Header));
  const Header& header = index.header_;
  if (header.rules != kWordRules) return std::optional<WordIndex>();
  const size_t groups = (header.words + kWordsOfGroup - 1) / kWordsOfGroup;
  index.bits_ = sizeof(Header) + groups * sizeof(Group);
  if (header.width < 1 || header.width > 32 || bytes.size() < index.bits_) return damaged();
  index.groups_.resize(groups);
  if (groups > 0) {
    std::memcpy(index.groups_.data(), bytes.data() + sizeof(Header), groups * sizeof(Group));
  }
  index.bytes_ = std::move(bytes);
  return std::optional<WordIndex>(std::move(index));
}

void WordIndex::Find(uint32_t hash, std::vector<uint32_t>* blocks) const {
  const uint32_t wanted = hash >> (32 - header_.width);
  const auto next =
      std::upper_bound(groups_.begin(), groups_.end(), wanted,
                       [](uint32_t word, const Group& group) { return word < group.first; });
  if (next == groups_.begin()) return;
  const size_t group = static_cast<size_t>(next - groups_.begin()) - 1;
  const unsigned distance = RiceOf(uint64_t{1} << header_.width, header_.words);
  const size_t words = std::min(kWordsOfGroup, header_.words - group * kWordsOfGroup);
  BitReader reader(std::string_view(bytes_).substr(bits_), groups_[group].bit);
  uint32_t word = groups_[group].first;
  for (size_t i = 0; i < words && !reader.at_end(); ++i) {
    if (i > 0) word += reader.GetRice(distance) + 1;
    if (word > wanted) return;
    const uint32_t count = reader.GetGamma();
    const unsigned gap = RiceOf(header_.blocks, count);
    uint32_t block = 0;
    for (uint32_t k = 0; k < count && !reader.at_end(); ++k, ++block) {
      block += reader.GetRice(gap);
      if (word == wanted && block < header_.blocks) blocks->push_back(block);
    }
    if (word == wanted) return;
  }
}

}  // namespace ao::storage
