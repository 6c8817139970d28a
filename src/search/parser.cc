#include "search/parser.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/utf8.h"
#include "config/suggest.h"
#include "config/units.h"
#include "search/fields.h"

namespace ao::search {
namespace {

using model::Comparison;
using model::FilterField;
using model::FilterTerm;
using model::RunFilter;

constexpr size_t kExcerpt = 72;  // code points of the query that an error shows

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_' || c == '.' ||
         c == '-' || c == '/';
}

// One line: control characters as blanks, invalid bytes as '?', so that a caret can stand below.
std::string Printable(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const size_t n = Utf8SequenceLength(text);
    if (n <= 1) {
      const auto c = static_cast<unsigned char>(text[0]);
      line.push_back(n == 0 ? '?' : c < 0x20 || c == 0x7f ? ' ' : text[0]);
    } else {
      line.append(text.substr(0, n));
    }
    text.remove_prefix(std::max<size_t>(n, 1));
  }
  return line;
}

size_t CodePoints(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

// The last (or first) kExcerpt / 2 code points.
std::string_view Tail(std::string_view text) {
  size_t begin = text.size(), count = 0;
  while (begin > 0 && count < kExcerpt / 2) {
    --begin;
    count += (static_cast<unsigned char>(text[begin]) & 0xC0) != 0x80;
  }
  return text.substr(begin);
}

Status Failure(std::string_view query, size_t at, const std::string& why, std::string hint = {}) {
  at = std::min(at, query.size());
  const std::string before = Printable(query.substr(0, at));
  const std::string_view shown = Tail(before);
  const std::string after = Printable(query.substr(at));
  const bool cut = shown.size() < before.size();
  return InvalidArgument(fmt::format("cannot read query: {}\n  {}{}{}\n  {}^", why,
                                     cut ? "..." : "", shown, Utf8Prefix(after, kExcerpt / 2),
                                     std::string(CodePoints(shown) + (cut ? 3 : 0), ' ')),
                         std::move(hint));
}

// A value as it stands in the query, cut at its wildcards.
struct ValueText {
  size_t at = 0;  // where it begins
  std::string plain;
  std::vector<std::string> pattern = {""};
  bool quoted = false;
};

class Parser {
 public:
  Parser(std::string_view query, const ParseOptions& options) : query_(query), options_(options) {}

  Result<RunFilter> Parse() {
    if (query_.size() > kMaxQuery) {
      return InvalidArgument(
          fmt::format("cannot read query: it is {} bytes long, at most {} can be "
                      "read",
                      query_.size(), kMaxQuery));
    }
    SkipSpace();
    if (at_ == query_.size()) return RunFilter{};
    AO_ASSIGN_OR_RETURN(RunFilter filter, ParseOr(0));
    SkipSpace();
    if (at_ < query_.size()) {
      return Fail(at_, "there is a \")\" without a \"(\"", "quote it to search for it: \")\"");
    }
    return filter;
  }

 private:
  Status Fail(size_t at, const std::string& why, std::string hint = {}) const {
    return Failure(query_, at, why, std::move(hint));
  }

  void SkipSpace() {
    while (at_ < query_.size() && IsSpace(query_[at_])) ++at_;
  }
  bool At(char c) const { return at_ < query_.size() && query_[at_] == c; }

  // A keyword stands by itself.
  bool AtKeyword(std::string_view word) const {
    if (!query_.substr(at_).starts_with(word)) return false;
    const size_t end = at_ + word.size();
    return end == query_.size() || IsSpace(query_[end]) || query_[end] == '(' || query_[end] == ')';
  }
  bool TakeKeyword(std::string_view word) {
    SkipSpace();
    if (!AtKeyword(word)) return false;
    at_ += word.size();
    return true;
  }

  Result<RunFilter> ParseOr(int depth) {
    RunFilter any;
    any.kind = RunFilter::Kind::kOr;
    do {
      AO_ASSIGN_OR_RETURN(any.children.emplace_back(), ParseAnd(depth));
    } while (TakeKeyword("OR"));
    return any.children.size() == 1 ? std::move(any.children[0]) : std::move(any);
  }

  Result<RunFilter> ParseAnd(int depth) {
    RunFilter all;
    all.kind = RunFilter::Kind::kAnd;
    for (;;) {
      AO_ASSIGN_OR_RETURN(all.children.emplace_back(), ParseNot(depth));
      if (TakeKeyword("AND")) continue;
      SkipSpace();
      if (at_ == query_.size() || At(')') || AtKeyword("OR")) break;
    }
    return all.children.size() == 1 ? std::move(all.children[0]) : std::move(all);
  }

  Result<RunFilter> ParseNot(int depth) {
    SkipSpace();
    const size_t begin = at_;
    if (depth >= kMaxDepth) {
      return Fail(begin,
                  fmt::format("more than {} parentheses and negations in each other", kMaxDepth));
    }
    bool negated = TakeKeyword("NOT");
    if (!negated && At('-') && at_ + 1 < query_.size() && !IsSpace(query_[at_ + 1])) {
      ++at_;
      negated = true;
    }
    if (!negated) return ParsePrimary(depth);
    RunFilter filter;
    filter.kind = RunFilter::Kind::kNot;
    AO_ASSIGN_OR_RETURN(filter.children.emplace_back(), ParseNot(depth + 1));
    return filter;
  }

  Result<RunFilter> ParsePrimary(int depth) {
    SkipSpace();
    if (at_ == query_.size()) return Fail(at_, "a condition is missing at the end");
    if (AtKeyword("OR") || AtKeyword("AND")) {
      return Fail(at_, fmt::format("there is no condition before {}", At('O') ? "OR" : "AND"),
                  "quote it to search for the word");
    }
    if (At(')')) return Fail(at_, "there is no condition before \")\"");
    if (!At('(')) return ParseTerm();
    const size_t open = at_++;
    AO_ASSIGN_OR_RETURN(RunFilter filter, ParseOr(depth + 1));
    SkipSpace();
    if (!At(')')) return Fail(open, "this \"(\" is never closed");
    ++at_;
    return filter;
  }

  Result<RunFilter> ParseTerm() {
    if (++terms_ > kMaxTerms) {
      return Fail(at_, fmt::format("it has more than {} conditions", kMaxTerms));
    }
    const size_t begin = at_;
    size_t end = at_;
    while (end < query_.size() && IsNameCharacter(query_[end])) ++end;
    const std::string_view name = query_.substr(begin, end - begin);
    at_ = end;
    const std::string_view op = name.empty() ? std::string_view() : TakeOperator();
    if (op.empty()) {
      at_ = begin;
      AO_ASSIGN_OR_RETURN(ValueText value, TakeValue());
      return Term(TextTerm(FilterField::kText, std::move(value)));
    }
    return ParseCondition(begin, name, op);
  }

  std::string_view TakeOperator() {
    for (const std::string_view op : {">=", "<=", "!=", ":", "=", ">", "<"}) {
      if (!query_.substr(at_).starts_with(op)) continue;
      at_ += op.size();
      // "tokens:>100", as other tools have it.
      if (op == ":" && (At('>') || At('<') || At('='))) return TakeOperator();
      return op;
    }
    return {};
  }

  Result<RunFilter> ParseCondition(size_t begin, std::string_view name, std::string_view op) {
    if (name.starts_with(kAttributePrefix) && name.size() > kAttributePrefix.size()) {
      AO_TRY(CheckTextOperator(begin + name.size(), name, op));
      AO_ASSIGN_OR_RETURN(ValueText value, TakeValue());
      FilterTerm term = TextTerm(FilterField::kAttribute, std::move(value));
      term.key = name.substr(kAttributePrefix.size());
      return MaybeNot(op, Term(std::move(term)));
    }
    const Field* field = FindField(name);
    if (field == nullptr) return UnknownField(begin, name);
    if (!model::IsNumber(field->field)) AO_TRY(CheckTextOperator(begin + name.size(), name, op));
    AO_ASSIGN_OR_RETURN(ValueText value, TakeValue());
    if (model::IsNumber(field->field)) return ParseNumbers(*field, op, value);
    if (field->kind == ValueKind::kChoice) AO_TRY(CheckChoice(*field, value));
    return MaybeNot(op, Term(TextTerm(field->field, std::move(value))));
  }

  Status UnknownField(size_t begin, std::string_view name) const {
    std::vector<std::string> names;
    for (const Field& field : Fields()) names.emplace_back(field.name);
    const std::string nearest = config::Nearest(name, names);
    return Fail(begin, fmt::format("there is no field \"{}\"", Printable(Utf8Prefix(name, 40))),
                nearest.empty() ? "attr.NAME:value looks at span attributes; quote text that holds "
                                  "a colon"
                                : fmt::format("did you mean \"{}\"?", nearest));
  }

  Status CheckTextOperator(size_t at, std::string_view name, std::string_view op) const {
    if (op == ":" || op == "=" || op == "!=") return OkStatus();
    return Fail(at,
                fmt::format("\"{}\" is text, which cannot be compared with \"{}\"",
                            Printable(Utf8Prefix(name, 40)), op),
                fmt::format("write {}:value", Printable(Utf8Prefix(name, 40))));
  }

  Status CheckChoice(const Field& field, const ValueText& value) const {
    std::vector<std::string> choices;
    std::string listed;
    for (std::string_view rest = field.choices; !rest.empty();) {
      const size_t bar = std::min(rest.find('|'), rest.size());
      choices.emplace_back(rest.substr(0, bar));
      listed.append(listed.empty() ? "" : ", ").append(rest.substr(0, bar));
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
    for (const std::string& choice : choices) {
      if (value.plain == choice) return OkStatus();
    }
    const std::string nearest = config::Nearest(value.plain, choices);
    return Fail(value.at, fmt::format("{} is one of {}", field.name, listed),
                nearest.empty() ? std::string() : fmt::format("did you mean \"{}\"?", nearest));
  }

  // Up to a blank or a parenthesis; quoted parts may hold both, and no wildcards.
  Result<ValueText> TakeValue() {
    ValueText value;
    value.at = at_;
    while (at_ < query_.size()) {
      const char c = query_[at_];
      if (c == '"') {
        AO_TRY(TakeQuoted(&value));
      } else if (IsSpace(c) || c == '(' || c == ')') {
        break;
      } else if (c == '*') {
        value.plain.push_back(c);
        if (value.pattern.size() < 2 || !value.pattern.back().empty()) value.pattern.emplace_back();
        ++at_;
      } else {
        Append(c, &value);
        ++at_;
      }
    }
    if (at_ == value.at) {
      return Fail(at_, "a value is missing here", "write \"\" for an empty value");
    }
    return value;
  }

  Status TakeQuoted(ValueText* value) {
    const size_t open = at_++;
    value->quoted = true;
    for (; at_ < query_.size(); ++at_) {
      char c = query_[at_];
      if (c == '"') {
        ++at_;
        return OkStatus();
      }
      if (c == '\\' && at_ + 1 < query_.size()) c = query_[++at_];
      Append(c, value);
    }
    return Fail(open, "this quote is never closed");
  }

  static void Append(char c, ValueText* value) {
    value->plain.push_back(c);
    value->pattern.back().push_back(c);
  }

  static FilterTerm TextTerm(FilterField field, ValueText value) {
    FilterTerm term;
    term.field = field;
    term.pattern = std::move(value.pattern);
    return term;
  }
  static RunFilter Term(FilterTerm term) {
    RunFilter filter;
    filter.kind = RunFilter::Kind::kTerm;
    filter.term = std::move(term);
    return filter;
  }
  static RunFilter MaybeNot(std::string_view op, RunFilter filter) {
    if (op != "!=") return filter;
    RunFilter negated;
    negated.kind = RunFilter::Kind::kNot;
    negated.children.push_back(std::move(filter));
    return negated;
  }

  // "5", or "3..8".
  Result<RunFilter> ParseNumbers(const Field& field, std::string_view op, const ValueText& value) {
    const size_t dots = value.quoted ? std::string::npos : value.plain.find("..");
    if (field.name == "since" || field.name == "until") {
      if (op != ":" && op != "=") {
        return Fail(value.at, fmt::format("{} takes a time after \":\"", field.name),
                    "compare with start: start>1h");
      }
      op = field.name == "since" ? ">=" : "<";
    } else if (dots != std::string::npos && (op == ":" || op == "=")) {
      RunFilter range;
      range.kind = RunFilter::Kind::kAnd;
      const std::string_view text = value.plain;
      AO_ASSIGN_OR_RETURN(range.children.emplace_back(),
                          ParseNumber(field, ">=", value.at, text.substr(0, dots)));
      AO_ASSIGN_OR_RETURN(range.children.emplace_back(),
                          ParseNumber(field, "<=", value.at + dots + 2, text.substr(dots + 2)));
      return range;
    }
    AO_ASSIGN_OR_RETURN(RunFilter filter, ParseNumber(field, op, value.at, value.plain));
    return MaybeNot(op, std::move(filter));
  }

  Result<RunFilter> ParseNumber(const Field& field, std::string_view op, size_t at,
                                std::string_view text) {
    FilterTerm term;
    term.field = field.field;
    term.comparison = op == ">"    ? Comparison::kGreater
                      : op == ">=" ? Comparison::kGreaterOrEqual
                      : op == "<"  ? Comparison::kLess
                      : op == "<=" ? Comparison::kLessOrEqual
                                   : Comparison::kEqual;
    if (field.kind == ValueKind::kTime) {
      const auto time = options_.parse_time(text);
      if (!time.ok()) return BadValue(field, at, text);
      term.nanos = *time;
    } else if (field.kind == ValueKind::kDuration) {
      const auto duration = ParseDuration(text);
      if (!duration) return BadValue(field, at, text);
      term.nanos = *duration;
    } else {
      const auto number = ParseCount(text);
      if (!number) return BadValue(field, at, text);
      term.number = *number;
    }
    return Term(std::move(term));
  }

  Status BadValue(const Field& field, size_t at, std::string_view text) const {
    const std::string_view what = field.kind == ValueKind::kTime       ? "a time"
                                  : field.kind == ValueKind::kDuration ? "a duration"
                                  : field.kind == ValueKind::kMoney    ? "an amount in USD"
                                                                       : "a number";
    return Fail(at, fmt::format("\"{}\" is not {}", Printable(Utf8Prefix(text, 40)), what),
                fmt::format("write it like {}", field.example));
  }

  // Without a unit: milliseconds, as everywhere in the API.
  static std::optional<Nanos> ParseDuration(std::string_view text) {
    if (const auto millis = ParseDouble(text)) {
      const double nanos = *millis * static_cast<double>(kMillisecond);
      if (nanos < 0 || nanos > 9e18) return std::nullopt;
      return static_cast<Nanos>(nanos);
    }
    const auto duration = config::ParseDuration(text);
    return duration.ok() ? std::optional(*duration) : std::nullopt;
  }

  // "0.10", "$0.10", "10k", "1.5M".
  static std::optional<double> ParseCount(std::string_view text) {
    if (text.starts_with('$')) text.remove_prefix(1);
    double factor = 1;
    if (text.ends_with('k') || text.ends_with('K')) factor = 1e3;
    if (text.ends_with('m') || text.ends_with('M')) factor = 1e6;
    if (factor != 1) text.remove_suffix(1);
    const auto number = ParseDouble(text);
    return number ? std::optional(*number * factor) : std::nullopt;
  }

  static std::optional<double> ParseDouble(std::string_view text) {
    if (text.empty() || (!IsDigit(text[0]) && text[0] != '.')) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      return std::nullopt;
    }
    return value;
  }

  const std::string_view query_;
  const ParseOptions& options_;
  size_t at_ = 0;
  int terms_ = 0;
};

}  // namespace

Result<RunFilter> ParseQuery(std::string_view query, const ParseOptions& options) {
  return Parser(query, options).Parse();
}

}  // namespace ao::search
