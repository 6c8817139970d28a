#include "semconv/table.h"

// LangSmith over OpenTelemetry: its own keys beside gen_ai.*, with whole JSON documents as prompt
// and completion. langsmith.trace.session_id is the project, not a conversation.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kKinds[] = {
    {"llm", Op::kLlm},
    {"chain", Op::kStep},
    {"tool", Op::kTool},
    {"retriever", Op::kRetrieval},
    {"embedding", Op::kEmbedding},
    {"prompt", Op::kStep},
    {"parser", Op::kStep},
};

constexpr Row kRows[] = {
    {"langsmith.span.kind", Field::kOp, 25, Convert::kOp, kKinds},
    {"langsmith.metadata.ls_provider", Field::kProvider, 5},
    {"langsmith.metadata.ls_model_name", Field::kModelRequested, 50},
    {"langsmith.metadata.lc_agent_name", Field::kAgentName, 50},
    {"langsmith.metadata.usage_metadata", Field::kInputTokens, 60, Convert::kUsageSum},
    {"gen_ai.usage.input_token_details", Field::kCacheRead, 40, Convert::kUsageSum},
    {"gen_ai.usage.output_token_details", Field::kReasoning, 40, Convert::kUsageSum},
    {"langsmith.metadata.thread_id", Field::kSession, 45},
    {"langsmith.metadata.session_id", Field::kSession, 46},
    {"langsmith.metadata.conversation_id", Field::kSession, 47},
    {"langsmith.metadata.user_id", Field::kUser, 45},
    {"langsmith.span.tags", Field::kIgnored, 0},
    {"langsmith.request.streaming", Field::kIgnored, 0},
    {"langsmith.request.headers", Field::kIgnored, 0},
    {"gen_ai.serialized.name", Field::kIgnored, 0},
    {"gen_ai.serialized.signature", Field::kIgnored, 0},
    {"gen_ai.serialized.doc", Field::kIgnored, 0},
};

constexpr PrefixRow kPrefixes[] = {
    {"langsmith.metadata.", ListKind::kIgnored, 0},
    {"langsmith.trace.", ListKind::kIgnored, 0},
    {"langsmith.span.", ListKind::kIgnored, 0},
};

constexpr ScopeRow kScopes[] = {
    {"langsmith"},
};

}  // namespace

const Dialect kLangSmith{model::Dialect::kLangSmith, kRows, kPrefixes, {}, kScopes};

}  // namespace ao::semconv
