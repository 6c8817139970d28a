#include "analysis/tree.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ao::analysis {
namespace {

class Builder {
 public:
  explicit Builder(std::span<const TreeSpan> spans)
      : spans_(spans), count_(static_cast<uint32_t>(spans.size())) {
    Sort();
    ResolveParents();
    LinkChildren();
  }

  std::vector<TreeNode> Build() {
    nodes_.reserve(count_);
    placed_.assign(count_, false);
    for (const uint32_t span : by_start_) {
      if (parents_[span] == kNoSpan) Walk(span);
    }
    // Only circles are left.
    for (const uint32_t span : by_start_) {
      if (!placed_[span]) Walk(span);
    }
    return std::move(nodes_);
  }

 private:
  void Sort() {
    by_start_.resize(count_);
    for (uint32_t i = 0; i < count_; ++i) by_start_[i] = i;
    std::sort(by_start_.begin(), by_start_.end(), [this](uint32_t a, uint32_t b) {
      return std::tuple(spans_[a].start, spans_[a].id, a) <
             std::tuple(spans_[b].start, spans_[b].id, b);
    });
  }

  void ResolveParents() {
    std::vector<std::pair<SpanId, uint32_t>> by_id(count_);
    for (uint32_t i = 0; i < count_; ++i) by_id[i] = {spans_[i].id, i};
    std::sort(by_id.begin(), by_id.end());
    parents_.assign(count_, kNoSpan);
    for (uint32_t i = 0; i < count_; ++i) {
      const SpanId parent = spans_[i].parent;
      if (parent.empty() || parent == spans_[i].id) continue;
      const auto found =
          std::lower_bound(by_id.begin(), by_id.end(), std::pair<SpanId, uint32_t>(parent, 0));
      if (found != by_id.end() && found->first == parent) parents_[i] = found->second;
    }
  }

  // Children of one span as a linked list in order of start.
  void LinkChildren() {
    first_child_.assign(count_, kNoSpan);
    next_.assign(count_, kNoSpan);
    for (uint32_t i = count_; i-- > 0;) {
      const uint32_t span = by_start_[i];
      const uint32_t parent = parents_[span];
      if (parent == kNoSpan) continue;
      next_[span] = first_child_[parent];
      first_child_[parent] = span;
    }
  }

  void Walk(uint32_t top) {
    struct Step {
      uint32_t span, depth;
    };
    std::vector<Step> path;
    Place(top, kNoSpan, 0);
    path.push_back({first_child_[top], 1});
    while (!path.empty()) {
      const Step step = path.back();
      if (step.span == kNoSpan) {
        path.pop_back();
        continue;
      }
      path.back().span = next_[step.span];
      if (placed_[step.span]) continue;  // the end of a circle
      Place(step.span, parents_[step.span], step.depth);
      path.push_back({first_child_[step.span], step.depth + 1});
    }
  }

  void Place(uint32_t span, uint32_t parent, uint32_t depth) {
    placed_[span] = true;
    const SpanId wanted = spans_[span].parent;
    const bool missing = parents_[span] == kNoSpan && !wanted.empty() && wanted != spans_[span].id;
    nodes_.push_back({span, parent, depth, missing});
  }

  const std::span<const TreeSpan> spans_;
  const uint32_t count_;
  std::vector<uint32_t> by_start_, parents_, first_child_, next_;
  std::vector<bool> placed_;
  std::vector<TreeNode> nodes_;
};

}  // namespace

std::vector<TreeNode> BuildTree(std::span<const TreeSpan> spans) { return Builder(spans).Build(); }

}  // namespace ao::analysis
