#include <algorithm>
#include <set>

#include "runs/run_state.h"

namespace ao::runs {
namespace {

using model::Op;

constexpr int kMaxNestedCalls = 8;  // instrumentations of one call that may lie in each other

bool IsModelCall(Op op) { return op == Op::kLlm || op == Op::kEmbedding || op == Op::kRerank; }

// The spans of a run with their parents resolved, in an order that depends only on the spans.
class Renderer {
 public:
  Renderer(const RunState& run, const Interner& interner)
      : state_(run), interner_(interner), count_(run.spans.size()) {
    order_.reserve(count_);
    for (const SpanState& span : run.spans) order_.push_back(&span);
    std::sort(order_.begin(), order_.end(), [](const SpanState* a, const SpanState* b) {
      return std::pair(a->start, a->id) < std::pair(b->start, b->id);
    });
    ResolveParents();
  }

  model::Run Render() {
    model::Run run;
    run.trace_id = state_.trace_id;
    run.spans = static_cast<int64_t>(count_);
    if (count_ == 0) return run;
    FindRoot();
    RenderTimes(&run);
    RenderIdentity(&run);
    RenderErrors(&run);
    RenderCalls(&run);
    RenderUsage(&run);
    RenderNames(&run);
    RenderPreviews(&run);
    return run;
  }

 private:
  const SpanState& Span(uint32_t i) const { return *order_[i]; }
  const SpanExtra* Extra(const SpanState& span) const {
    return span.extra == kNone ? nullptr : &state_.extras[span.extra];
  }
  const std::string& Text(uint32_t id) const { return interner_.Text(id); }

  void ResolveParents() {
    std::vector<std::pair<SpanId, uint32_t>> by_id(count_);
    for (uint32_t i = 0; i < count_; ++i) by_id[i] = {Span(i).id, i};
    std::sort(by_id.begin(), by_id.end());
    parents_.assign(count_, kNone);
    std::set<SpanId> missing;
    for (uint32_t i = 0; i < count_; ++i) {
      const SpanId parent = Span(i).parent;
      if (parent.empty()) continue;
      const auto found =
          std::lower_bound(by_id.begin(), by_id.end(), std::pair<SpanId, uint32_t>(parent, 0));
      if (found != by_id.end() && found->first == parent) {
        parents_[i] = found->second;
      } else {
        missing.insert(parent);
      }
    }
    missing_parents_ = static_cast<int64_t>(missing.size());
  }

  // The earliest span without a parent; else the earliest whose parent is missing; else (only
  // circles) the earliest.
  void FindRoot() {
    uint32_t orphan = kNone;
    for (uint32_t i = 0; i < count_; ++i) {
      if (parents_[i] != kNone) continue;
      if (Span(i).parent.empty()) {
        root_ = &Span(i);
        has_root_ = true;
        return;
      }
      if (orphan == kNone) orphan = i;
    }
    root_ = &Span(orphan == kNone ? 0 : orphan);
  }

  void RenderTimes(model::Run* run) const {
    Nanos end = 0;
    for (uint32_t i = 0; i < count_; ++i) {
      const SpanState& span = Span(i);
      end = std::max(end, span.end());
      bool skewed = span.times_adjusted;
      if (parents_[i] != kNone) {
        const SpanState& parent = Span(parents_[i]);
        const bool parent_ended = !parent.times_adjusted;
        skewed = skewed || span.start < parent.start || (parent_ended && span.start > parent.end());
      }
      run->clock_skewed += skewed;
    }
    run->start = Span(0).start;
    run->duration = end - run->start;
    run->missing_parents = missing_parents_;
  }

  // The root's value, else that of the earliest span that has one.
  std::string FromExtras(uint32_t SpanExtra::*member) const {
    if (const SpanExtra* extra = Extra(*root_); extra != nullptr && extra->*member != 0) {
      return Text(extra->*member);
    }
    for (const SpanState* span : order_) {
      const SpanExtra* extra = Extra(*span);
      if (extra != nullptr && extra->*member != 0) return Text(extra->*member);
    }
    return {};
  }

