#pragma once

#include <functional>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"
#include "model/run_filter.h"

// The search language for runs, described in docs/search.md:
//
//   agent:researcher model:gpt-4o* cost>0.10 (status:error OR tool:web_search) -"free text"
//
// Conditions stand side by side (AND), joined by OR, negated by NOT or '-', grouped by parentheses.
// Errors are invalid_argument: "cannot read query: ..." followed by the query with a caret below
// the place; the hint suggests the nearest field. Pure; thread-safe.

namespace ao::search {

constexpr size_t kMaxQuery = 4096;  // bytes
constexpr int kMaxDepth = 32;       // parentheses and negations in each other
constexpr int kMaxTerms = 200;

struct ParseOptions {
  // An instant as people write it; ages are before now.
  std::function<Result<Nanos>(std::string_view)> parse_time;
};

// An empty query holds for every run.
Result<model::RunFilter> ParseQuery(std::string_view query, const ParseOptions& options);

}  // namespace ao::search
