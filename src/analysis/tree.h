#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

// The tree that the spans of a trace form by their parent ids, for skeletons, waterfalls and
// summaries. Total: spans without a parent, with one that is missing, that are their own ancestors
// or that share an id all get a place. Iterative, so depth is bounded by memory only. Pure.

namespace ao::analysis {

constexpr uint32_t kNoSpan = std::numeric_limits<uint32_t>::max();

struct TreeSpan {
  SpanId id;
  SpanId parent;  // empty: a root
  Nanos start = 0;
};

struct TreeNode {
  uint32_t span = 0;            // index into the input
  uint32_t parent = kNoSpan;    // index into the input; kNoSpan at the top
  uint32_t depth = 0;           // 0 at the top
  bool missing_parent = false;  // at the top because its parent is not among the spans
};

// The spans in the order of reading: each before its children, children and tops by start, then
// id. A circle is entered at its earliest span. Time O(n log n).
std::vector<TreeNode> BuildTree(std::span<const TreeSpan> spans);

}  // namespace ao::analysis
