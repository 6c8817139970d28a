#include "storage/content/text_pattern.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/utf8.h"
#include "storage/content/words.h"

namespace ao::storage {
namespace {

constexpr size_t kMaxWords = 32;

constexpr Reading kReadings[] = {Reading::kPlain, Reading::kEscaped};

bool IsAsciiLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool EqualsFolded(const char* text, std::string_view lower) {
  for (size_t i = 0; i < lower.size(); ++i) {
    if (Lower(text[i]) != lower[i]) return false;
  }
  return true;
}

// Is `lower` (ASCII letters and digits) in `text`, in any case? Eight places at a time: where both
// the first and the last byte fit, the rest is compared.
bool ContainsFolded(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  const char* p = text.data();
  const char* const end = p + (text.size() - lower.size()) + 1;  // of where it may begin
  const size_t last = lower.size() - 1;
  if constexpr (std::endian::native == std::endian::little) {
    constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    const auto case_bit = [&](char c) { return c >= 'a' ? kOnes * 0x20 : 0; };
    const uint64_t first_case = case_bit(lower.front()), last_case = case_bit(lower.back());
    const uint64_t first_byte = kOnes * static_cast<uint8_t>(lower.front());
    const uint64_t last_byte = kOnes * static_cast<uint8_t>(lower.back());
    for (; end - p >= 8; p += 8) {
      uint64_t a, b;
      std::memcpy(&a, p, 8);
      std::memcpy(&b, p + last, 8);
      const uint64_t differ = ((a | first_case) ^ first_byte) | ((b | last_case) ^ last_byte);
      uint64_t zeros = (differ - kOnes) & ~differ & kHigh;
      for (; zeros != 0; zeros &= zeros - 1) {
        if (EqualsFolded(p + std::countr_zero(zeros) / 8, lower)) return true;
      }
    }
  }
  for (; p < end; ++p) {
    if (EqualsFolded(p, lower)) return true;
  }
  return false;
}

}  // namespace

TextPattern::TextPattern(std::string_view text) {
  if (!text.empty() && text.front() == '*') {
    open_front_ = true;
    text.remove_prefix(1);
  }
  if (!text.empty() && text.back() == '*') {
    open_end_ = true;
    text.remove_suffix(1);
  }
  // Half a character at the edge of a phrase would end a word that goes on in the text.
  const std::string valid = RepairUtf8(text);
  for (size_t i = 0; i < 2; ++i) {
    std::string& phrase = phrase_[i];
    ReadAs(kReadings[i], valid, &phrase);
    if (phrase.ends_with(' ')) phrase.pop_back();
    if (phrase.starts_with(' ')) phrase.erase(0, 1);
  }
  if (phrase_[0].empty() || phrase_[1].empty()) {
    phrase_[0].clear();
    return;
  }
  may_cross_pieces_ = phrase_[0].find_first_of("\"}]") < phrase_[0].size() - 1 ||
                      phrase_[1].find_first_of("\"}]") < phrase_[1].size() - 1;
  CollectWords();
  ChooseAnchor();
}

// Words that the phrase holds whole, however it is read.
void TextPattern::CollectWords() {
  std::vector<uint32_t> found[2];
  for (size_t i = 0; i < 2; ++i) {
    const std::string_view phrase = phrase_[i];
    ForEachWord(phrase, [&](std::string_view word) {
      size_t length = 0;
      const bool is_letters = ClassAt(word, 0, &length) == CharClass::kLetter;
      const bool first = word.data() == phrase.data();
      const bool last = word.data() + word.size() == phrase.data() + phrase.size();
      if (is_letters && ((first && open_front_) || (last && open_end_))) return;
      found[i].push_back(WordHash(word));
    });
    std::sort(found[i].begin(), found[i].end());
    found[i].erase(std::unique(found[i].begin(), found[i].end()), found[i].end());
  }
  std::set_intersection(found[0].begin(), found[0].end(), found[1].begin(), found[1].end(),
                        std::back_inserter(words_));
  if (words_.size() > kMaxWords) words_.resize(kMaxWords);
}

void TextPattern::ChooseAnchor() {
  const std::string_view phrase = phrase_[0];
  for (size_t begin = 0; begin < phrase.size();) {
    size_t end = begin;
    while (end < phrase.size() && IsAsciiLetterOrDigit(phrase[end])) ++end;
    const std::string_view run = phrase.substr(begin, end - begin);
    if (run.size() > anchor_.size() && phrase_[1].find(run) != std::string::npos) anchor_ = run;
    begin = end + 1;
  }
}

bool TextPattern::MayTouch(std::string_view bytes) const {
  return anchor_.empty() || ContainsFolded(bytes, anchor_);
}

std::optional<size_t> TextPattern::FindIn(std::string_view read, std::string_view phrase) const {
  size_t length = 0;
  const bool front = !open_front_ && ClassAt(phrase, 0, &length) == CharClass::kLetter;
  const bool end = !open_end_ && ClassBefore(phrase, phrase.size()) == CharClass::kLetter;
  for (size_t at = read.find(phrase); at != read.npos; at = read.find(phrase, at + 1)) {
    const size_t behind = at + phrase.size();
    if (front && ClassBefore(read, at) == CharClass::kLetter) continue;
    if (end && behind < read.size() && ClassAt(read, behind, &length) == CharClass::kLetter) {
      continue;
    }
    return at;
  }
  return {};
}

bool TextPattern::Matches(std::string_view text) const {
  if (!MayTouch(text)) return false;
  for (size_t i = 0; i < 2; ++i) {
    ReadAs(kReadings[i], text, &read_);
    if (FindIn(read_, phrase_[i])) return true;
    if (i == 0 && text.find('\\') == text.npos && phrase_[0] == phrase_[1]) return false;
  }
  return false;
}

std::optional<TextPattern::Match> TextPattern::Find(std::string_view text) const {
  if (!MayTouch(text)) return {};
  std::vector<size_t> origins;
  std::optional<Match> first;
  for (size_t i = 0; i < 2; ++i) {
    ReadAs(kReadings[i], text, &read_);
    const auto at = FindIn(read_, phrase_[i]);
    if (!at) continue;
    ReadAs(kReadings[i], text, &read_, &origins);
    const Match match{origins[*at], origins[*at + phrase_[i].size()]};
    if (!first || match.begin < first->begin) first = match;
  }
  return first;
}

}  // namespace ao::storage
