#include "semconv/table.h"

// Langfuse SDKs (OpenTelemetry based). Its keys win over all others, because users set them by
// hand. The types "span" and "event" say nothing and leave the word to the other keys.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kTypes[] = {
    {"agent", Op::kAgent},         {"chain", Op::kStep},          {"generation", Op::kLlm},
    {"tool", Op::kTool},           {"retriever", Op::kRetrieval}, {"embedding", Op::kEmbedding},
    {"guardrail", Op::kGuardrail}, {"evaluator", Op::kEvaluator},
};

constexpr Row kRows[] = {
    {"langfuse.observation.type", Field::kOp, 10, Convert::kOp, kTypes},
    {"langfuse.observation.model.name", Field::kModelRequested, 5},
    {"langfuse.observation.input", Field::kInputMessages, 5, Convert::kJson},
    {"langfuse.observation.input", Field::kInputText, 5, Convert::kJson},
    {"langfuse.observation.output", Field::kOutputMessages, 5, Convert::kJson},
    {"langfuse.observation.output", Field::kOutputText, 5, Convert::kJson},
    {"langfuse.trace.input", Field::kInputText, 90, Convert::kJson},
    {"langfuse.trace.output", Field::kOutputText, 90, Convert::kJson},
    {"langfuse.observation.completion_start_time", Field::kTimeToFirstToken, 5, Convert::kIsoTime},
    {"langfuse.observation.usage_details", Field::kInputTokens, 5, Convert::kUsage},
    {"langfuse.observation.cost_details", Field::kCost, 10, Convert::kCost},
    {"langfuse.observation.prompt.name", Field::kPromptName, 5},
    {"langfuse.observation.prompt.version", Field::kPromptVersion, 5},
    {"langfuse.session.id", Field::kSession, 10},
    {"langfuse.user.id", Field::kUser, 10},
};

}  // namespace

const Dialect kLangfuse{kRows};

}  // namespace ao::semconv
