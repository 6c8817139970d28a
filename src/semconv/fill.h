#pragma once

#include <initializer_list>
#include <string_view>

#include "base/arena.h"
#include "model/canonical.h"
#include "model/telemetry.h"
#include "semconv/canonicalize.h"
#include "semconv/log_spans.h"
#include "semconv/mapper.h"
#include "semconv/usage.h"

// From the best values to canonical columns: what follows from several of them together. Internal
// to semconv/; Canonicalize and Explain are two uses of it.

namespace ao::semconv {

template <typename Observer>
class Filler {
 public:
  Filler(const model::Scope& scope, const model::Span& span, Arena* arena, Observer& observer,
         model::Canonical* out)
      : span_(span),
        scope_(Registry::Get().FindScope(scope.name)),
        mapper_(span, arena, observer),
        observer_(observer),
        out_(*out) {}

  void Run() {
    const bool known = mapper_.ReadAttributes();
    if (!span_.events.empty()) mapper_.ReadEvents();
    out_.mapping_version = kMappingVersion;
    out_.dialect = scope_ != nullptr ? scope_->dialect : MostSpecific(mapper_.shown());
    if (!known && span_.events.empty() && scope_ == nullptr) {
      out_.op = OpOfPlainName(span_.name);
      if (out_.op == Op::kOther) return;
      observer_.Inferred("op", "the span's name");
    }
    out_.op = Classify();
    if (out_.op != Op::kOther &&
        (out_.dialect == DialectId::kNone || out_.dialect == DialectId::kGeneral)) {
      out_.dialect = DialectId::kPlain;
    } else if (out_.dialect == DialectId::kGeneral) {
      out_.dialect = DialectId::kNone;
    }
    FillNames();
    FillContent();
    FillUsage(mapper_, observer_, span_, scope_, EventsCount(), &out_);
    FillTexts();
    out_.time_to_first_token = mapper_.Integer(Field::kTimeToFirstToken);
    out_.retrieval_count = mapper_.Integer(Field::kRetrievalCount);
    out_.retrieval_top_score = mapper_.Number(Field::kRetrievalTopScore);
    out_.fallback = mapper_.Integer(Field::kFallback).value_or(0) != 0;
    out_.parse_error = mapper_.Integer(Field::kParseError).value_or(0) != 0;
  }

 private:
  using Op = model::Op;
  using DialectId = model::Dialect;

  static std::string_view AfterPrefix(std::string_view name, std::string_view prefix) {
    return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
  }
  static std::string_view FirstOf(std::initializer_list<std::string_view> candidates) {
    for (const std::string_view text : candidates) {
      if (!text.empty()) return text;
    }
    return {};
  }

  // Whether an event of the same program stands for the span's call.
  bool EventsCount() const {
    return scope_ != nullptr && scope_->row.events_count &&
           model::Find(span_.attributes, kDerivedFrom) == nullptr;
  }

  // What the span is, from its explicit kind, else its name, else what it carries.
  Op Classify() {
    if (EventsCount()) {
      observer_.Inferred("op", "the program's log events tell of the same call, and count");
      return Op::kStep;
    }
    if (const auto op = mapper_.Integer(Field::kOp)) return ClassifyExplicit(static_cast<Op>(*op));
    Op op = Registry::Get().OpOfName(out_.dialect, span_.name);
    if (op == Op::kOther) op = OpOfPlainName(span_.name);
    if (op != Op::kOther) {
      observer_.Inferred("op", "the span's name");
      return op;
    }
    op = ClassifyByContent();
    if (op != Op::kOther) observer_.Inferred("op", "what the span carries");
    return op;
  }

  Op ClassifyExplicit(Op op) {
    // A chain at the root is the whole workflow (OpenInference, Langfuse, LangSmith, MLflow).
    if (op == Op::kStep && span_.parent_span_id.empty() && mapper_.Rank(Field::kOp) <= 26) {
      observer_.Inferred("op", "a chain at the root is a workflow");
      return Op::kWorkflow;
    }
    if (op != Op::kTool) return op;
    const std::string_view tool = mapper_.Text(Field::kToolName);
    if (tool == "(merged tools)") {  // Google ADK, around calls that have spans of their own
      observer_.Inferred("op", "merged tools are no call");
      return Op::kStep;
    }
    if (span_.name.starts_with(kHandoff) || mapper_.Has(Field::kChildAgent)) {
      observer_.Inferred("op", "the tool hands over to an agent");
      return Op::kDelegate;
    }
    return op;
  }

