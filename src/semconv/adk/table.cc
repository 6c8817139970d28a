#include "semconv/table.h"

// Google ADK: JSON documents of requests and answers in attributes of its own. "invocation" is the
// whole request; merged tools is a span about several calls, not a call.

namespace ao::semconv {
namespace {

using model::Op;

constexpr Row kRows[] = {
    {"gcp.vertex.agent.llm_request", Field::kInputMessages, 35, Convert::kJson},
    {"gcp.vertex.agent.llm_request", Field::kInputText, 35, Convert::kJson},
    {"gcp.vertex.agent.llm_response", Field::kOutputMessages, 35, Convert::kJson},
    {"gcp.vertex.agent.llm_response", Field::kOutputText, 35, Convert::kJson},
    {"gcp.vertex.agent.tool_call_args", Field::kToolArguments, 30, Convert::kJson},
    {"gcp.vertex.agent.tool_response", Field::kToolResult, 30, Convert::kJson},
    {"gcp.vertex.agent.session_id", Field::kSession, 40},
    {"gcp.vertex.agent.data", Field::kInputText, 70, Convert::kJson},
    {"gcp.vertex.agent.invocation_id", Field::kIgnored, 0},
    {"gcp.vertex.agent.event_id", Field::kIgnored, 0},
};

constexpr NameRow kNames[] = {
    {"invocation", Op::kWorkflow},
    {"agent_run [", Op::kAgent},
    {"agent_run", Op::kAgent},
    {"call_llm", Op::kLlm},
    {"execute_tool (merged tools)", Op::kStep},
    {"execute_tool ", Op::kTool},
    {"send_data", Op::kStep},
};

constexpr ScopeRow kScopes[] = {
    {"gcp.vertex.agent"},
};

}  // namespace

const Dialect kAdk{model::Dialect::kAdk, kRows, {}, kNames, kScopes};

}  // namespace ao::semconv