  std::string AgentOfRun() const {
    if (root_->agent != 0) return Text(root_->agent);
    bool any_agent = false;
    const SpanState* named = nullptr;
    for (const SpanState* span : order_) {
      any_agent = any_agent || span->op == Op::kAgent;
      if (span->agent == 0) continue;
      if (span->op == Op::kAgent) return Text(span->agent);
      if (named == nullptr && span->op != Op::kDelegate) named = span;
    }
    if (root_->op == Op::kAgent) return Text(root_->service);  // an agent that has no other name
    if (named != nullptr) return Text(named->agent);
    return any_agent ? Text(root_->service) : std::string();
  }

  void RenderIdentity(model::Run* run) const {
    run->root_name = Text(root_->name);
    run->service = Text(root_->service);
    run->environment = Text(root_->environment);
    run->agent = AgentOfRun();
    run->session = FromExtras(&SpanExtra::session);
    run->user = FromExtras(&SpanExtra::user);
    run->query_type = FromExtras(&SpanExtra::query_type);
    run->outcome = FromExtras(&SpanExtra::outcome);
  }

  void RenderErrors(model::Run* run) const {
    const SpanState* first = nullptr;
    for (const SpanState* span : order_) {
      if (!span->error) continue;
      ++run->errors;
      if (first == nullptr) first = span;
    }
    run->error = has_root_ ? root_->error : run->errors > 0;
    if (first == nullptr) return;
    const SpanExtra* root = root_->error ? Extra(*root_) : nullptr;
    if (root != nullptr && !root->error_message.empty()) {
      run->error_message = root->error_message;
      return;
    }
    for (const SpanState* span : order_) {
      if (span->error && Extra(*span) != nullptr && !Extra(*span)->error_message.empty()) {
        run->error_message = Extra(*span)->error_message;
        return;
      }
    }
  }

  // For each span its nearest ancestor of kind `op`. Circles end the search.
  std::vector<uint32_t> NearestAncestors(Op op) const {
    std::vector<uint32_t> nearest(count_, kNone);
    enum : uint8_t { kNew, kOnPath, kDone };
    std::vector<uint8_t> state(count_, kNew);
    std::vector<uint32_t> path;
    for (uint32_t i = 0; i < count_; ++i) {
      path.clear();
      uint32_t at = i;
      while (at != kNone && state[at] == kNew) {
        state[at] = kOnPath;
        path.push_back(at);
        at = parents_[at];
      }
      while (!path.empty()) {
        const uint32_t child = path.back();
        path.pop_back();
        const uint32_t parent = parents_[child];
        if (parent != kNone && state[parent] == kDone) {
          nearest[child] = Span(parent).op == op ? parent : nearest[parent];
        } else if (parent != kNone && Span(parent).op == op) {
          nearest[child] = parent;  // the end of a circle
        }
        state[child] = kDone;
      }
    }
    return nearest;
  }

  static bool SameLlmCall(const SpanState& outer, const SpanState& inner) {
    if (outer.call_key != 0 && outer.call_key == inner.call_key) return true;
    return outer.has_usage() && outer.input_tokens == inner.input_tokens &&
           outer.output_tokens == inner.output_tokens && outer.total_tokens == inner.total_tokens;
  }
  static bool SameToolCall(const SpanState& outer, const SpanState& inner, bool adjacent) {
    if (outer.call_key != 0 && inner.call_key != 0) return outer.call_key == inner.call_key;
    return adjacent && outer.tool != 0 && outer.tool == inner.tool;
  }

  // How many spans of kind `op` are calls of their own: not merely wrapped around an inner span
  // that another instrumentation made for the same call.
  template <typename Same>
  int64_t CountCalls(Op op, Same same) const {
    const std::vector<uint32_t> nearest = NearestAncestors(op);
    std::vector<bool> wraps(count_, false);
    int64_t calls = 0;
    for (uint32_t i = 0; i < count_; ++i) {
      if (Span(i).op != op) continue;
      ++calls;
      uint32_t outer = nearest[i];
      for (int hop = 0; hop < kMaxNestedCalls && outer != kNone && outer != i; ++hop) {
        if (!wraps[outer] && same(Span(outer), Span(i), parents_[i] == outer)) {
          wraps[outer] = true;
          --calls;
        }
        outer = nearest[outer];
      }
    }
    return calls;
  }

