#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

// What full-text search takes for words, and how it reads a text: lower-cased, a run of blanks as
// one blank, JSON escapes resolved. Letters, digits and '_' form words; a character of a script
// that is written without blanks (CJK, kana, Hangul, Thai, ...) is a word by itself. Case is folded
// for Latin, Greek, Cyrillic and Armenian letters; composed and decomposed letters differ.
//
// Whether a stored text is JSON is not known where a piece of it is read, so both are tried:
// "\nword" is "word" behind an escaped line break and "nword" behind a backslash. \uXXXX is a
// character either way (except ASCII letters and digits, which no encoder escapes), and what is
// escaped twice, as JSON inside JSON is, reads the same. Internal to content/. Thread-safe.

namespace ao::storage {

// Raised when a text has other words than before: an index by other rules is not relied on.
constexpr uint32_t kWordRules = 1;

enum class Reading {
  kPlain,    // a letter behind a backslash belongs to the word
  kEscaped,  // \n, \t, \r, \b and \f are blanks
};

// Replaces `out` by `text` as search reads it. The result is the same for both readings when
// there is no backslash. `origins`, unless null, gets for each byte of `out` where in `text` it
// came from, and the size of `text` at the end.
void ReadAs(Reading reading, std::string_view text, std::string* out,
            std::vector<size_t>* origins = nullptr);

enum class CharClass : uint8_t { kNone, kLetter, kWord };  // kWord: a word by itself

inline constexpr std::array<CharClass, 128> kAsciiClass = [] {
  std::array<CharClass, 128> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = CharClass::kLetter;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = CharClass::kLetter;
  table['_'] = CharClass::kLetter;
  return table;
}();

CharClass WideClassAt(std::string_view text, size_t at, size_t* length);  // above ASCII
// The class of the character that begins at `at` (or ends before it), and its length in bytes. A
// byte that is no UTF-8 is a character of class kNone.
inline CharClass ClassAt(std::string_view text, size_t at, size_t* length) {
  const auto c = static_cast<uint8_t>(text[at]);
  if (c >= 128) return WideClassAt(text, at, length);
  *length = 1;
  return kAsciiClass[c];
}
CharClass ClassBefore(std::string_view text, size_t at);

// Calls f(std::string_view) for each word of a text that ReadAs made.
template <typename F>
void ForEachWord(std::string_view read, F f) {
  size_t begin = 0, length = 0;
  for (size_t at = 0; at < read.size(); at += length) {
    const CharClass found = ClassAt(read, at, &length);
    if (found == CharClass::kLetter) continue;
    if (at > begin) f(read.substr(begin, at - begin));
    if (found == CharClass::kWord) f(read.substr(at, length));
    begin = at + length;
  }
  if (read.size() > begin) f(read.substr(begin));
}

inline uint32_t WordHash(std::string_view word) {
  return static_cast<uint32_t>(Hash64(word) >> 32);
}

// Calls f(uint32_t hash) for each word of `text` in either reading; a word may come repeatedly.
// `scratch` is any string, kept between calls to spare allocations.
template <typename F>
void ForEachWordHash(std::string_view text, std::string* scratch, F f) {
  const auto add = [&](std::string_view word) { f(WordHash(word)); };
  ReadAs(Reading::kEscaped, text, scratch);
  ForEachWord(*scratch, add);
  // The readings differ in the words that begin with the letter of an escape.
  for (size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
    at = text.find_first_not_of('\\', at);
    if (at == text.npos) break;
    const char c = text[at];
    if (c != 'n' && c != 't' && c != 'r' && c != 'b' && c != 'f') continue;
    size_t end = at, length = 0;
    while (end < text.size() && ClassAt(text, end, &length) == CharClass::kLetter) end += length;
    // \uXXXX may go on with the word; any other escape ends it.
    while (end < text.size() && text[end] == '\\') {
      const size_t escaped = std::min(text.find_first_not_of('\\', end), text.size());
      if (escaped == text.size() || text[escaped] != 'u') break;
      end = escaped;
      while (end < text.size() && ClassAt(text, end, &length) == CharClass::kLetter) end += length;
    }
    ReadAs(Reading::kPlain, text.substr(at, end - at), scratch);
    size_t first = 0;
    while (first < scratch->size() && ClassAt(*scratch, first, &length) == CharClass::kLetter) {
      first += length;
    }
    add(std::string_view(*scratch).substr(0, first));
  }
}

}  // namespace ao::storage
