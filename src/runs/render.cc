#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/hash.h"
#include "runs/edges.h"
#include "runs/owners.h"
#include "runs/run_state.h"
#include "runs/run_tree.h"
#include "runs/tool_usage.h"
#include "runs/usage.h"

namespace ao::runs {
namespace {

using model::Op;

constexpr size_t kMaxVersions = 64;  // agents of a run whose set-up is told

bool IsModelCall(Op op) { return op == Op::kLlm || op == Op::kEmbedding || op == Op::kRerank; }

class Renderer {
 public:
  Renderer(const RunState& run, const Interner& interner)
      : state_(run), interner_(interner), tree_(run) {}

  model::Run Render() {
    model::Run run;
    run.trace_id = state_.trace_id;
    run.spans = tree_.size();
    if (tree_.size() == 0) return run;
    root_ = &tree_.span(tree_.root());
    RenderTimes(&run);
    RenderIdentity(&run);
    RenderErrors(&run);
    RenderCalls(&run);
    RenderNames(&run);
    RenderPreviews(&run);
    return run;
  }

 private:
  const SpanState& Span(uint32_t i) const { return tree_.span(i); }
  const SpanExtra* Extra(const SpanState& span) const {
    return span.extra == kNone ? nullptr : &state_.extras[span.extra];
  }
  const std::string& Text(uint32_t id) const { return interner_.Text(id); }

  void RenderTimes(model::Run* run) const {
    Nanos end = 0;
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState& span = Span(i);
      end = std::max(end, span.end());
      bool skewed = span.times_adjusted;
      if (tree_.parent(i) != kNone) {
        const SpanState& parent = Span(tree_.parent(i));
        const bool parent_ended = !parent.times_adjusted;
        skewed = skewed || span.start < parent.start || (parent_ended && span.start > parent.end());
      }
      run->clock_skewed += skewed;
    }
    run->start = Span(0).start;
    run->duration = end - run->start;
    run->missing_parents = tree_.missing_parents();
  }

  // The root's value, else that of the earliest span that has one.
  std::string FromExtras(uint32_t SpanExtra::*member) const {
    if (const SpanExtra* extra = Extra(*root_); extra != nullptr && extra->*member != 0) {
      return Text(extra->*member);
    }
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState* span = &Span(i);
      const SpanExtra* extra = Extra(*span);
      if (extra != nullptr && extra->*member != 0) return Text(extra->*member);
    }
    return {};
  }

  std::string AgentOfRun() const {
    if (root_->agent != 0) return Text(root_->agent);
    bool any_agent = false;
    const SpanState* named = nullptr;
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState* span = &Span(i);
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
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState* span = &Span(i);
      if (!span->error) continue;
      ++run->errors;
      if (first == nullptr) first = span;
    }
    run->error = tree_.has_root() ? root_->error : run->errors > 0;
    if (first == nullptr) return;
    const SpanExtra* root = root_->error ? Extra(*root_) : nullptr;
    if (root != nullptr && !root->error_message.empty()) {
      run->error_message = root->error_message;
      return;
    }
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState* span = &Span(i);
      if (span->error && Extra(*span) != nullptr && !Extra(*span)->error_message.empty()) {
        run->error_message = Extra(*span)->error_message;
        return;
      }
    }
  }

  void RenderCalls(model::Run* run) const {
    for (uint32_t i = 0; i < tree_.size(); ++i) run->retrievals += Span(i).op == Op::kRetrieval;
    const Owners owners = FindOwners(tree_);
    run->tool_usage = CountTools(tree_, owners, interner_);
    for (const model::ToolUse& use : run->tool_usage) run->tool_calls += use.calls;
    Usage usage = CountUsage(tree_, owners, interner_);
    run->steps = usage.llm_calls;
    run->usage = std::move(usage.parts);
    for (const model::UsagePart& part : run->usage) {
      run->input_tokens += part.input_tokens;
      run->output_tokens += part.output_tokens;
      run->total_tokens += part.total_tokens;
      run->cost_usd += part.cost_usd;
    }
    run->edges = FindEdges(tree_, owners, interner_);
    RenderVersions(owners, run);
  }

  // The first model call of an agent says how it was set up.
  void RenderVersions(const Owners& owners, model::Run* run) const {
    std::set<uint32_t> seen = {0};  // no agent
    for (uint32_t i = 0; i < tree_.size() && seen.size() <= kMaxVersions; ++i) {
      if (Span(i).op != Op::kLlm || !seen.insert(owners.agent[i]).second) continue;
      const Setup& setup = state_.setups[Span(i).setup];
      model::AgentVersion version{
          .agent = Text(owners.agent[i]),
          .service_version = Text(setup.service_version),
          .model = Text(setup.model),
          .setup = setup.hash == 0 ? "" : fmt::format("{:016x}", setup.hash),
          .id = ""};
      version.id = fmt::format("{:016x}",
                               Hash64(version.service_version, Hash64(version.model, setup.hash)));
      run->versions.push_back(std::move(version));
    }
    std::sort(run->versions.begin(), run->versions.end(),
              [](const auto& a, const auto& b) { return a.agent < b.agent; });
  }

  void RenderNames(model::Run* run) const {
    std::set<uint32_t> models, tools, agents, other_models;
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState* span = &Span(i);
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
  const RunTree tree_;
  const SpanState* root_ = nullptr;
};

}  // namespace

model::Run RenderRun(const RunState& run, const Interner& interner) {
  return Renderer(run, interner).Render();
}

}  // namespace ao::runs
