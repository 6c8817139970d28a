#include "search/fields.h"

#include <utility>

namespace ao::search {
namespace {

using enum ValueKind;
using F = model::FilterField;

constexpr Field kFields[] = {
    {"agent", F::kAgent, kText, "an agent that took part", "agent:researcher", {}, "agents", true},
    {"model", F::kModel, kText, "a model that was called", "model:gpt-4o*", {}, "models", true},
    {"tool", F::kTool, kText, "a tool that was called", "tool:web_search", {}, "tools", true},
    {"status", F::kStatus, kChoice,
     "error: it failed; live: spans still arrive; ok: settled without error", "status:error",
     "ok|error|live"},
    {"duration", F::kDuration, kDuration, "from the first start to the last end", "duration>2.5s"},
    {"cost", F::kCost, kMoney, "USD", "cost>0.10"},
    {"tokens", F::kTokens, kCount, "input and output tokens", "tokens>10k"},
    {"input_tokens", F::kInputTokens, kCount, "input tokens", "input_tokens>=8k"},
    {"output_tokens", F::kOutputTokens, kCount, "output tokens", "output_tokens<20"},
    {"steps", F::kSteps, kCount, "LLM calls", "steps>8"},
    {"tool_calls", F::kToolCalls, kCount, "tool calls", "tool_calls=0"},
    {"retrievals", F::kRetrievals, kCount, "retrievals", "retrievals>0"},
    {"errors", F::kErrors, kCount, "spans that failed", "errors>0"},
    {"spans", F::kSpans, kCount, "spans", "spans>1000"},
    {"service", F::kService, kText, "service.name of the root", "service:checkout", {}, "service"},
    {"environment",
     F::kEnvironment,
     kText,
     "deployment environment",
     "environment:production",
     {},
     "environment"},
    {"session", F::kSession, kText, "session id", "session:chat-17", {}, "session"},
    {"user", F::kUser, kText, "user id", "user:u-42", {}, "user_id"},
    {"query_type", F::kQueryType, kText, "agent.query_type", "query_type:refund", {}, "query_type"},
    {"outcome", F::kOutcome, kText, "what the run came to", "outcome:denied", {}, "outcome"},
    {"name", F::kName, kText, "name of the root span", "name:\"POST /chat\"", {}, "root_name"},
    {"error", F::kError, kText, "text in the error message", "error:timeout"},
    {"version", F::kVersion, kText, "service version, or version of an agent", "version:1.4.*"},
    {"completeness", F::kCompleteness, kChoice, "whether all spans are there",
     "completeness:incomplete", "live|complete|incomplete"},
    {"trace", F::kTrace, kText, "trace id, or how it begins", "trace:0af76519*"},
    {"start", F::kStart, kTime, "when it began: a time, or an age", "start>2026-01-31T09:00Z"},
    {"since", F::kStart, kTime, "began then or later", "since:1h"},
    {"until", F::kStart, kTime, "began before", "until:2026-02-01"},
    {"text", F::kText, kText, "the same as words without a field", "text:\"credit score\""},
};

constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"agents", "agent"},         {"models", "model"},     {"tools", "tool"},
    {"env", "environment"},      {"latency", "duration"}, {"cost_usd", "cost"},
    {"total_tokens", "tokens"},  {"llm_calls", "steps"},  {"thread", "session"},
    {"conversation", "session"}, {"user_id", "user"},     {"session_id", "session"},
    {"trace_id", "trace"},       {"root_name", "name"},   {"error_message", "error"},
    {"release", "version"},      {"after", "since"},      {"before", "until"},
    {"service.name", "service"},
};

}  // namespace

std::span<const Field> Fields() { return kFields; }

const Field* FindField(std::string_view name) {
  for (const auto& [other, known] : kOtherNames) {
    if (other == name) name = known;
  }
  for (const Field& field : kFields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace ao::search
