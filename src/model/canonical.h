#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "model/run.h"

// What a span means, whatever dialect it was written in: the canonical columns that semconv/ fills
// from attributes. Views point into the span they were derived from, or to static text.

namespace ao::model {

enum class Op : uint8_t {
  kOther,
  kAgent,
  kWorkflow,
  kStep,
  kLlm,
  kTool,
  kRetrieval,
  kEmbedding,
  kRerank,
  kGuardrail,
  kEvaluator,
  kDelegate,
  kPlan,
};
constexpr std::string_view kOpNames[] = {
    "other",     "agent",  "workflow",  "step",      "llm",      "tool", "retrieval",
    "embedding", "rerank", "guardrail", "evaluator", "delegate", "plan"};
constexpr std::string_view OpName(Op op) { return kOpNames[static_cast<size_t>(op)]; }

// Which conventions a span was written in; the most specific one of those that it shows. The order
// is what is stored, so new ones go to the end. kGeneral: only general OpenTelemetry attributes.
enum class Dialect : uint8_t {
  kNone,
  kOtel,
  kOpenInference,
  kTraceloop,
  kVercel,
  kLangfuse,
  kPlain,
  kGeneral,
  kLangSmith,
  kMlflow,
  kPydantic,
  kAdk,
  kMicrosoft,
  kCrewAi,
  kLangGraph,
  kMcp,
  kClaudeCode,
  kCodex,
  kGeminiCli,
};
constexpr std::string_view kDialectNames[] = {
    "",          "otel",      "openinference", "traceloop", "vercel",    "langfuse",  "plain",
    "general",   "langsmith", "mlflow",        "pydantic",  "adk",       "microsoft", "crewai",
    "langgraph", "mcp",       "claude_code",   "codex",     "gemini_cli"};
constexpr size_t kDialectCount = std::size(kDialectNames);
// kNone for a number that this version does not know.
constexpr Dialect DialectOf(uint8_t number) {
  return number < kDialectCount ? static_cast<Dialect>(number) : Dialect::kNone;
}
constexpr std::string_view DialectName(Dialect dialect) {
  return kDialectNames[static_cast<size_t>(dialect)];
}

struct Canonical {
  Op op = Op::kOther;
  Dialect dialect = Dialect::kNone;
  uint8_t mapping_version =
      0;  // semconv::kMappingVersion when the columns were filled; 0: before it
  // The token counts were estimated from the length of the texts, because the client gave none.
  bool tokens_estimated = false;
  std::string_view agent_name;
  std::string_view agent_role;
  std::string_view model_requested;
  std::string_view model_answered;
  std::string_view provider;
  std::string_view response_id;
  std::string_view tool_name;
  std::string_view tool_call_id;
  std::string_view finish_reason;
  std::string_view session;
  std::string_view user;
  std::string_view query_type;
  std::string_view outcome;
  std::string_view prompt_name;
  std::string_view prompt_version;
  std::string_view error_type;
  // Text for people, or JSON; the whole attribute value, for previews and content references.
  std::string_view input;
  std::string_view output;
  std::string_view tool_arguments;
  std::string_view tool_result;
  // Tokens; input includes cached tokens (see semconv/README.md).
  std::optional<int64_t> input_tokens, output_tokens, total_tokens;
  std::optional<int64_t> cache_read_tokens, cache_write_tokens, reasoning_tokens;
  // Parts of the above that can have a price of their own, and what is charged beside tokens; used
  // to price a call, not stored in columns.
  std::optional<int64_t> cache_write_1h_tokens, input_audio_tokens, output_audio_tokens;
  std::optional<int64_t> web_searches;
  std::string_view service_tier;   // "batch", "flex", "priority", ...
  std::optional<double> cost_usd;  // supplied by the client, else by cost/pricer.h
  CostSource cost_source = CostSource::kNone;
  std::string_view price;  // the row of the price, with its service tier: "openai/gpt-4o+batch"
  std::optional<Nanos> time_to_first_token;
  std::optional<int64_t> retrieval_count;
  std::optional<double> retrieval_top_score;
  bool fallback = false;
  bool parse_error = false;
};

}  // namespace ao::model
