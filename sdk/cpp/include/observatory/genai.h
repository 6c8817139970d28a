#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observatory/context.h"
#include "observatory/export.h"
#include "observatory/propagator.h"
#include "observatory/span.h"
#include "observatory/value.h"

// The steps of an agent as spans. Each function starts a span, makes it current in this thread, and
// returns an object that ends it. They set the attributes of the OpenTelemetry GenAI conventions
// and the plain names (llm.model, tool.name, user.input, ...), and record the metrics of runs:
// agent.run.duration_ms, agent.run.steps, agent.tokens.total, agent.tool_calls.total and
// agent.errors.total. An object that is destroyed by an exception is marked as failed.
//
// Texts may be cut or left out with capture(). Every object is thread-compatible. Nothing throws.

namespace observatory {

// What is kept of prompts, completions, arguments, results and documents. Of the whole process.
struct Capture {
  bool content = true;  // false: none of them; OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT
};
OBSERVATORY_API void set_capture(Capture capture) noexcept;
OBSERVATORY_API Capture capture() noexcept;

namespace detail {
enum class OperationKind : uint8_t { kAgent, kModel, kOther };
}

// What all of them share. Move-only.
class OBSERVATORY_API Operation {
 public:
  Operation(Operation&& other) noexcept;
  Operation& operator=(Operation&& other) noexcept = delete;
  ~Operation();

  Span& span() { return span_; }
  Span* operator->() { return &span_; }
  const TraceId& trace_id() const { return span_.trace_id(); }
  // Status ERROR, error.type, an exception event. Of a run: counted in agent.errors.total.
  void fail(const std::exception& error) noexcept;
  void fail(std::string_view type, std::string_view message) noexcept;
  bool failed() const { return failed_; }
  // Ends it now; twice is fine.
  void end() noexcept;

 protected:
  using Kind = detail::OperationKind;
  Operation(Kind kind, Span span, std::string_view name) noexcept;
  double elapsed_ms() const noexcept;

  Span span_;
  std::string name_;                     // of the agent, the model, ...
  std::string provider_ = {};            // of the model
  std::shared_ptr<void> run_ = nullptr;  // the agent run that this is, or is part of
  Kind kind_;
  bool failed_ = false, ended_ = false, answered_ = false;
  int exceptions_ = 0;  // in flight when it began
  int64_t start_ns_ = 0;
  Scope scope_;
};

struct AgentOptions {
  std::string_view input = {};  // user.input, cut at 1000 bytes; whole in gen_ai.input.messages
  std::string_view query_type = {};  // agent.query_type: what baselines are kept apart by
  std::string_view role = {};        // agent.role
  std::string_view session = {};     // gen_ai.conversation.id and session.id
  std::string_view user = {};        // user.id
  bool critical = false;             // agent.critical: never downgraded by budgets
  Attributes attributes = {};
  std::optional<Context> parent = std::nullopt;  // absent: the current context
  bool root = false;                             // a new trace
};
// One run of an agent: span "agent.run".
class OBSERVATORY_API AgentRun : public Operation {
 public:
  void set_output(std::string_view text) noexcept;      // result.preview (500), output.messages
  void set_outcome(std::string_view outcome) noexcept;  // agent.outcome: "approved"
  void set_fallback(bool fallback = true) noexcept;     // agent.fallback
  // agent.steps; without it, the calls of models made by this process under this run are counted.
  void set_steps(int64_t steps) noexcept;

 protected:
  friend OBSERVATORY_API AgentRun agent_run(std::string_view, const AgentOptions&) noexcept;
  friend class Execution;
  using Operation::Operation;
};
OBSERVATORY_API AgentRun agent_run(std::string_view agent,
                                   const AgentOptions& options = {}) noexcept;

struct LlmOptions {
  std::string_view provider = {};  // gen_ai.provider.name: "openai", "anthropic", ...
  std::string_view operation = "chat";
  Value input = {};              // a text, or messages: [{role, content | parts, ...}]
  std::string_view system = {};  // system instructions
  Value tools = {};              // definitions
  std::optional<double> temperature = std::nullopt, top_p = std::nullopt;
  std::optional<int64_t> max_tokens = std::nullopt;
  std::string_view prompt_name = {}, prompt_version = {};
  Attributes attributes = {};
};
struct LlmResponse {
  Value output = {};                              // a text, or messages
  int64_t input_tokens = -1, output_tokens = -1;  // -1: not known
  int64_t cache_read_tokens = -1, cache_write_tokens = -1, reasoning_tokens = -1;
  std::string_view model = {};  // that answered
  std::string_view id = {};
  std::string_view finish_reason = {};
};
// One call of a model: span "llm.call", CLIENT.
class OBSERVATORY_API LlmCall : public Operation {
 public:
  // Tokens are counted in agent.tokens.total, and charged to the current CostContext, once.
  void set_response(const LlmResponse& response) noexcept;
  void first_token() noexcept;                       // now: gen_ai.response.time_to_first_chunk
  void set_parse_error(bool error = true) noexcept;  // agent.parse_error

