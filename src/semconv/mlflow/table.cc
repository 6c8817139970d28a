#include "semconv/table.h"

// MLflow: every value is JSON, texts too.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kTypes[] = {
    {"AGENT", Op::kAgent},
    {"CHAIN", Op::kStep},
    {"WORKFLOW", Op::kWorkflow},
    {"TASK", Op::kStep},
    {"LLM", Op::kLlm},
    {"CHAT_MODEL", Op::kLlm},
    {"TOOL", Op::kTool},
    {"RETRIEVER", Op::kRetrieval},
    {"EMBEDDING", Op::kEmbedding},
    {"RERANKER", Op::kRerank},
    {"PARSER", Op::kStep},
    {"MEMORY", Op::kStep},
    {"GUARDRAIL", Op::kGuardrail},
    {"EVALUATOR", Op::kEvaluator},
};

constexpr Row kRows[] = {
    {"mlflow.spanType", Field::kOp, 26, Convert::kOp, kTypes},
    {"mlflow.spanInputs", Field::kInputMessages, 40, Convert::kJson},
    {"mlflow.spanInputs", Field::kInputText, 30, Convert::kJson},
    {"mlflow.spanOutputs", Field::kOutputMessages, 40, Convert::kJson},
    {"mlflow.spanOutputs", Field::kOutputText, 30, Convert::kJson},
    {"mlflow.spanOutputs", Field::kRetrievalCount, 60, Convert::kDocuments},
    {"mlflow.spanOutputs", Field::kServiceTier, 46, Convert::kBilling},
    {"mlflow.chat.tokenUsage", Field::kInputTokens, 25, Convert::kUsageSum},
    {"mlflow.llm.cost", Field::kCost, 25, Convert::kCost},
    {"mlflow.llm.model", Field::kModelRequested, 55, Convert::kQuoted},
    {"mlflow.llm.provider", Field::kProvider, 45, Convert::kQuoted},
    {"mlflow.trace.session", Field::kSession, 35, Convert::kQuoted},
    {"mlflow.trace.user", Field::kUser, 35, Convert::kQuoted},
    {"mlflow.traceRequestId", Field::kIgnored, 0},
    {"mlflow.spanLogLevel", Field::kIgnored, 0},
    {"mlflow.spanFunctionName", Field::kIgnored, 0},
    {"mlflow.chat.tools", Field::kIgnored, 0},
    {"mlflow.linkedPrompts", Field::kIgnored, 0},
    {"mlflow.experimentId", Field::kIgnored, 0},
    {"mlflow.traceName", Field::kIgnored, 0},
    {"mlflow.trace.tokenUsage", Field::kIgnored, 0},
};

constexpr PrefixRow kPrefixes[] = {
    {"mlflow.traceTag.", ListKind::kIgnored, 0},
};

constexpr ScopeRow kScopes[] = {
    {"mlflow"},
};

}  // namespace

const Dialect kMlflow{model::Dialect::kMlflow, kRows, kPrefixes, {}, kScopes};

}  // namespace ao::semconv
