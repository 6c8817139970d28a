#include "runs/run_tree.h"

#include <algorithm>
#include <set>

namespace ao::runs {

RunTree::RunTree(const RunState& run) : run_(run) {
  order_.reserve(run.spans.size());
  for (const SpanState& span : run.spans) order_.push_back(&span);
  std::sort(order_.begin(), order_.end(), [](const SpanState* a, const SpanState* b) {
    return std::pair(a->start, a->id) < std::pair(b->start, b->id);
  });
  FindParents();
  CutCircles();
  FindRoot();
  above_ = parents_;
  if (has_root_) {
    for (uint32_t i = 0; i < size(); ++i) {
      if (parents_[i] == kNone && !span(i).parent.empty()) above_[i] = root_;
    }
  }
  OrderTopDown();
}

uint32_t RunTree::Find(SpanId id) const {
  const auto found =
      std::lower_bound(by_id_.begin(), by_id_.end(), std::pair<SpanId, uint32_t>(id, 0));
  return found != by_id_.end() && found->first == id ? found->second : kNone;
}

void RunTree::FindParents() {
  by_id_.resize(size());
  for (uint32_t i = 0; i < size(); ++i) by_id_[i] = {span(i).id, i};
  std::sort(by_id_.begin(), by_id_.end());
  parents_.assign(size(), kNone);
  std::set<SpanId> missing;
  for (uint32_t i = 0; i < size(); ++i) {
    const SpanId parent = span(i).parent;
    if (parent.empty()) continue;
    // Most often the parent is that of the span before.
    parents_[i] = i > 0 && span(i - 1).parent == parent && parents_[i - 1] != kNone
                      ? parents_[i - 1]
                      : Find(parent);
    if (parents_[i] == kNone) missing.insert(parent);
  }
  missing_parents_ = static_cast<int64_t>(missing.size());
}

void RunTree::CutCircles() {
  std::vector<uint32_t> seen(size(), kNone);  // the span whose way up led here
  for (uint32_t i = 0; i < size(); ++i) {
    uint32_t at = i;
    while (at != kNone && seen[at] == kNone) {
      seen[at] = i;
      at = parents_[at];
    }
    if (at == kNone || seen[at] != i) continue;
    uint32_t earliest = at;
    for (uint32_t k = parents_[at]; k != at; k = parents_[k]) earliest = std::min(earliest, k);
    parents_[earliest] = kNone;
  }
}

void RunTree::FindRoot() {
  uint32_t orphan = kNone;
  for (uint32_t i = 0; i < size(); ++i) {
    if (parents_[i] != kNone) continue;
    if (span(i).parent.empty()) {
      root_ = i;
      has_root_ = true;
      return;
    }
    if (orphan == kNone) orphan = i;
  }
  root_ = orphan == kNone ? 0 : orphan;
}

void RunTree::OrderTopDown() {
  top_down_.reserve(size());
  std::vector<bool> placed(size(), false);
  std::vector<uint32_t> path;
  for (uint32_t i = 0; i < size(); ++i) {
    for (uint32_t at = i; at != kNone && !placed[at]; at = above_[at]) {
      placed[at] = true;
      path.push_back(at);
    }
    top_down_.insert(top_down_.end(), path.rbegin(), path.rend());
    path.clear();
  }
}

}  // namespace ao::runs
