#include "semconv/table.h"

// Claude Code: its beta spans, and the events that become spans (semconv/log_spans.h). Its input
// tokens leave out cached ones.

namespace ao::semconv {
namespace {

using model::Op;

constexpr Row kRows[] = {
    {"model", Field::kModelRequested, 60},
    {"cost_usd", Field::kCost, 50, Convert::kNumber},
    {"ttft_ms", Field::kTimeToFirstToken, 30, Convert::kMillis},
    {"request_id", Field::kResponseId, 60},
    {"stop_reason", Field::kFinishReason, 50, Convert::kFirst},
    {"input_tokens", Field::kInputTokens, 60, Convert::kInteger},
    {"output_tokens", Field::kOutputTokens, 60, Convert::kInteger},
    {"cache_read_tokens", Field::kCacheRead, 60, Convert::kInteger},
    {"cache_creation_tokens", Field::kCacheWrite, 60, Convert::kInteger},
    {"user_prompt", Field::kInputText, 64, Convert::kJson},
    {"new_context", Field::kInputText, 65, Convert::kJson},
    {"new_context", Field::kInputMessages, 85, Convert::kJson},
    {"response.model_output", Field::kOutputText, 65, Convert::kJson},
    {"response.model_output", Field::kOutputMessages, 85, Convert::kJson},
    {"tool_name", Field::kToolName, 40},
    {"tool_use_id", Field::kToolCallId, 40},
    {"tool_input", Field::kToolArguments, 45, Convert::kJson},
    {"prompt", Field::kInputText, 66, Convert::kJson},
    {"tool_parameters", Field::kToolArguments, 48, Convert::kJson},
    {"tool.output", Field::kToolResult, 45, Convert::kJson},
    {"user.account_uuid", Field::kUser, 55},
    {"span.type", Field::kIgnored, 0},
    {"interaction.sequence", Field::kIgnored, 0},
    {"user_prompt_length", Field::kIgnored, 0},
    {"prompt.id", Field::kIgnored, 0},
};

constexpr NameRow kNames[] = {
    {"claude_code.interaction", Op::kAgent},
    {"claude_code.llm_request", Op::kLlm},
    {"claude_code.tool", Op::kTool},
    {"claude_code.tool.", Op::kStep},
};

constexpr ScopeRow kScopes[] = {
    {"com.anthropic.claude_code", true},
};

}  // namespace

const Dialect kClaudeCode{model::Dialect::kClaudeCode, kRows, {}, kNames, kScopes};

}  // namespace ao::semconv
