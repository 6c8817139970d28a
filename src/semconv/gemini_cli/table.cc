#include "semconv/table.h"

// Gemini CLI: events of its sessions.

namespace ao::semconv {
namespace {

using model::Op;

constexpr Row kRows[] = {
    {"input_token_count", Field::kInputTokens, 66, Convert::kInteger},
    {"output_token_count", Field::kOutputTokens, 66, Convert::kInteger},
    {"cached_content_token_count", Field::kCacheRead, 66, Convert::kInteger},
    {"thoughts_token_count", Field::kReasoning, 66, Convert::kInteger},
    {"total_token_count", Field::kTotalTokens, 66, Convert::kInteger},
    {"response_text", Field::kOutputText, 66, Convert::kJson},
    {"finish_reasons", Field::kFinishReason, 55, Convert::kFirst},
    {"function_name", Field::kToolName, 45},
    {"function_args", Field::kToolArguments, 46, Convert::kJson},
};

constexpr NameRow kNames[] = {
    {"gemini_cli.turn", Op::kAgent},
    {"gemini_cli.llm_request", Op::kLlm},
    {"gemini_cli.tool", Op::kTool},
};

constexpr ScopeRow kScopes[] = {
    {"gemini_cli", false, true},
    {"gemini-cli", false, true},
};

}  // namespace

const Dialect kGeminiCli{model::Dialect::kGeminiCli, kRows, {}, kNames, kScopes};

}  // namespace ao::semconv
