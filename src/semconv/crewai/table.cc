#include "semconv/table.h"

// CrewAI, as OpenLLMetry and OpenInference see it. Crews and tasks say invoke_agent as well; they
// are workflows and steps.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kCrew[] = {
    {"", Op::kWorkflow},
};
constexpr OpValue kTask[] = {
    {"", Op::kStep},
};

constexpr Row kRows[] = {
    {"crewai.crew.id", Field::kOp, 28, Convert::kPresent, kCrew},
    {"crewai.task.id", Field::kOp, 28, Convert::kPresent, kTask},
    {"crewai.agent.role", Field::kAgentRole, 20},
    {"agent_role", Field::kAgentRole, 30},
    {"crewai.agent.llm", Field::kModelRequested, 70},
    {"crewai.crew.name", Field::kAgentName, 85},
    {"crewai.crew.result", Field::kOutputText, 62, Convert::kJson},
    {"crewai.task.description", Field::kInputText, 62, Convert::kJson},
    {"crewai.crew.token_usage", Field::kInputTokens, 92, Convert::kUsageSum},
    {"crew_key", Field::kIgnored, 0},
    {"crew_id", Field::kIgnored, 0},
    {"crew_inputs", Field::kIgnored, 0},
    {"crew_agents", Field::kIgnored, 0},
    {"crew_tasks", Field::kIgnored, 0},
    {"task_key", Field::kIgnored, 0},
    {"task_id", Field::kIgnored, 0},
    {"task_name", Field::kIgnored, 0},
    {"kickoff_id", Field::kIgnored, 0},
    {"flow_id", Field::kIgnored, 0},
};

constexpr PrefixRow kPrefixes[] = {
    {"crewai.", ListKind::kIgnored, 0},
};

constexpr NameRow kNames[] = {
    {"crewai.workflow", Op::kWorkflow},
};

}  // namespace

const Dialect kCrewAi{model::Dialect::kCrewAi, kRows, kPrefixes, kNames};

}  // namespace ao::semconv