 private:
  friend OBSERVATORY_API LlmCall llm_call(std::string_view, const LlmOptions&) noexcept;
  using Operation::Operation;
};
OBSERVATORY_API LlmCall llm_call(std::string_view model, const LlmOptions& options = {}) noexcept;

struct ToolOptions {
  Value arguments = {};           // a map, or a JSON text
  std::string_view call_id = {};  // that the model gave the call
  std::string_view type = "function", description = {};
  bool name_in_span = true;  // span "tool.call.<tool>"; false: "tool.call"
  Attributes attributes = {};
};
// One call of a tool.
class OBSERVATORY_API ToolCall : public Operation {
 public:
  void set_result(const Value& result) noexcept;

 private:
  friend OBSERVATORY_API ToolCall tool_call(std::string_view, const ToolOptions&) noexcept;
  using Operation::Operation;
};
OBSERVATORY_API ToolCall tool_call(std::string_view tool, const ToolOptions& options = {}) noexcept;

struct Document {
  std::string id, version, content;
  std::optional<double> score = std::nullopt;
};
struct RetrievalOptions {
  std::string_view source = {};  // gen_ai.data_source.id
  std::optional<int64_t> top_k = std::nullopt;
  Attributes attributes = {};
};
// One search: span "retrieval", with retrieval.query, .document_count, .top_score, .documents.
class OBSERVATORY_API Retrieval : public Operation {
 public:
  void set_documents(const std::vector<Document>& documents) noexcept;

 private:
  friend OBSERVATORY_API Retrieval retrieval(std::string_view, const RetrievalOptions&) noexcept;
  using Operation::Operation;
};
OBSERVATORY_API Retrieval retrieval(std::string_view query,
                                    const RetrievalOptions& options = {}) noexcept;

// A step without a class of its own.
class OBSERVATORY_API Step : public Operation {
 public:
  void set_result(const Value& result) noexcept;  // result.preview

 private:
  friend OBSERVATORY_API Step plan(Attributes) noexcept;
  friend OBSERVATORY_API Step synthesize(Attributes) noexcept;
  friend OBSERVATORY_API Step reasoning_step(std::string_view, Attributes) noexcept;
  using Operation::Operation;
};
OBSERVATORY_API Step plan(Attributes attributes = {}) noexcept;        // "agent.plan"
OBSERVATORY_API Step synthesize(Attributes attributes = {}) noexcept;  // "agent.synthesize"
OBSERVATORY_API Step reasoning_step(std::string_view thought,
                                    Attributes attributes = {}) noexcept;  // "reasoning.step"

struct DelegateOptions {
  std::string_view task_type = {};  // agent.task.type
  std::string_view task_id = {};    // agent.task.id
  bool messaging = false;           // PRODUCER, for a queue, instead of CLIENT
  Attributes attributes = {};
};
// Work handed to another agent: span "agent.delegate.<agent>" with agent.child.name.
class OBSERVATORY_API Delegation : public Operation {
 public:
  // What the other agent needs to continue this trace, as HTTP headers or their like.
  Propagator::Pairs headers() const { return Propagator().headers(span_.context()); }
  void set_status(std::string_view status) noexcept;  // agent.child.status: "completed"

 private:
  friend OBSERVATORY_API Delegation delegate(std::string_view, const DelegateOptions&) noexcept;
  using Operation::Operation;
};
OBSERVATORY_API Delegation delegate(std::string_view agent,
                                    const DelegateOptions& options = {}) noexcept;

struct ExecuteOptions {
  std::string_view task_id = {};  // agent.task.id
  std::string_view input = {};
  std::string_view query_type = {};
  std::optional<Context> parent = std::nullopt;  // what a Propagator extracted
  Attributes attributes = {};
};
// Work taken over from another agent: span "agent.execute", SERVER, with agent.role. It is a run of
// this agent, with the same metrics.
class OBSERVATORY_API Execution : public AgentRun {
 private:
  friend OBSERVATORY_API Execution execute(std::string_view, const ExecuteOptions&) noexcept;
  using AgentRun::AgentRun;
};
OBSERVATORY_API Execution execute(std::string_view role,
                                  const ExecuteOptions& options = {}) noexcept;

struct ConsumeOptions {
  std::string_view system = {};                  // messaging.system: "redis", "rabbitmq", "kafka"
  std::optional<Context> parent = std::nullopt;  // of a single message
  std::vector<SpanContext> links = {};           // of the messages of a batch: fan-in
  Attributes attributes = {};
};
// A message, or a batch, taken from a queue: span "agent.consume", CONSUMER, with messaging.queue.
class OBSERVATORY_API Consumption : public Operation {
  friend OBSERVATORY_API Consumption consume(std::string_view, const ConsumeOptions&) noexcept;
  using Operation::Operation;
};
OBSERVATORY_API Consumption consume(std::string_view queue,
                                    const ConsumeOptions& options = {}) noexcept;

}  // namespace observatory
