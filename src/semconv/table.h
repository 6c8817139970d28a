#pragma once

#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "model/canonical.h"

// What a dialect says: which attribute keys mean which canonical field. Internal to semconv/;
// a dialect is one folder with a table.cc, registered in registry.cc.

namespace ao::semconv {

enum class Field : uint8_t {
  kOp,
  kAgentName,
  kAgentRole,
  kChildAgent,
  kEntityName,
  kModelRequested,
  kModelAnswered,
  kProvider,
  kResponseId,
  kToolName,
  kToolCallId,
  kToolArguments,
  kToolResult,
  kFinishReason,
  kSession,
  kUser,
  kQueryType,
  kOutcome,
  kPromptName,
  kPromptVersion,
  kErrorType,
  // An LLM call takes the messages before the text, every other span the reverse.
  kInputMessages,
  kInputText,
  kOutputMessages,
  kOutputText,
  kInputTokens,
  kOutputTokens,
  kTotalTokens,
  kCacheRead,
  kCacheWrite,
  kReasoning,
  kCacheWrite1h,
  kInputAudio,
  kOutputAudio,
  kWebSearches,
  kServiceTier,
  kCost,
  kTimeToFirstToken,
  kRetrievalCount,
  kRetrievalTopScore,
  kFallback,
  kParseError,
  kIgnored,  // known, and has no place among the canonical columns
};
constexpr size_t kFieldCount = static_cast<size_t>(Field::kIgnored);
// As documents and explanations call them.
constexpr std::string_view kFieldNames[] = {"op",
                                            "agent_name",
                                            "agent_role",
                                            "child_agent",
                                            "entity_name",
                                            "model_requested",
                                            "model_answered",
                                            "provider",
                                            "response_id",
                                            "tool_name",
                                            "tool_call_id",
                                            "tool_arguments",
                                            "tool_result",
                                            "finish_reason",
                                            "session",
                                            "user",
                                            "query_type",
                                            "outcome",
                                            "prompt_name",
                                            "prompt_version",
                                            "error_type",
                                            "input_messages",
                                            "input_text",
                                            "output_messages",
                                            "output_text",
                                            "input_tokens",
                                            "output_tokens",
                                            "total_tokens",
                                            "cache_read_tokens",
                                            "cache_write_tokens",
                                            "reasoning_tokens",
                                            "cache_write_1h_tokens",
                                            "input_audio_tokens",
                                            "output_audio_tokens",
                                            "web_searches",
                                            "service_tier",
                                            "cost_usd",
                                            "time_to_first_token",
                                            "retrieval_count",
                                            "retrieval_top_score",
                                            "fallback",
                                            "parse_error"};
static_assert(std::size(kFieldNames) == kFieldCount);

// How the attribute's value becomes the field's. A value of another kind is as good as absent.
enum class Convert : uint8_t {
  kText,       // a string or a number, not empty
  kJson,       // a string as it is, anything else as JSON text
  kFirst,      // the first element of an array, or a string
  kInteger,    // an integer, a whole double, or digits in a string
  kNumber,     // a number, or one in a string
  kSeconds,    // a duration
  kMillis,     // a duration
  kIsoTime,    // a point in time, quoted or not; becomes the duration since the span's start
  kFlag,       // a bool, or "true"
  kOp,         // one of `ops`
  kDocuments,  // a list of documents, or its JSON; fills the count and the top score
  kUsage,      // a JSON object of token counts with disjoint keys; fills all token fields
  kUsageSum,   // the same where the input includes what was cached, or "name=count ..."
  kBilling,    // JSON that may say the service tier and the tokens written to a cache for an hour
  kCost,       // a JSON object of costs
  kQuoted,     // a text that may be quoted as JSON
  kPresent,    // any value: the op of the first of `ops`
};

struct OpValue {
  std::string_view value;  // compared without regard to case
  model::Op op;
};

struct Row {
  std::string_view key;
  Field field;
  uint8_t rank;  // the lowest rank that has a value wins
  Convert convert = Convert::kText;
  std::span<const OpValue> ops = {};
};

// Flattened lists: `<prefix><index>.<rest>`; kIgnored: every key with the prefix is known.
enum class ListKind : uint8_t { kInput, kOutput, kDocuments, kIgnored };
struct PrefixRow {
  std::string_view prefix;
  ListKind kind;
  uint8_t rank;
};

// What a span is by its name, where neither a kind nor an operation says so.
struct NameRow {
  std::string_view name;  // ends in '.', '[' or a blank: also everything that begins with it
  model::Op op;
};

// Which emitter a scope belongs to.
struct ScopeRow {
  std::string_view prefix;
  // Its input tokens leave out what was read from or written to a cache.
  bool exclusive_input = false;
  // Its log events tell of the same calls (log_spans.h), and more: they count, its own spans do
  // not.
  bool events_count = false;
};

struct Dialect {
  model::Dialect id;
  std::span<const Row> rows;
  std::span<const PrefixRow> prefixes = {};
  std::span<const NameRow> names = {};
  std::span<const ScopeRow> scopes = {};
};

extern const Dialect kAdk;
extern const Dialect kClaudeCode;
extern const Dialect kCodex;
extern const Dialect kCrewAi;
extern const Dialect kGeminiCli;
extern const Dialect kGeneral;
extern const Dialect kLangfuse;
extern const Dialect kLangGraph;
extern const Dialect kLangSmith;
extern const Dialect kMcp;
extern const Dialect kMicrosoft;
extern const Dialect kMlflow;
extern const Dialect kOpenInference;
extern const Dialect kOtel;
extern const Dialect kPlain;
extern const Dialect kPydantic;
extern const Dialect kTraceloop;
extern const Dialect kVercel;

// The operation that a span name of plain instrumentation ("agent.run", "llm.call")
// stands for; kOther when it is none of them.
model::Op OpOfPlainName(std::string_view span_name);

}  // namespace ao::semconv
