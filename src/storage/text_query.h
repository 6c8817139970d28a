#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "storage/query.h"

// Search in the whole texts of spans: inputs, outputs, tool arguments and tool results.

namespace ao::storage {

struct TextQuery {
  std::string project;
  TimeRange range;  // on the span's start
  // Words that stand next to each other so, whole, in any case; '*' at either end lets the outer
  // word go on. storage/content/text_pattern.h says how texts are compared.
  std::string text;
  int64_t limit = 20;
  Nanos time_limit = 2 * kSecond;  // after which it answers with what it has
};

struct TextMatch {
  TraceId trace_id;
  SpanId span_id;
  Nanos start = 0;
  std::string name;     // of the span
  std::string field;    // "input", "output", "tool_arguments", "tool_result"; "attributes" or
                        // "events": a short text that stands there
  std::string snippet;  // the match with what is around it
};

// Newest spans first. What was scanned is everything in the range from `scanned_since` on: go on
// with range.until = scanned_since. All matches of the oldest instant are there, which may be more
// than the limit.
struct TextPage {
  std::vector<TextMatch> matches;
  bool complete = false;  // the whole range was scanned
  Nanos scanned_since = 0;
  int64_t scanned_spans = 0;
};

}  // namespace ao::storage