  void RenderCalls(model::Run* run) const {
    bool any_llm = false, any_tool = false;
    for (const SpanState* span : order_) {
      any_llm = any_llm || span->op == Op::kLlm;
      any_tool = any_tool || span->op == Op::kTool;
      run->retrievals += span->op == Op::kRetrieval;
    }
    if (any_llm) {
      run->steps = CountCalls(Op::kLlm, [](const SpanState& outer, const SpanState& inner, bool) {
        return SameLlmCall(outer, inner);
      });
    }
    if (any_tool) run->tool_calls = CountCalls(Op::kTool, SameToolCall);
  }

  // Marks the ancestors of every span that satisfies `has`.
  template <typename Has>
  std::vector<bool> HasDescendantWith(Has has) const {
    std::vector<bool> marked(count_, false);
    for (uint32_t i = 0; i < count_; ++i) {
      if (!has(Span(i))) continue;
      for (uint32_t at = parents_[i]; at != kNone && at != i && !marked[at]; at = parents_[at]) {
        marked[at] = true;
      }
    }
    return marked;
  }

  // Usage and cost count where they arose: a span whose descendants have any merely sums them up.
  void RenderUsage(model::Run* run) const {
    const auto usage_below = HasDescendantWith([](const SpanState& s) { return s.has_usage(); });
    const auto cost_below = HasDescendantWith([](const SpanState& s) { return s.cost_usd >= 0; });
    for (uint32_t i = 0; i < count_; ++i) {
      const SpanState& span = Span(i);
      if (span.has_usage() && !usage_below[i]) {
        const int64_t in = std::max<int64_t>(span.input_tokens, 0);
        const int64_t out = std::max<int64_t>(span.output_tokens, 0);
        run->input_tokens += in;
        run->output_tokens += out;
        run->total_tokens += std::max(span.total_tokens, in + out);
      }
      if (span.cost_usd >= 0 && !cost_below[i]) run->cost_usd += span.cost_usd;
    }
  }

  void RenderNames(model::Run* run) const {
    std::set<uint32_t> models, tools, agents, other_models;
    for (const SpanState* span : order_) {
      if (span->model != 0) (IsModelCall(span->op) ? models : other_models).insert(span->model);
      if (span->tool != 0) tools.insert(span->tool);
      if (span->agent != 0) agents.insert(span->agent);
    }
    run->models = Sorted(models.empty() ? other_models : models);
    run->tools = Sorted(tools);
    run->agents = Sorted(agents);
  }
  std::vector<std::string> Sorted(const std::set<uint32_t>& ids) const {
    std::vector<std::string> names;
    names.reserve(ids.size());
    for (const uint32_t id : ids) names.push_back(Text(id));
    std::sort(names.begin(), names.end());
    return names;
  }

  void RenderPreviews(model::Run* run) const {
    const SpanExtra* root = Extra(*root_);
    if (root != nullptr) {
      run->input_preview = root->input;
      run->output_preview = root->output;
    }
    if (run->input_preview.empty()) run->input_preview = state_.first_input.preview;
    if (run->output_preview.empty()) run->output_preview = state_.last_output.preview;
  }

  const RunState& state_;
  const Interner& interner_;
  const size_t count_;
  std::vector<const SpanState*> order_;  // by start, then id
  std::vector<uint32_t> parents_;        // index in order_; kNone: none, or missing
  int64_t missing_parents_ = 0;
  const SpanState* root_ = nullptr;
  bool has_root_ = false;
};

}  // namespace

model::Run RenderRun(const RunState& run, const Interner& interner) {
  return Renderer(run, interner).Render();
}

}  // namespace ao::runs
