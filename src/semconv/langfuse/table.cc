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
    {"langfuse.trace.name", Field::kIgnored, 0},
    {"langfuse.trace.tags", Field::kIgnored, 0},
    {"langfuse.trace.public", Field::kIgnored, 0},
    {"langfuse.version", Field::kIgnored, 0},
    {"langfuse.release", Field::kIgnored, 0},
    {"langfuse.environment", Field::kIgnored, 0},
    {"langfuse.observation.level", Field::kIgnored, 0},
    {"langfuse.observation.status_message", Field::kIgnored, 0},
    {"langfuse.observation.model.parameters", Field::kServiceTier, 43, Convert::kBilling},
    {"langfuse.session.id", Field::kSession, 10},
    {"langfuse.user.id", Field::kUser, 10},
};

constexpr PrefixRow kPrefixes[] = {
    {"langfuse.trace.metadata.", ListKind::kIgnored, 0},
    {"langfuse.observation.metadata.", ListKind::kIgnored, 0},
};
constexpr ScopeRow kScopes[] = {{"langfuse-sdk"}};

}  // namespace

const Dialect kLangfuse{model::Dialect::kLangfuse, kRows, kPrefixes, {}, kScopes};

}  // namespace ao::semconv
