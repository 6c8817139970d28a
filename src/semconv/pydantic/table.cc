#include "semconv/table.h"

// Pydantic AI (instrumentation versions 1 to 6) and Logfire. A pending span stands for one that is
// still open, its parent, and means nothing by itself.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kSpanTypes[] = {
    {"pending_span", Op::kOther},
};

constexpr Row kRows[] = {
    {"logfire.span_type", Field::kOp, 1, Convert::kOp, kSpanTypes},
    {"agent_name", Field::kAgentName, 30},
    {"model_name", Field::kModelRequested, 50},
    {"pydantic_ai.all_messages", Field::kInputMessages, 75, Convert::kJson},
    {"pydantic_ai.all_messages", Field::kInputText, 76, Convert::kJson},
    {"all_messages_events", Field::kInputMessages, 76, Convert::kJson},
    {"all_messages_events", Field::kInputText, 77, Convert::kJson},
    {"events", Field::kInputMessages, 77, Convert::kJson},
    {"final_result", Field::kOutputText, 60, Convert::kJson},
    {"operation.cost", Field::kCost, 40, Convert::kNumber},
    {"tool_arguments", Field::kToolArguments, 41, Convert::kJson},
    {"tool_response", Field::kToolResult, 41, Convert::kJson},
    {"logfire.msg", Field::kIgnored, 0},
    {"logfire.msg_template", Field::kIgnored, 0},
    {"logfire.json_schema", Field::kIgnored, 0},
    {"logfire.level_num", Field::kIgnored, 0},
    {"logfire.tags", Field::kIgnored, 0},
    {"logfire.pending_parent_id", Field::kIgnored, 0},
    {"logfire.metrics", Field::kIgnored, 0},
    {"model_request_parameters", Field::kIgnored, 0},
    {"gen_ai.agent.call.id", Field::kIgnored, 0},
    {"pydantic_ai.new_message_index", Field::kIgnored, 0},
    {"pydantic_ai.variable_instructions", Field::kIgnored, 0},
};

constexpr NameRow kNames[] = {
    {"agent run", Op::kAgent},    {"running tool", Op::kTool}, {"running tool: ", Op::kTool},
    {"running tools", Op::kStep}, {"running ", Op::kStep},
};

constexpr ScopeRow kScopes[] = {
    {"pydantic-ai"},
    {"logfire"},
};

}  // namespace

const Dialect kPydantic{model::Dialect::kPydantic, kRows, {}, kNames, kScopes};

}  // namespace ao::semconv
