#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/json.h"

// A trace drawn as a tree with bars. Pure: columns in, text out.

namespace ao::cli {

struct WaterfallSpan {
  std::string id;
  std::string name;
  std::string op;
  std::string detail;   // "gpt-4o", "search"
  std::string error;    // why it failed; "error" when nothing is known
  int64_t parent = -1;  // row of the parent; -1: none
  bool orphan = false;  // has a parent that is not there
  bool failed = false;
  Nanos start = 0;  // since the start of the trace
  Nanos duration = 0;
  int64_t input_tokens = 0, output_tokens = 0, total_tokens = 0;
  double cost_usd = 0;
  bool default_price = false;  // no price is known: the cost is an assumption, shown with '?'
};

// From the answer of GET /api/v1/traces/{id}.
std::vector<WaterfallSpan> ReadSpans(const Json& trace);

struct WaterfallOptions {
  int width = 100;
  bool unicode = true;
  bool colour = false;
};
// Every span, children under their parents in order of start. Cycles of parents and missing
// parents are drawn as roots.
std::string RenderWaterfall(const std::vector<WaterfallSpan>& spans,
                            const WaterfallOptions& options);

// Rows in drawing order with their depths.
struct TreeRow {
  size_t row;
  std::vector<bool> more;  // per level: does the ancestor on it have further siblings
};
std::vector<TreeRow> TreeOrder(const std::vector<WaterfallSpan>& spans);

}  // namespace ao::cli
