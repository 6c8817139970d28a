#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// The rules by which the catalogue recognises names of models and providers: equals, starts_with,
// ends_with, contains (without regard to ASCII case), regex (ECMAScript, as written), or, and.
// Immutable, thread-safe. Names of more than kMaxNameBytes match no regular expression, so that
// what clients send cannot make matching slow.

namespace ao::cost {

constexpr size_t kMaxNameBytes = 256;

class MatchRule {
 public:
  enum class Kind : uint8_t { kEquals, kStartsWith, kEndsWith, kContains, kRegex, kOr, kAnd };

  // Of the text kinds. invalid_argument when a regular expression is none.
  static Result<MatchRule> Text(Kind kind, std::string_view text);
  static MatchRule All(Kind kind, std::vector<MatchRule> rules);  // kOr or kAnd
  // "gpt-4o" or "gpt-4o*".
  static MatchRule Pattern(std::string_view pattern);

  MatchRule(MatchRule&&) noexcept;
  MatchRule& operator=(MatchRule&&) noexcept;
  ~MatchRule();

  // `name` is in lower case already (Lower).
  bool Matches(std::string_view name) const;

 private:
  struct Regex;
  MatchRule();

  Kind kind_ = Kind::kEquals;
  std::string text_;  // in lower case
  std::unique_ptr<Regex> regex_;
  std::vector<MatchRule> rules_;
};

// ASCII letters only; blanks at both ends are dropped.
std::string Lower(std::string_view text);

}  // namespace ao::cost
