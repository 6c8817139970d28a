#include "semconv/table.h"

// Semantic Kernel, Agent Framework and AutoGen, besides the gen_ai.* keys that they share with
// OpenTelemetry.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kStep[] = {
    {"", Op::kStep},
};

constexpr Row kRows[] = {
    {"sk.available_functions", Field::kOp, 66, Convert::kPresent, kStep},
    {"executor.id", Field::kIgnored, 0},
    {"edge_group.type", Field::kIgnored, 0},
    {"workflow.id", Field::kIgnored, 0},
    {"workflow.name", Field::kAgentName, 82},
    {"executor.type", Field::kIgnored, 0},
    {"edge_group.id", Field::kIgnored, 0},
    {"edge_group.delivered", Field::kIgnored, 0},
    {"edge_group.delivery_status", Field::kIgnored, 0},
    {"message.source_id", Field::kIgnored, 0},
    {"message.target_id", Field::kIgnored, 0},
    {"message.type", Field::kIgnored, 0},
    {"workflow.definition", Field::kIgnored, 0},
    {"workflow.description", Field::kIgnored, 0},
    {"agent_framework.function.invocation.duration", Field::kIgnored, 0},
    {"recipient_agent_type", Field::kIgnored, 0},
    {"recipient_agent_class", Field::kIgnored, 0},
    {"sender_agent_type", Field::kIgnored, 0},
    {"sender_agent_class", Field::kIgnored, 0},
};

constexpr NameRow kNames[] = {
    {"workflow.run", Op::kWorkflow}, {"workflow.build", Op::kStep},
    {"executor.process", Op::kStep}, {"edge_group.process", Op::kStep},
    {"message.send", Op::kStep},
};

constexpr ScopeRow kScopes[] = {
    {"semantic_kernel"},          {"agent_framework"},  {"autogen"},
    {"Microsoft.SemanticKernel"}, {"Microsoft.Agents"}, {"Experimental.Microsoft"},
};

}  // namespace

const Dialect kMicrosoft{model::Dialect::kMicrosoft, kRows, {}, kNames, kScopes};

}  // namespace ao::semconv
