#include "semconv/table.h"

// OpenInference semantic conventions.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kKinds[] = {
    {"AGENT", Op::kAgent},         {"CHAIN", Op::kStep},
    {"PROMPT", Op::kStep},         {"LLM", Op::kLlm},
    {"TOOL", Op::kTool},           {"RETRIEVER", Op::kRetrieval},
    {"EMBEDDING", Op::kEmbedding}, {"RERANKER", Op::kRerank},
    {"GUARDRAIL", Op::kGuardrail}, {"EVALUATOR", Op::kEvaluator},
};

constexpr Row kRows[] = {
    {"openinference.span.kind", Field::kOp, 20, Convert::kOp, kKinds},
    {"agent.name", Field::kAgentName, 20},
    {"graph.node.name", Field::kEntityName, 20},
    {"llm.provider", Field::kProvider, 30},
    {"llm.system", Field::kProvider, 40},
    {"llm.request.model_name", Field::kModelRequested, 20},
    {"llm.model_name", Field::kModelRequested, 30},
    {"embedding.model_name", Field::kModelRequested, 35},
    {"reranker.model_name", Field::kModelRequested, 36},
    {"llm.response.model_name", Field::kModelAnswered, 20},
    {"llm.finish_reason", Field::kFinishReason, 30, Convert::kFirst},
    {"input.value", Field::kInputText, 45, Convert::kJson},
    {"output.value", Field::kOutputText, 45, Convert::kJson},
    {"reranker.query", Field::kInputText, 46, Convert::kJson},
    {"tool.name", Field::kToolName, 20},
    {"tool.id", Field::kToolCallId, 20},
    {"llm.token_count.prompt", Field::kInputTokens, 30, Convert::kInteger},
    {"llm.token_count.completion", Field::kOutputTokens, 30, Convert::kInteger},
    {"llm.token_count.total", Field::kTotalTokens, 30, Convert::kInteger},
    {"llm.token_count.prompt_details.cache_read", Field::kCacheRead, 20, Convert::kInteger},
    {"llm.token_count.prompt_details.cache_input", Field::kCacheRead, 21, Convert::kInteger},
    {"llm.token_count.prompt_details.cache_write", Field::kCacheWrite, 20, Convert::kInteger},
    {"llm.token_count.completion_details.reasoning", Field::kReasoning, 20, Convert::kInteger},
    {"llm.token_count.prompt_details.audio", Field::kInputAudio, 20, Convert::kInteger},
    {"llm.token_count.completion_details.audio", Field::kOutputAudio, 20, Convert::kInteger},
    {"llm.cost.total", Field::kCost, 30, Convert::kNumber},
    {"llm.prompt_template.version", Field::kPromptVersion, 30},
    {"llm.invocation_parameters", Field::kServiceTier, 45, Convert::kBilling},
    {"output.value", Field::kServiceTier, 44, Convert::kBilling},
    {"llm.cost.prompt", Field::kIgnored, 0},
    {"llm.cost.completion", Field::kIgnored, 0},
    {"input.mime_type", Field::kIgnored, 0},
    {"output.mime_type", Field::kIgnored, 0},
    {"tool.description", Field::kIgnored, 0},
    {"tool.parameters", Field::kIgnored, 0},
    {"tool.json_schema", Field::kIgnored, 0},
    {"prompt.id", Field::kPromptName, 30},
};

constexpr PrefixRow kPrefixes[] = {
    {"llm.input_messages.", ListKind::kInput, 50},
    {"llm.output_messages.", ListKind::kOutput, 50},
    {"llm.prompts.", ListKind::kInput, 55},
    {"llm.choices.", ListKind::kOutput, 55},
    {"retrieval.documents.", ListKind::kDocuments, 30},
    {"reranker.output_documents.", ListKind::kDocuments, 31},
    {"reranker.", ListKind::kIgnored, 0},
    {"llm.tools.", ListKind::kIgnored, 0},
    {"llm.prompt_template.", ListKind::kIgnored, 0},
    {"llm.token_count.", ListKind::kIgnored, 0},
    {"llm.cost.", ListKind::kIgnored, 0},
    {"embedding.", ListKind::kIgnored, 0},
};

constexpr ScopeRow kScopes[] = {{"openinference.instrumentation."}, {"@arizeai/openinference"}};

}  // namespace

const Dialect kOpenInference{model::Dialect::kOpenInference, kRows, kPrefixes, {}, kScopes};

}  // namespace ao::semconv
