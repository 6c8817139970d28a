#include <array>
#include <bit>
#include <cstring>

#include "storage/content/content_format.h"
#include "storage/content/content_store.h"

namespace ao::storage {
namespace {

constexpr size_t kMinText = 1024;   // shorter texts are one piece
constexpr size_t kMinPiece = 128;   // every piece but the last has as many bytes
constexpr size_t kMinElement = 64;  // array elements worth a cut
constexpr int kMaxArrayDepth = 4;   // arrays deeper inside arrays are not cut
constexpr int kMaxDepth = 64;       // deeper nesting is skipped over

enum Class : uint8_t { kPlain, kQuote, kOpenObject, kOpenArray, kClose, kComma };

constexpr std::array<uint8_t, 256> kClassOf = [] {
  std::array<uint8_t, 256> table{};
  table['"'] = kQuote;
  table['{'] = kOpenObject;
  table['['] = kOpenArray;
  table['}'] = table[']'] = kClose;
  table[','] = kComma;
  return table;
}();

// Like memchr, but most strings are short: the first bytes are looked at without a call.
const char* FindQuote(const char* p, const char* end) {
  if constexpr (std::endian::native == std::endian::little) {
    constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    for (int step = 0; step < 4 && end - p >= 8; ++step, p += 8) {
      uint64_t word;
      std::memcpy(&word, p, sizeof(word));
      word ^= kOnes * static_cast<uint8_t>('"');  // zero where there is a quote
      if (const uint64_t found = (word - kOnes) & ~word & kHigh; found != 0) {
        return p + std::countr_zero(found) / 8;
      }
    }
  }
  return static_cast<const char*>(std::memchr(p, '"', static_cast<size_t>(end - p)));
}

// Makes the pieces of one text, front to back.
class PieceSink {
 public:
  PieceSink(std::string_view text, uint64_t seed, Nanos partition_time,
            std::vector<ContentPiece>* out)
      : text_(text), seed_(seed), partition_time_(partition_time), out_(*out) {}

  size_t begin() const { return begin_; }
  void CutAt(size_t end) {
    ContentPiece piece;
    piece.bytes = text_.substr(begin_, end - begin_);
    piece.piece_address = PieceAddress(piece.bytes, seed_);
    piece.parent = last_;
    piece.address = NodeAddress(last_, piece.piece_address, seed_);
    piece.partition_time = partition_time_;
    out_.push_back(piece);
    last_ = piece.address;
    begin_ = end;
  }
  ContentAddress last() const { return last_; }

 private:
  const std::string_view text_;
  const uint64_t seed_;
  const Nanos partition_time_;
  std::vector<ContentPiece>& out_;
  size_t begin_ = 0;
  ContentAddress last_;
};

// Follows strings and brackets just far enough to see where array elements end. What it makes of
// malformed JSON does not matter, as long as it depends only on what lies before the cut.
class ElementScanner {
 public:
  ElementScanner(std::string_view text, PieceSink* sink) : text_(text), sink_(*sink) {}

  void Run() {
    const char* const data = text_.data();
    const size_t size = text_.size();
    size_t at = 0;
    while (at < size) {
      switch (kClassOf[static_cast<uint8_t>(data[at])]) {
        case kPlain: ++at; break;
        case kQuote:
          at = StringEnd(at);
          ElementEnds(at);
          break;
        case kOpenObject: Open(false, ++at); break;
        case kOpenArray: Open(true, ++at); break;
        case kClose:
          Close();
          ElementEnds(++at);
          break;
        case kComma:
          ++at;
          if (depth_ > 0 && skipped_ == 0) levels_[depth_ - 1].element = at;
          break;
      }
    }
  }

 private:
  struct Level {
    bool cut = false;  // an array whose elements are worth cutting
    bool array = false;
    size_t element = 0;  // where the current element began
  };

  // Behind the closing quote of the string that opens at `at`.
  size_t StringEnd(size_t at) const {
    const char* const data = text_.data();
    const char* const end = data + text_.size();
    const char* p = data + at + 1;
    while (true) {
      p = FindQuote(p, end);
      if (p == nullptr) return text_.size();
      const char* slash = p;
      while (slash[-1] == '\\') --slash;  // stops at the opening quote
      ++p;
      if ((p - 1 - slash) % 2 == 0) return static_cast<size_t>(p - data);
    }
  }

  void Open(bool array, size_t inside) {
    if (depth_ == kMaxDepth) {
      ++skipped_;
      return;
    }
    arrays_ += array;
    levels_[depth_++] = {array && arrays_ <= kMaxArrayDepth, array, inside};
  }
  void Close() {
    if (skipped_ > 0) {
      --skipped_;
    } else if (depth_ > 0) {
      arrays_ -= levels_[--depth_].array;
    }
  }
  void ElementEnds(size_t end) {
    if (depth_ == 0 || skipped_ > 0 || !levels_[depth_ - 1].cut) return;
    if (end - levels_[depth_ - 1].element < kMinElement) return;
    if (end - sink_.begin() >= kMinPiece) sink_.CutAt(end);
  }

  const std::string_view text_;
  PieceSink& sink_;
  std::array<Level, kMaxDepth> levels_;
  int depth_ = 0;
  int arrays_ = 0;
  size_t skipped_ = 0;
};

bool LooksLikeJson(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '[' || text[first] == '{');
}

}  // namespace

ContentAddress CutIntoPieces(std::string_view text, uint64_t hash_seed, Nanos partition_time,
                             std::vector<ContentPiece>* out) {
  PieceSink sink(text, hash_seed, partition_time, out);
  if (text.size() >= kMinText && LooksLikeJson(text)) ElementScanner(text, &sink).Run();
  if (sink.begin() < text.size() || text.empty()) sink.CutAt(text.size());
  return sink.last();
}

}  // namespace ao::storage
