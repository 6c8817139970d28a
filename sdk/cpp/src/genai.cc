#include "observatory/genai.h"

#include <atomic>
#include <exception>

#include "agent_metrics.h"
#include "environment.h"
#include "messages.h"
#include "observatory/cost.h"
#include "observatory/sdk.h"
#include "observatory/traced.h"
#include "wire.h"

namespace observatory {
namespace {

using detail::OperationKind;

constexpr size_t kInputBytes = 1000;

// What the steps of one run, wherever they are in this process, add up to.
struct RunState {
  std::string agent;
  std::atomic<int64_t> steps{0};
  std::atomic<int64_t> given_steps{-1};
};
const char kRunKey = 0;  // its address is the key in contexts

RunState* StateOf(const std::shared_ptr<void>& run) { return static_cast<RunState*>(run.get()); }

std::string_view AgentOf(const std::shared_ptr<void>& run) {
  return run != nullptr ? std::string_view(StateOf(run)->agent) : std::string_view();
}

Tracer Agents() noexcept { return tracer("observatory.agent"); }

std::atomic<int>& CaptureState() {
  static std::atomic<int> state = [] {
    const auto given = detail::ReadVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT");
    return given == "false" || given == "FALSE" || given == "NO_CONTENT" ? 0 : 1;
  }();
  return state;
}

void SetText(Span* span, std::string_view key, std::string_view text) {
  if (!text.empty()) span->set_attribute(key, text);
}

void SetCount(Span* span, std::string_view key, int64_t count) {
  if (count >= 0) span->set_attribute(key, count);
}

void SetAll(Span* span, Attributes attributes) { span->set_attributes(attributes); }

}  // namespace

void set_capture(Capture capture) noexcept { CaptureState() = capture.content ? 1 : 0; }
Capture capture() noexcept { return {.content = CaptureState() != 0}; }

Operation::Operation(Kind kind, Span span, std::string_view name) noexcept
    : span_(std::move(span)),
      name_(name),
      kind_(kind),
      exceptions_(std::uncaught_exceptions()),
      start_ns_(detail::SteadyNow()) {
  if (kind == Kind::kAgent) {
    auto state = std::make_shared<RunState>();
    state->agent = name;
    run_ = std::move(state);
    scope_ = Scope(span_.context().with_value(&kRunKey, run_));
  } else {
    run_ = Context::current().value(&kRunKey);
    scope_ = Scope(span_);
  }
}

Operation::Operation(Operation&& other) noexcept
    : span_(std::move(other.span_)),
      name_(std::move(other.name_)),
      provider_(std::move(other.provider_)),
      run_(std::move(other.run_)),
      kind_(other.kind_),
      failed_(other.failed_),
      ended_(std::exchange(other.ended_, true)),
      answered_(other.answered_),
      exceptions_(other.exceptions_),
      start_ns_(other.start_ns_),
      scope_(std::move(other.scope_)) {}

Operation::~Operation() { end(); }

double Operation::elapsed_ms() const noexcept {
  return static_cast<double>(detail::SteadyNow() - start_ns_) / 1e6;
}

void Operation::fail(const std::exception& error) noexcept {
  fail(detail::TypeName(error), error.what());
}

void Operation::fail(std::string_view type, std::string_view message) noexcept {
  if (ended_) return;
  span_.record_error(type, message);
  if (kind_ == Kind::kAgent && !failed_) {
    detail::TheAgentMetrics().errors.add(1, {{"agent.name", name_}, {"error.type", type}});
  }
  failed_ = true;
}

void Operation::end() noexcept {
  if (ended_) return;
  if (!failed_ && std::uncaught_exceptions() > exceptions_) {
    fail("exception", "ended by an exception");
  }
  if (kind_ == Kind::kAgent) {
    const RunState& state = *StateOf(run_);
    const int64_t steps = state.given_steps >= 0 ? state.given_steps.load() : state.steps.load();
    span_.set_attribute("agent.steps", steps);
    const detail::AgentMetrics& metrics = detail::TheAgentMetrics();
    metrics.duration_ms.record(elapsed_ms(), {{"agent.name", name_}});
    metrics.steps.record(static_cast<double>(steps), {{"agent.name", name_}});
  }
  if (!failed_) span_.set_status(StatusCode::kOk);
  ended_ = true;
  scope_.detach();
  span_.end();
}

AgentRun agent_run(std::string_view agent, const AgentOptions& options) noexcept {
  Span span = Agents().start_span("agent.run", {.parent = options.parent, .root = options.root});
  if (span.recording()) {
    SetAll(&span, {{"gen_ai.operation.name", "invoke_agent"}, {"gen_ai.agent.name", agent}});
    SetText(&span, "agent.query_type", options.query_type);
    SetText(&span, "agent.role", options.role);
    SetText(&span, "gen_ai.conversation.id", options.session);
    SetText(&span, "session.id", options.session);
    SetText(&span, "user.id", options.user);
    if (options.critical) span.set_attribute("agent.critical", true);
    if (!options.input.empty() && capture().content) {
      span.set_attribute("user.input", detail::CutText(options.input, kInputBytes));
      span.set_attribute("gen_ai.input.messages", detail::MessagesJson(options.input, "user"));
    }
    SetAll(&span, options.attributes);
  }
  return AgentRun(OperationKind::kAgent, std::move(span), agent);
}

void AgentRun::set_output(std::string_view text) noexcept {
  if (!span_.recording() || !capture().content) return;
  span_.set_attribute("result.preview", detail::CutText(text, kPreviewBytes));
  span_.set_attribute("gen_ai.output.messages", detail::MessagesJson(text, "assistant"));
}
void AgentRun::set_outcome(std::string_view outcome) noexcept {
  span_.set_attribute("agent.outcome", outcome);
}
void AgentRun::set_fallback(bool fallback) noexcept {
  span_.set_attribute("agent.fallback", fallback);
}
void AgentRun::set_steps(int64_t steps) noexcept {
  if (run_ != nullptr) StateOf(run_)->given_steps = steps;
}

LlmCall llm_call(std::string_view model, const LlmOptions& options) noexcept {
  Span span = Agents().start_span("llm.call", {.kind = SpanKind::kClient});
  if (span.recording()) {
    SetAll(&span, {{"gen_ai.operation.name", options.operation},
                   {"gen_ai.request.model", model},
                   {"llm.model", model}});
    SetText(&span, "gen_ai.provider.name", options.provider);
    SetText(&span, "gen_ai.prompt.name", options.prompt_name);
    SetText(&span, "gen_ai.prompt.version", options.prompt_version);
    if (options.temperature) span.set_attribute("gen_ai.request.temperature", *options.temperature);
    if (options.top_p) span.set_attribute("gen_ai.request.top_p", *options.top_p);
    if (options.max_tokens) span.set_attribute("gen_ai.request.max_tokens", *options.max_tokens);
    if (capture().content) {
      if (!options.input.is_null()) {
        span.set_attribute("gen_ai.input.messages", detail::MessagesJson(options.input, "user"));
      }
      if (!options.system.empty()) {
        const Value part = Value::map({{"type", "text"}, {"content", options.system}});
        span.set_attribute("gen_ai.system_instructions", Value::array({part}).to_json());
      }
      if (!options.tools.is_null()) {
        span.set_attribute("gen_ai.tool.definitions", detail::TextOrJson(options.tools));
      }
    }
    SetAll(&span, options.attributes);
  }
  LlmCall call(OperationKind::kModel, std::move(span), model);
  call.provider_ = options.provider;
  if (call.run_ != nullptr) ++StateOf(call.run_)->steps;
  return call;
}

void LlmCall::set_response(const LlmResponse& response) noexcept {
  if (ended_) return;
  SetText(&span_, "gen_ai.response.model", response.model);
  SetText(&span_, "gen_ai.response.id", response.id);
  SetCount(&span_, "gen_ai.usage.input_tokens", response.input_tokens);
  SetCount(&span_, "gen_ai.usage.output_tokens", response.output_tokens);
  SetCount(&span_, "gen_ai.usage.cache_read.input_tokens", response.cache_read_tokens);
  SetCount(&span_, "gen_ai.usage.cache_write.input_tokens", response.cache_write_tokens);
  SetCount(&span_, "gen_ai.usage.reasoning.output_tokens", response.reasoning_tokens);
  const int64_t total =
      std::max<int64_t>(response.input_tokens, 0) + std::max<int64_t>(response.output_tokens, 0);
  if (response.input_tokens >= 0 || response.output_tokens >= 0) {
    span_.set_attribute("llm.tokens", total);
  }
  if (!response.finish_reason.empty()) {
    span_.set_attribute("gen_ai.response.finish_reasons", Value::array({response.finish_reason}));
  }
  if (!response.output.is_null() && capture().content && span_.recording()) {
    span_.set_attribute("gen_ai.output.messages",
                        detail::MessagesJson(response.output, "assistant", response.finish_reason));
  }
  if (std::exchange(answered_, true) || total == 0) return;
  const std::string_view agent = AgentOf(run_);
  detail::TheAgentMetrics().tokens.add(static_cast<double>(total),
                                       {{"agent.name", agent}, {"llm.model", name_}});
  if (const auto cost = CostContext::current()) {
    cost->charge(agent, !response.model.empty() ? response.model : std::string_view(name_),
                 {.input = response.input_tokens,
                  .output = response.output_tokens,
                  .cache_read = response.cache_read_tokens,
                  .cache_write = response.cache_write_tokens},
                 provider_);
  }
}

void LlmCall::first_token() noexcept {
  span_.set_attribute("gen_ai.response.time_to_first_chunk", elapsed_ms() / 1000);
}
void LlmCall::set_parse_error(bool error) noexcept {
  span_.set_attribute("agent.parse_error", error);
}

ToolCall tool_call(std::string_view tool, const ToolOptions& options) noexcept {
  std::string name = "tool.call";
  if (options.name_in_span) name += "." + std::string(tool);
  Span span = Agents().start_span(name);
  if (span.recording()) {
    SetAll(&span, {{"gen_ai.operation.name", "execute_tool"},
                   {"gen_ai.tool.name", tool},
                   {"tool.name", tool}});
    SetText(&span, "gen_ai.tool.type", options.type);
    SetText(&span, "gen_ai.tool.call.id", options.call_id);
    SetText(&span, "gen_ai.tool.description", options.description);
    if (!options.arguments.is_null() && capture().content) {
      span.set_attribute("gen_ai.tool.call.arguments", detail::TextOrJson(options.arguments));
    }
    SetAll(&span, options.attributes);
  }
  ToolCall call(OperationKind::kOther, std::move(span), tool);
  detail::TheAgentMetrics().tool_calls.add(
      1, {{"agent.name", AgentOf(call.run_)}, {"tool.name", tool}});
  return call;
}

void ToolCall::set_result(const Value& result) noexcept {
  if (!span_.recording() || !capture().content) return;
  const std::string text = detail::TextOrJson(result);
  span_.set_attribute("gen_ai.tool.call.result", text);
  span_.set_attribute("result.preview", detail::CutText(text, kPreviewBytes));
}

Retrieval retrieval(std::string_view query, const RetrievalOptions& options) noexcept {
  Span span = Agents().start_span("retrieval");
  if (span.recording()) {
    span.set_attribute("gen_ai.operation.name", "retrieval");
    SetText(&span, "gen_ai.data_source.id", options.source);
    if (options.top_k) span.set_attribute("gen_ai.retrieval.top_k", *options.top_k);
    if (capture().content) {
      SetAll(&span, {{"retrieval.query", query}, {"gen_ai.retrieval.query.text", query}});
    }
    SetAll(&span, options.attributes);
  }
  return Retrieval(OperationKind::kOther, std::move(span), "retrieval");
}

void Retrieval::set_documents(const std::vector<Document>& documents) noexcept {
  if (!span_.recording()) return;
  Value::Array plain, standard;
  std::optional<double> top;
  for (const Document& document : documents) {
    Value::Map full, brief = {{"id", document.id}};
    full.emplace_back("id", document.id);
    if (!document.version.empty()) full.emplace_back("version", document.version);
    if (document.score) {
      full.emplace_back("score", *document.score);
      brief.emplace_back("score", *document.score);
      top = std::max(top.value_or(*document.score), *document.score);
    }
    if (capture().content) full.emplace_back("content", document.content);
    plain.emplace_back(std::move(full));
    standard.emplace_back(std::move(brief));
  }
  span_.set_attribute("retrieval.document_count", documents.size());
  if (top) span_.set_attribute("retrieval.top_score", *top);
  span_.set_attribute("retrieval.documents", Value(std::move(plain)));
  span_.set_attribute("gen_ai.retrieval.documents", Value(std::move(standard)).to_json());
}

Step plan(Attributes attributes) noexcept {
  Span span = Agents().start_span("agent.plan", {.attributes = attributes});
  span.set_attribute("gen_ai.operation.name", "plan");
  return Step(OperationKind::kOther, std::move(span), "plan");
}

Step synthesize(Attributes attributes) noexcept {
  return Step(OperationKind::kOther,
              Agents().start_span("agent.synthesize", {.attributes = attributes}), "synthesize");
}

Step reasoning_step(std::string_view thought, Attributes attributes) noexcept {
  Span span = Agents().start_span("reasoning.step", {.attributes = attributes});
  if (capture().content) SetText(&span, "agent.thought", thought);
  return Step(OperationKind::kOther, std::move(span), "reasoning");
}

void Step::set_result(const Value& result) noexcept {
  if (!span_.recording() || !capture().content) return;
  span_.set_attribute("result.preview", detail::CutText(detail::TextOrJson(result), kPreviewBytes));
}

Delegation delegate(std::string_view agent, const DelegateOptions& options) noexcept {
  Span span =
      Agents().start_span("agent.delegate." + std::string(agent),
                          {.kind = options.messaging ? SpanKind::kProducer : SpanKind::kClient,
                           .attributes = options.attributes});
  span.set_attribute("agent.child.name", agent);
  SetText(&span, "agent.task.type", options.task_type);
  SetText(&span, "agent.task.id", options.task_id);
  return Delegation(OperationKind::kOther, std::move(span), agent);
}

void Delegation::set_status(std::string_view status) noexcept {
  span_.set_attribute("agent.child.status", status);
}

Execution execute(std::string_view role, const ExecuteOptions& options) noexcept {
  Span span =
      Agents().start_span("agent.execute", {.kind = SpanKind::kServer, .parent = options.parent});
  if (span.recording()) {
    SetAll(&span, {{"gen_ai.operation.name", "invoke_agent"},
                   {"gen_ai.agent.name", role},
                   {"agent.role", role}});
    SetText(&span, "agent.task.id", options.task_id);
    SetText(&span, "agent.query_type", options.query_type);
    if (!options.input.empty() && capture().content) {
      span.set_attribute("user.input", detail::CutText(options.input, kInputBytes));
      span.set_attribute("gen_ai.input.messages", detail::MessagesJson(options.input, "user"));
    }
    SetAll(&span, options.attributes);
  }
  return Execution(OperationKind::kAgent, std::move(span), role);
}

Consumption consume(std::string_view queue, const ConsumeOptions& options) noexcept {
  Span span =
      Agents().start_span("agent.consume", {.kind = SpanKind::kConsumer, .parent = options.parent});
  if (span.recording()) {
    SetAll(&span, {{"messaging.queue", queue},
                   {"messaging.destination.name", queue},
                   {"messaging.operation.type", "process"},
                   {"messaging.operation.name", "consume"}});
    SetText(&span, "messaging.system", options.system);
    if (options.links.size() > 1) {
      span.set_attribute("messaging.batch.message_count", options.links.size());
    }
    for (const SpanContext& link : options.links) span.add_link(link);
    SetAll(&span, options.attributes);
  }
  return Consumption(OperationKind::kOther, std::move(span), queue);
}

}  // namespace observatory
