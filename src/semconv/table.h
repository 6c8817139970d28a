#pragma once

#include <cstdint>
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
};
constexpr size_t kFieldCount = static_cast<size_t>(Field::kParseError) + 1;

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
  kCost,       // a JSON object of costs
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

// Flattened lists: `<prefix><index>.<rest>`.
enum class ListKind : uint8_t { kInput, kOutput, kDocuments };
struct PrefixRow {
  std::string_view prefix;
  ListKind kind;
  uint8_t rank;
};

struct Dialect {
  std::span<const Row> rows;
  std::span<const PrefixRow> prefixes = {};
};

extern const Dialect kOtel;
extern const Dialect kOpenInference;
extern const Dialect kTraceloop;
extern const Dialect kVercel;
extern const Dialect kLangfuse;
extern const Dialect kPlain;

// The operation that a span name of section-1 style instrumentation ("agent.run", "llm.call")
// stands for; kOther when it is none of them.
model::Op OpOfPlainName(std::string_view span_name);

}  // namespace ao::semconv
