#include "runs/tool_usage.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace ao::runs {
namespace {

using model::Op;
using model::ToolUse;

constexpr int kMaxNestedCalls = 8;  // instrumentations of one call that may lie in each other

bool SameCall(const SpanState& outer, const SpanState& inner, bool adjacent) {
  if (outer.call_key != 0 && inner.call_key != 0) return outer.call_key == inner.call_key;
  return adjacent && outer.tool != 0 && outer.tool == inner.tool;
}

// A call by its innermost span.
struct Call {
  bool counts = false;  // false: an inner span stands for it
  bool error = false;
  Nanos duration = 0;
};

std::vector<Call> FindCalls(const RunTree& tree) {
  std::vector<uint32_t> around(tree.size(), kNone);  // the nearest tool span above
  std::vector<Call> calls(tree.size());
  for (const uint32_t i : tree.top_down()) {
    const SpanState& span = tree.span(i);
    const uint32_t parent = tree.parent(i);
    if (parent != kNone) around[i] = tree.span(parent).op == Op::kTool ? parent : around[parent];
    if (span.op != Op::kTool) continue;
    Call& call = calls[i] = {true, span.error, span.duration};
    uint32_t outer = around[i];
    for (int hop = 0; hop < kMaxNestedCalls && outer != kNone; ++hop, outer = around[outer]) {
      if (!calls[outer].counts || !SameCall(tree.span(outer), span, parent == outer)) continue;
      calls[outer].counts = false;
      call.error |= calls[outer].error;
      call.duration = std::max(call.duration, calls[outer].duration);
    }
  }
  return calls;
}

// At most INT64_MAX: spans may claim to last for ever.
Nanos SumOf(Nanos a, Nanos b) {
  Nanos sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

void KeepLargest(std::vector<ToolUse>* uses) {
  if (uses->size() <= kMaxToolUses) return;
  std::stable_sort(uses->begin(), uses->end(),
                   [](const ToolUse& a, const ToolUse& b) { return a.calls > b.calls; });
  ToolUse rest{.tool = "(other)", .agent = "(other)"};
  for (size_t i = kMaxToolUses - 1; i < uses->size(); ++i) {
    rest.calls += (*uses)[i].calls;
    rest.errors += (*uses)[i].errors;
    rest.duration = SumOf(rest.duration, (*uses)[i].duration);
  }
  uses->resize(kMaxToolUses - 1);
  uses->push_back(std::move(rest));
}

}  // namespace

std::vector<ToolUse> CountTools(const RunTree& tree, const Owners& owners,
                                const Interner& interner) {
  const std::vector<Call> calls = FindCalls(tree);
  std::map<std::pair<uint32_t, uint32_t>, ToolUse> by_name;
  for (uint32_t i = 0; i < tree.size(); ++i) {
    if (!calls[i].counts) continue;
    const SpanState& span = tree.span(i);
    ToolUse& use = by_name[{span.tool != 0 ? span.tool : span.name, owners.agent[i]}];
    ++use.calls;
    use.errors += calls[i].error;
    use.duration = SumOf(use.duration, calls[i].duration);
  }
  std::vector<ToolUse> uses;
  uses.reserve(by_name.size());
  for (auto& [name, use] : by_name) {
    use.tool = interner.Text(name.first);
    use.agent = interner.Text(name.second);
    uses.push_back(std::move(use));
  }
  KeepLargest(&uses);
  std::sort(uses.begin(), uses.end(), [](const ToolUse& a, const ToolUse& b) {
    return std::tie(a.tool, a.agent) < std::tie(b.tool, b.agent);
  });
  return uses;
}

}  // namespace ao::runs
