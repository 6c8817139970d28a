#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a full-text search looks for: a phrase, compared as storage/content/words.h reads texts
// (case, blanks and JSON escapes do not matter), that begins and ends where words do. With '*' at
// its end the last word may go on ("refund*" finds "refunds"), with '*' at its front the first one
// may begin earlier. Bytes of the
// pattern that are no UTF-8 match nothing. One thread at a time: matching uses buffers of the
// pattern.

namespace ao::storage {

class TextPattern {
 public:
  explicit TextPattern(std::string_view text);

  // There is nothing to look for: no text, or only blanks and '*'.
  bool empty() const { return phrase_[0].empty(); }

  struct Match {
    size_t begin = 0, end = 0;  // bytes of the text
  };
  // The first match in either reading of the text.
  std::optional<Match> Find(std::string_view text) const;
  bool Matches(std::string_view text) const;
  // A quick test of bytes that may be any part of texts: false when no match touches them.
  bool MayTouch(std::string_view bytes) const;

  // Hashes of words that every text with a match holds, without repetition; at most 32.
  const std::vector<uint32_t>& words() const { return words_; }
  // A match may begin in one piece of a text and end in a later one. Otherwise every match lies in
  // a piece: texts are cut behind '"', '}' and ']' only.
  bool may_cross_pieces() const { return may_cross_pieces_; }

 private:
  std::optional<size_t> FindIn(std::string_view read, std::string_view phrase) const;
  void CollectWords();
  void ChooseAnchor();

  std::string phrase_[2];  // as each Reading reads it
  bool open_front_ = false, open_end_ = false;
  bool may_cross_pieces_ = false;
  std::vector<uint32_t> words_;
  std::string anchor_;  // ASCII letters and digits that stand in every match as they are
  mutable std::string read_;
};

}  // namespace ao::storage
