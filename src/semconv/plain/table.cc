#include "semconv/table.h"

// The plain names that a team writing its own spans uses (agent.run, llm.call, tool.call), the
// attributes that this project defines.

namespace ao::semconv {
namespace {

using model::Op;

constexpr Row kRows[] = {
    {"agent.role", Field::kAgentRole, 10},
    {"agent.child.name", Field::kChildAgent, 10},
    {"llm.model", Field::kModelRequested, 40},
    {"llm.tokens", Field::kTotalTokens, 60, Convert::kInteger},
    {"tool.arguments", Field::kToolArguments, 40, Convert::kJson},
    {"tool.result", Field::kToolResult, 40, Convert::kJson},
    {"result.preview", Field::kOutputText, 70, Convert::kJson},
    {"user.input", Field::kInputText, 55, Convert::kJson},
    {"input", Field::kInputText, 50, Convert::kJson},
    {"output", Field::kOutputText, 50, Convert::kJson},
    {"agent.query_type", Field::kQueryType, 10},
    {"agent.outcome", Field::kOutcome, 10},
    {"agent.fallback", Field::kFallback, 10, Convert::kFlag},
    {"agent.parse_error", Field::kParseError, 10, Convert::kFlag},
    {"agent.task.id", Field::kIgnored, 0},
    {"agent.steps", Field::kIgnored, 0},
    {"agent.critical", Field::kIgnored, 0},
    {"retrieval.query", Field::kInputText, 43, Convert::kJson},
    {"retrieval.document_count", Field::kRetrievalCount, 10, Convert::kInteger},
    {"retrieval.top_score", Field::kRetrievalTopScore, 10, Convert::kNumber},
    {"retrieval.documents", Field::kRetrievalCount, 20, Convert::kDocuments},
};

constexpr PrefixRow kPrefixes[] = {{"kwarg.", ListKind::kIgnored, 0}};

constexpr NameRow kNames[] = {
    {"agent.run", Op::kAgent},
    {"agent.execute", Op::kAgent},
    {"agent.delegate.", Op::kDelegate},
    {"agent.delegate", Op::kDelegate},
    {"agent.plan", Op::kPlan},
    {"agent.synthesize", Op::kStep},
    {"agent.consume", Op::kStep},
    {"agent.step", Op::kStep},
    {"llm.call", Op::kLlm},
    {"llm.call.", Op::kLlm},
    {"tool.call", Op::kTool},
    {"tool.call.", Op::kTool},
    {"retrieval", Op::kRetrieval},
    {"retrieval.", Op::kRetrieval},
    {"reasoning.step", Op::kStep},
    {"workflow.run", Op::kWorkflow},
};

}  // namespace

const Dialect kPlain{model::Dialect::kPlain, kRows, kPrefixes, kNames};

model::Op OpOfPlainName(std::string_view span_name) {
  if (span_name.empty() || (span_name[0] != 'a' && span_name[0] != 'l' && span_name[0] != 't' &&
                            span_name[0] != 'r' && span_name[0] != 'w')) {
    return Op::kOther;
  }
  for (const NameRow& row : kNames) {
    if (row.name.back() == '.' ? span_name.starts_with(row.name) : span_name == row.name) {
      return row.op;
    }
  }
  return Op::kOther;
}

}  // namespace ao::semconv
