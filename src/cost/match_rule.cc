#include "cost/match_rule.h"

#include <algorithm>
#include <regex>
#include <utility>

namespace ao::cost {

struct MatchRule::Regex {
  std::regex compiled;
};

MatchRule::MatchRule() = default;
MatchRule::MatchRule(MatchRule&&) noexcept = default;
MatchRule& MatchRule::operator=(MatchRule&&) noexcept = default;
MatchRule::~MatchRule() = default;

Result<MatchRule> MatchRule::Text(Kind kind, std::string_view text) {
  MatchRule rule;
  rule.kind_ = kind;
  if (kind != Kind::kRegex) {
    rule.text_ = text;
    for (char& c : rule.text_) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return rule;
  }
  rule.text_ = text;
  rule.regex_ = std::make_unique<Regex>();
  try {
    rule.regex_->compiled = std::regex(rule.text_, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& error) {
    return InvalidArgument("cannot read regular expression '" + rule.text_ + "': " + error.what());
  }
  return rule;
}

MatchRule MatchRule::All(Kind kind, std::vector<MatchRule> rules) {
  MatchRule rule;
  rule.kind_ = kind;
  rule.rules_ = std::move(rules);
  return rule;
}

MatchRule MatchRule::Pattern(std::string_view pattern) {
  MatchRule rule;
  rule.kind_ = pattern.ends_with('*') ? Kind::kStartsWith : Kind::kEquals;
  if (pattern.ends_with('*')) pattern.remove_suffix(1);
  rule.text_ = Lower(pattern);
  return rule;
}

bool MatchRule::Matches(std::string_view name) const {
  const auto matches = [&](const MatchRule& rule) { return rule.Matches(name); };
  switch (kind_) {
    case Kind::kEquals: return name == text_;
    case Kind::kStartsWith: return name.starts_with(text_);
    case Kind::kEndsWith: return name.ends_with(text_);
    case Kind::kContains: return name.find(text_) != name.npos;
    case Kind::kOr: return std::any_of(rules_.begin(), rules_.end(), matches);
    case Kind::kAnd: return std::all_of(rules_.begin(), rules_.end(), matches);
    case Kind::kRegex: break;
  }
  if (name.size() > kMaxNameBytes) return false;
  try {
    return std::regex_search(name.begin(), name.end(), regex_->compiled);
  } catch (const std::regex_error&) {  // too complex for this name
    return false;
  }
}

std::string Lower(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n\f\v");
  if (first == text.npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t\r\n\f\v") - first + 1);
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

}  // namespace ao::cost