  Op ClassifyByContent() {
    if (mapper_.Has(Field::kToolName)) return Op::kTool;
    const bool has_model =
        mapper_.Has(Field::kModelRequested) || mapper_.Has(Field::kModelAnswered);
    const bool has_call = mapper_.Has(Field::kInputTokens) || mapper_.Has(Field::kOutputTokens) ||
                          mapper_.Has(Field::kProvider) || mapper_.Has(Field::kOutputMessages);
    if (!has_model || !has_call) return Op::kOther;
    return span_.name.find("embed") != span_.name.npos ? Op::kEmbedding : Op::kLlm;
  }

  void FillNames() {
    const std::string_view entity = mapper_.Text(Field::kEntityName);
    out_.agent_role = mapper_.Text(Field::kAgentRole);
    out_.agent_name = mapper_.Text(Field::kAgentName);
    if (out_.op == Op::kAgent) {
      NameAgent(entity);
    } else if (out_.op == Op::kDelegate) {
      out_.agent_name =
          FirstOf({mapper_.Text(Field::kChildAgent), AfterPrefix(span_.name, "agent.delegate."),
                   AfterPrefix(span_.name, kHandoff), out_.agent_name});
    }
    out_.tool_name = mapper_.Text(Field::kToolName);
    if (out_.op != Op::kTool || !out_.tool_name.empty()) return;
    out_.tool_name =
        FirstOf({entity, AfterPrefix(span_.name, "execute_tool "),
                 AfterPrefix(span_.name, "tool.call."), AfterPrefix(span_.name, "running tool: ")});
    if (out_.tool_name.empty() && mapper_.Has(Field::kOp)) out_.tool_name = span_.name;
    observer_.Inferred("tool_name", "the span's name");
  }

  void NameAgent(std::string_view entity) {
    if (!out_.agent_name.empty()) return;
    std::string_view named = AfterPrefix(span_.name, "invoke_agent ");
    if (named.empty()) {
      named = AfterPrefix(span_.name, "agent_run [");
      if (named.ends_with(']')) named.remove_suffix(1);
    }
    // Some call the span of a nameless agent after the model.
    const bool nameless = !named.empty() && named == mapper_.Text(Field::kModelRequested);
    out_.agent_name = FirstOf({entity, nameless ? std::string_view() : named, out_.agent_role});
    if (out_.agent_name.empty() && !nameless && mapper_.Rank(Field::kOp) <= 26) {
      out_.agent_name = span_.name;
    }
    if (!out_.agent_name.empty()) observer_.Inferred("agent_name", "the span's name or role");
  }

  void FillContent() {
    const std::string_view in_messages = mapper_.Text(Field::kInputMessages);
    const std::string_view in_text = mapper_.Text(Field::kInputText);
    const std::string_view out_messages = mapper_.Text(Field::kOutputMessages);
    const std::string_view out_text = mapper_.Text(Field::kOutputText);
    const bool is_llm = out_.op == Op::kLlm;
    out_.input = is_llm ? FirstOf({in_messages, in_text}) : FirstOf({in_text, in_messages});
    out_.output = is_llm ? FirstOf({out_messages, out_text}) : FirstOf({out_text, out_messages});
    out_.tool_arguments = mapper_.Text(Field::kToolArguments);
    out_.tool_result = mapper_.Text(Field::kToolResult);
    if (out_.op == Op::kTool) {
      if (out_.tool_arguments.empty()) out_.tool_arguments = out_.input;
      if (out_.tool_result.empty()) out_.tool_result = out_.output;
      if (out_.input.empty()) out_.input = out_.tool_arguments;
      if (out_.output.empty()) out_.output = out_.tool_result;
    }
  }

  void FillTexts() {
    out_.model_requested = mapper_.Text(Field::kModelRequested);
    out_.model_answered = mapper_.Text(Field::kModelAnswered);
    out_.provider = CanonicalProvider(mapper_.Text(Field::kProvider));
    out_.response_id = mapper_.Text(Field::kResponseId);
    out_.tool_call_id = mapper_.Text(Field::kToolCallId);
    out_.finish_reason = CanonicalFinishReason(mapper_.Text(Field::kFinishReason));
    out_.session = mapper_.Text(Field::kSession);
    out_.user = mapper_.Text(Field::kUser);
    out_.query_type = mapper_.Text(Field::kQueryType);
    out_.outcome = mapper_.Text(Field::kOutcome);
    out_.prompt_name = mapper_.Text(Field::kPromptName);
    out_.prompt_version = mapper_.Text(Field::kPromptVersion);
    out_.error_type = mapper_.Text(Field::kErrorType);
  }

  static constexpr std::string_view kHandoff = "handoff to ";

  const model::Span& span_;
  const Registry::Scope* scope_;
  Mapper<Observer> mapper_;
  Observer& observer_;
  model::Canonical& out_;
};

}  // namespace ao::semconv
