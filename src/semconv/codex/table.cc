#include "semconv/table.h"

// Codex CLI: events of its sessions.

namespace ao::semconv {
namespace {

constexpr Row kRows[] = {
    {"conversation.id", Field::kSession, 60},
    {"input_token_count", Field::kInputTokens, 65, Convert::kInteger},
    {"output_token_count", Field::kOutputTokens, 65, Convert::kInteger},
    {"cached_token_count", Field::kCacheRead, 65, Convert::kInteger},
    {"reasoning_token_count", Field::kReasoning, 65, Convert::kInteger},
};

constexpr ScopeRow kScopes[] = {
    {"codex"},
};

}  // namespace

const Dialect kCodex{model::Dialect::kCodex, kRows, {}, {}, kScopes};

}  // namespace ao::semconv
