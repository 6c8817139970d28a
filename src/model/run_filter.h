#pragma once

#include <cstdint>
#include <string>
#include <vector>

// A condition on runs, as the search language (docs/search.md) and stores understand it. Plain
// values; owned.

namespace ao::model {

enum class FilterField : uint8_t {
  // Text. Lists match when one of their names does.
  kText,  // free text: root name, previews, error message
  kAgent,
  kModel,
  kTool,
  kService,
  kEnvironment,
  kSession,
  kUser,
  kQueryType,
  kOutcome,
  kName,
  kError,
  kVersion,
  kTrace,
  kStatus,        // "ok", "error", "live"
  kCompleteness,  // kCompletenessNames
  kAttribute,     // of any span of the run; FilterTerm::key
  // Numbers.
  kDuration,  // nanoseconds
  kCost,      // USD
  kTokens,
  kInputTokens,
  kOutputTokens,
  kSteps,
  kToolCalls,
  kRetrievals,
  kErrors,
  kSpans,
  kStart,  // Unix nanoseconds
};
constexpr bool IsNumber(FilterField field) { return field >= FilterField::kDuration; }

enum class Comparison : uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct FilterTerm {
  FilterField field = FilterField::kText;
  std::string key;  // kAttribute only
  // Text: what stands between the wildcards, so one piece is the whole text, {"gpt-4o", ""} begins
  // with it, and {"", ""} is any text but the empty one. Case does not matter. Free text, and
  // kError, match anywhere.
  std::vector<std::string> pattern;
  // Numbers.
  Comparison comparison = Comparison::kEqual;
  double number = 0;
  int64_t nanos = 0;  // kDuration and kStart, instead of `number`

  bool operator==(const FilterTerm&) const = default;
};

struct RunFilter {
  enum class Kind : uint8_t { kTerm, kNot, kAnd, kOr };
  Kind kind = Kind::kAnd;           // an empty kAnd holds for every run
  std::vector<RunFilter> children;  // kNot: one
  FilterTerm term;                  // kTerm

  bool operator==(const RunFilter&) const = default;
};

}  // namespace ao::model
