#include "runs/run_state.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "base/utf8.h"
#include "runs/delegation.h"
#include "runs/setup.h"
#include "semconv/preview.h"
#include "storage/encode/span_json.h"

namespace ao::runs {
namespace {

using model::Op;
using semconv::PreviewSide;

constexpr size_t kErrorCodePoints = 500;
constexpr int64_t kMaxTokens = std::numeric_limits<int32_t>::max();
constexpr size_t kMaxLinks = 128;  // of one span that are kept
constexpr size_t kSetupsLookedAt = 16, kMaxSetups = 1 << 16;

int32_t Tokens(const std::optional<int64_t>& tokens) {
  return !tokens || *tokens < 0 ? -1 : static_cast<int32_t>(std::min(*tokens, kMaxTokens));
}

model::CostSource CostSourceOf(const model::Canonical& c) {
  if (!c.cost_usd) return model::CostSource::kNone;
  return c.cost_source == model::CostSource::kNone ? model::CostSource::kClient : c.cost_source;
}

// The exception of a span that failed without saying why in its status.
std::string ExceptionMessage(const storage::SpanRow& row) {
  if (row.events.find("exception.") == row.events.npos) return {};
  Arena arena;
  const auto events = storage::DecodeEvents(row.events, nullptr, &arena);
  if (!events.ok()) return {};
  for (const model::Event& event : *events) {
    if (event.name != "exception") continue;
    const std::string_view message = model::FindString(event.attributes, "exception.message");
    if (!message.empty()) return std::string(Utf8Prefix(message, kErrorCodePoints));
  }
  return {};
}

std::string ErrorMessage(const storage::SpanRow& row) {
  if (!row.status_message.empty()) {
    return std::string(Utf8Prefix(row.status_message, kErrorCodePoints));
  }
  std::string message = ExceptionMessage(row);
  return message.empty() ? std::string(row.canonical.error_type) : message;
}

// May the span be the root of a run, whose input and output are the run's? LLM calls are covered
// by the candidates unless they are roots themselves.
bool KeepsContent(Op op, bool is_root) {
  switch (op) {
    case Op::kAgent:
    case Op::kWorkflow:
    case Op::kStep:
    case Op::kDelegate:
    case Op::kPlan:
    case Op::kOther: return true;
    default: return is_root;
  }
}

void Offer(Nanos time, SpanId id, bool better, std::string_view text, PreviewSide side,
           Candidate* candidate) {
  if (candidate->set && !better) return;
  std::string preview = semconv::Preview(text, kPreviewCodePoints, side);
  if (preview.empty()) return;
  *candidate = {time, id, std::move(preview), true};
}

void OfferCandidates(const storage::SpanRow& row, const SpanState& span, RunState* run) {
  const Candidate& first = run->first_input;
  if (!row.canonical.input.empty()) {
    Offer(span.start, span.id, std::pair(span.start, span.id) < std::pair(first.time, first.id),
          row.canonical.input, PreviewSide::kInput, &run->first_input);
  }
  const Candidate& last = run->last_output;
  if (!row.canonical.output.empty()) {
    Offer(span.end(), span.id, std::pair(span.end(), span.id) > std::pair(last.time, last.id),
          row.canonical.output, PreviewSide::kOutput, &run->last_output);
  }
}

uint32_t AddExtra(const storage::SpanRow& row, const SpanState& span, Interner* interner,
                  RunState* run) {
  const model::Canonical& c = row.canonical;
  const bool keeps = KeepsContent(span.op, span.parent.empty());
  const bool has_content = keeps && !(c.input.empty() && c.output.empty());
  const Delegation delegation = DelegationOf(row);
  if (c.session.empty() && c.user.empty() && c.query_type.empty() && c.outcome.empty() &&
      !has_content && !span.error && delegation.target.empty()) {
    return kNone;
  }
  SpanExtra extra;
  extra.delegate_to = interner->Intern(delegation.target);
  extra.delegate_evidence = delegation.evidence;
  extra.handoff = delegation.handoff;
  extra.session = interner->Intern(c.session);
  extra.user = interner->Intern(c.user);
  extra.query_type = interner->Intern(c.query_type);
  extra.outcome = interner->Intern(c.outcome);
  if (keeps) {
    extra.input = semconv::Preview(c.input, kPreviewCodePoints, PreviewSide::kInput);
    extra.output = semconv::Preview(c.output, kPreviewCodePoints, PreviewSide::kOutput);
  }
  if (span.error) extra.error_message = ErrorMessage(row);
  run->extras.push_back(std::move(extra));
  return static_cast<uint32_t>(run->extras.size() - 1);
}

void AddLinks(const storage::SpanRow& row, Interner* interner, RunState* run) {
  Arena arena;
  const auto links = storage::DecodeLinks(row.links, nullptr, &arena);
  if (!links.ok()) return;
  for (const model::Link& link : links->first(std::min(links->size(), kMaxLinks))) {
    std::string_view agent = model::FindString(link.attributes, "gen_ai.agent.name");
    if (agent.empty()) agent = model::FindString(link.attributes, "agent.name");
    run->links.push_back({static_cast<uint32_t>(run->spans.size()), link.trace_id, link.span_id,
                          interner->Intern(agent)});
  }
}

uint16_t AddSetup(const storage::SpanRow& row, Interner* interner, RunState* run) {
  const model::Canonical& c = row.canonical;
  const Setup setup{
      SetupHash(row), interner->Intern(row.service_version),
      interner->Intern(c.model_requested.empty() ? c.model_answered : c.model_requested)};
  std::vector<Setup>& setups = run->setups;
  const size_t first = setups.size() > kSetupsLookedAt ? setups.size() - kSetupsLookedAt : 0;
  const auto known = std::find(setups.begin() + static_cast<ptrdiff_t>(first), setups.end(), setup);
  if (known == setups.end() && setups.size() >= kMaxSetups) return 0;
  const auto index = static_cast<uint16_t>(known - setups.begin());
  if (known == setups.end()) setups.push_back(setup);
  return index;
}

}  // namespace

int64_t SpanState::tokens() const {
  return std::max<int64_t>(
      total_tokens, std::max<int64_t>(input_tokens, 0) + std::max<int64_t>(output_tokens, 0));
}

Nanos SpanState::end() const {
  return start > std::numeric_limits<Nanos>::max() - duration ? std::numeric_limits<Nanos>::max()
                                                              : start + duration;
}

size_t RunState::MemoryUsage() const {
  size_t bytes = sizeof(RunState) + spans.capacity() * sizeof(SpanState) +
                 extras.capacity() * sizeof(SpanExtra) + links.capacity() * sizeof(SpanLink) +
                 setups.capacity() * sizeof(Setup) + first_input.preview.capacity() +
                 last_output.preview.capacity();
  for (const SpanExtra& extra : extras) {
    bytes += extra.input.capacity() + extra.output.capacity() + extra.error_message.capacity();
  }
  return bytes;
}

void AddSpan(const storage::SpanRow& row, Interner* interner, RunState* run) {
  const model::Canonical& c = row.canonical;
  SpanState span;
  span.id = row.span_id;
  span.parent = row.parent_span_id == row.span_id ? SpanId() : row.parent_span_id;
  span.start = std::max<Nanos>(row.start, 0);
  span.duration = std::max<Nanos>(row.duration, 0);
  span.input_tokens = Tokens(c.input_tokens);
  span.output_tokens = Tokens(c.output_tokens);
  span.total_tokens = Tokens(c.total_tokens);
  span.cache_read_tokens = Tokens(c.cache_read_tokens);
  span.cache_write_tokens = Tokens(c.cache_write_tokens);
  span.reasoning_tokens = Tokens(c.reasoning_tokens);
  span.estimated = c.tokens_estimated;
  if (c.cost_usd && *c.cost_usd >= 0 && *c.cost_usd < 1e12) {
    span.cost_usd = *c.cost_usd;
    span.cost_source = CostSourceOf(c);
  }
  span.consumer = row.kind == model::SpanKind::kConsumer;
  span.producer = row.kind == model::SpanKind::kProducer;
  span.op = c.op;
  span.error = row.status == model::StatusCode::kError;
  span.times_adjusted = row.times_adjusted;
  span.open = row.times_adjusted && row.raw_end == 0;
  const std::string_view call = c.op == Op::kTool ? c.tool_call_id : c.response_id;
  if (!call.empty()) span.call_key = Hash64(call) | 1;
  // Spans of one request repeat these; a glance at the span before saves the look-up.
  const SpanState* before = run->spans.empty() ? nullptr : &run->spans.back();
  const auto intern = [&](std::string_view text, uint32_t SpanState::*member) {
    span.*member = before != nullptr && interner->Text(before->*member) == text
                       ? before->*member
                       : interner->Intern(text);
  };
  intern(row.service, &SpanState::service);
  intern(row.environment, &SpanState::environment);
  intern(row.name, &SpanState::name);
  intern(!c.agent_name.empty() ? c.agent_name
         : c.op == Op::kAgent  ? c.agent_role
                               : std::string_view(),
         &SpanState::agent);
  intern(!c.model_answered.empty() ? c.model_answered : c.model_requested, &SpanState::model);
  intern(c.tool_name, &SpanState::tool);
  intern(c.provider, &SpanState::provider);
  span.extra = AddExtra(row, span, interner, run);
  if (span.op == Op::kLlm) {
    OfferCandidates(row, span, run);
    span.setup = AddSetup(row, interner, run);
  }
  if (!row.links.empty()) AddLinks(row, interner, run);
  if (span.open) ++run->open_spans;
  run->spans.push_back(span);
}

}  // namespace ao::runs
