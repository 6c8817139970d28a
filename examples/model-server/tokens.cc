#include "model-server/tokens.h"

namespace ao::model_server {
namespace {

constexpr size_t kLetters = 6;
constexpr size_t kDigits = 3;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// The end of the token that starts at `at`.
size_t EndOfToken(std::string_view text, size_t at) {
  size_t end = at;
  if (IsBlank(text[end])) {
    while (end < text.size() && IsBlank(text[end])) ++end;
    // One blank belongs to the word behind it; more are a token of their own.
    if (end - at > 1 || end == text.size() || text[at] != ' ') return end;
  }
  const size_t begin = end;
  if (IsDigit(text[end])) {
    while (end < text.size() && IsDigit(text[end]) && end - begin < kDigits) ++end;
  } else if (IsLetter(text[end])) {
    while (end < text.size() && IsLetter(text[end]) && end - begin < kLetters) ++end;
    while (end < text.size() && IsContinuation(text[end])) ++end;
  } else {
    ++end;
  }
  return end;
}

}  // namespace

std::vector<std::string_view> SplitTokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (size_t at = 0; at < text.size();) {
    const size_t end = EndOfToken(text, at);
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

int64_t CountTokens(std::string_view text) {
  int64_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) at = EndOfToken(text, at);
  return count;
}

}  // namespace ao::model_server
