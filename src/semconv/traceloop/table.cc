#include "semconv/table.h"

// OpenLLMetry (Traceloop) conventions, besides the gen_ai.* keys that it shares with OpenTelemetry.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kKinds[] = {
    {"workflow", Op::kWorkflow},
    {"task", Op::kStep},
    {"agent", Op::kAgent},
    {"tool", Op::kTool},
};
constexpr OpValue kRequestTypes[] = {
    {"chat", Op::kLlm},
    {"completion", Op::kLlm},
    {"embedding", Op::kEmbedding},
    {"rerank", Op::kRerank},
};

constexpr Row kRows[] = {
    {"traceloop.span.kind", Field::kOp, 40, Convert::kOp, kKinds},
    {"llm.request.type", Field::kOp, 45, Convert::kOp, kRequestTypes},
    {"traceloop.entity.name", Field::kEntityName, 10},
    {"traceloop.entity.input", Field::kInputText, 40, Convert::kJson},
    {"traceloop.entity.output", Field::kOutputText, 40, Convert::kJson},
    {"llm.usage.prompt_tokens", Field::kInputTokens, 40, Convert::kInteger},
    {"llm.usage.completion_tokens", Field::kOutputTokens, 40, Convert::kInteger},
    {"llm.usage.total_tokens", Field::kTotalTokens, 40, Convert::kInteger},
    {"gen_ai.usage.cache_read_input_tokens", Field::kCacheRead, 15, Convert::kInteger},
    {"gen_ai.usage.cache_creation_input_tokens", Field::kCacheWrite, 15, Convert::kInteger},
    {"gen_ai.usage.reasoning_tokens", Field::kReasoning, 15, Convert::kInteger},
    {"llm.response.finish_reason", Field::kFinishReason, 40, Convert::kFirst},
    {"llm.response.stop_reason", Field::kFinishReason, 41, Convert::kFirst},
    {"gen_ai.completion.0.finish_reason", Field::kFinishReason, 42, Convert::kFirst},
    {"traceloop.association.properties.session_id", Field::kSession, 40},
    {"traceloop.association.properties.thread_id", Field::kSession, 41},
    {"traceloop.association.properties.chat_id", Field::kSession, 42},
    {"traceloop.association.properties.user_id", Field::kUser, 40},
    {"llm.user", Field::kUser, 50},
    {"traceloop.prompt.key", Field::kPromptName, 20},
    {"traceloop.workflow.name", Field::kIgnored, 0},
    {"traceloop.entity.path", Field::kIgnored, 0},
    {"traceloop.entity.version", Field::kIgnored, 0},
    {"llm.is_streaming", Field::kIgnored, 0},
    {"gen_ai.is_streaming", Field::kIgnored, 0},
    {"db.vector.query.top_k", Field::kIgnored, 0},
    {"traceloop.prompt.version", Field::kPromptVersion, 20},
};

constexpr PrefixRow kPrefixes[] = {
    {"gen_ai.prompt.", ListKind::kInput, 45},
    {"gen_ai.completion.", ListKind::kOutput, 45},
    {"llm.request.functions.", ListKind::kIgnored, 0},
    {"traceloop.association.properties.", ListKind::kIgnored, 0},
    {"traceloop.prompt.", ListKind::kIgnored, 0},
};

constexpr ScopeRow kScopes[] = {{"@traceloop/"}};

}  // namespace

const Dialect kTraceloop{model::Dialect::kTraceloop, kRows, kPrefixes, {}, kScopes};

}  // namespace ao::semconv
