#include "semconv/table.h"

// Codex CLI: events of its sessions.

namespace ao::semconv {
namespace {

using model::Op;

constexpr Row kRows[] = {
    {"conversation.id", Field::kSession, 60},
    {"input_token_count", Field::kInputTokens, 65, Convert::kInteger},
    {"output_token_count", Field::kOutputTokens, 65, Convert::kInteger},
    {"cached_token_count", Field::kCacheRead, 65, Convert::kInteger},
    {"cache_write_token_count", Field::kCacheWrite, 65, Convert::kInteger},
    {"call_id", Field::kToolCallId, 45},
    {"arguments", Field::kToolArguments, 47, Convert::kJson},
    {"reasoning_token_count", Field::kReasoning, 65, Convert::kInteger},
};

constexpr NameRow kNames[] = {
    {"codex.session", Op::kAgent},
    {"codex.turn", Op::kStep},
    {"codex.llm_request", Op::kLlm},
    {"codex.tool", Op::kTool},
};

constexpr ScopeRow kScopes[] = {
    {"codex"},
};

}  // namespace

const Dialect kCodex{model::Dialect::kCodex, kRows, {}, kNames, kScopes};

}  // namespace ao::semconv
