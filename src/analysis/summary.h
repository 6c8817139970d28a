#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace ao::analysis {

// What a summary says of a span. Empty views and nullopt are left out.
struct SummarySpan {
  SpanId id, parent;
  Nanos start = 0, duration = 0;
  std::string_view name;
  std::string_view model;
  std::string_view tool;
  std::optional<int64_t> tokens;
  bool error = false;
  std::string_view error_type;
};

// A run as indented text, one line a span:
//
//   agent.run (1840 ms)
//     llm.call (812 ms) model=gpt-4o tokens=1530
//     tool.call (96 ms) tool=lookup_policy error=TimeoutError
//   (missing parent 00f067aa0ba902b7)
//     llm.call (3.2 ms) model=gpt-4o
//
// Children stand under their parents in order of start; indentation stops growing at depth 64.
// Ends in a newline unless there are no spans. Pure.
std::string SummarizeRun(std::span<const SummarySpan> spans);

}  // namespace ao::analysis
