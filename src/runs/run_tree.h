#pragma once

#include <utility>
#include <vector>

#include "runs/run_state.h"

// The spans of a run as a forest, in an order that depends only on the spans. Internal to runs/.
// Spans are named by their index in the order (start, id).

namespace ao::runs {

class RunTree {
 public:
  // `run` must stay as it is while the tree is used. Time O(n log n).
  explicit RunTree(const RunState& run);

  uint32_t size() const { return static_cast<uint32_t>(order_.size()); }
  const SpanState& span(uint32_t i) const { return *order_[i]; }
  const SpanExtra* extra(uint32_t i) const {
    return span(i).extra == kNone ? nullptr : &run_.extras[span(i).extra];
  }
  const RunState& run() const { return run_; }

  // kNone: a root, or the parent is missing. Circles of spans are cut at their earliest span.
  uint32_t parent(uint32_t i) const { return parents_[i]; }
  // The same, but spans whose parent is missing lie below the root when there is one: where they
  // came from, as far as can be told.
  uint32_t above(uint32_t i) const { return above_[i]; }
  // Every span, parents (by `above`) before their children.
  const std::vector<uint32_t>& top_down() const { return top_down_; }
  // kNone when there is no such span.
  uint32_t Find(SpanId id) const;

  // The earliest span without a parent; else the earliest whose parent is missing; else (only
  // circles) the earliest. Undefined in a run without spans.
  uint32_t root() const { return root_; }
  bool has_root() const { return has_root_; }
  int64_t missing_parents() const { return missing_parents_; }

 private:
  void FindParents();
  void CutCircles();
  void FindRoot();
  void OrderTopDown();

  const RunState& run_;
  std::vector<const SpanState*> order_;
  std::vector<std::pair<SpanId, uint32_t>> by_id_;
  std::vector<uint32_t> parents_, above_, top_down_;
  int64_t missing_parents_ = 0;
  uint32_t root_ = 0;
  bool has_root_ = false;
};

}  // namespace ao::runs
