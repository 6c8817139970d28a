#include "semconv/table.h"

// Vercel AI SDK, the ai.* keys up to v6. From v7 it speaks OpenTelemetry GenAI.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kOperations[] = {
    {"ai.generateText", Op::kAgent},
    {"ai.streamText", Op::kAgent},
    {"ai.generateObject", Op::kStep},
    {"ai.streamObject", Op::kStep},
    {"ai.generateText.doGenerate", Op::kLlm},
    {"ai.streamText.doStream", Op::kLlm},
    {"ai.generateObject.doGenerate", Op::kLlm},
    {"ai.streamObject.doStream", Op::kLlm},
    {"ai.toolCall", Op::kTool},
    {"ai.embed", Op::kEmbedding},
    {"ai.embed.doEmbed", Op::kEmbedding},
    {"ai.embedMany", Op::kEmbedding},
    {"ai.embedMany.doEmbed", Op::kEmbedding},
    {"ai.rerank", Op::kRerank},
    {"ai.rerank.doRerank", Op::kRerank},
};

constexpr Row kRows[] = {
    {"ai.operationId", Field::kOp, 50, Convert::kOp, kOperations},
    {"operation.name", Field::kOp, 52, Convert::kOp, kOperations},
    {"ai.telemetry.functionId", Field::kAgentName, 40},
    {"ai.model.provider", Field::kProvider, 25},
    {"ai.model.id", Field::kModelRequested, 15},
    {"ai.response.model", Field::kModelAnswered, 15},
    {"ai.response.id", Field::kResponseId, 15},
    {"ai.response.finishReason", Field::kFinishReason, 15, Convert::kFirst},
    {"ai.response.msToFirstChunk", Field::kTimeToFirstToken, 20, Convert::kMillis},
    {"ai.prompt.messages", Field::kInputMessages, 20, Convert::kJson},
    {"ai.prompt", Field::kInputText, 20, Convert::kJson},
    {"ai.value", Field::kInputText, 60, Convert::kJson},
    {"ai.response.text", Field::kOutputMessages, 20, Convert::kJson},
    {"ai.response.text", Field::kOutputText, 20, Convert::kJson},
    {"ai.response.object", Field::kOutputMessages, 21, Convert::kJson},
    {"ai.response.object", Field::kOutputText, 21, Convert::kJson},
    {"ai.result.text", Field::kOutputText, 22, Convert::kJson},
    {"ai.response.toolCalls", Field::kOutputMessages, 23, Convert::kJson},
    {"ai.response.toolCalls", Field::kOutputText, 23, Convert::kJson},
    {"ai.toolCall.name", Field::kToolName, 15},
    {"ai.toolCall.id", Field::kToolCallId, 15},
    {"ai.toolCall.args", Field::kToolArguments, 15, Convert::kJson},
    {"ai.toolCall.result", Field::kToolResult, 15, Convert::kJson},
    {"ai.response.providerMetadata", Field::kServiceTier, 40, Convert::kBilling},
    {"ai.usage.inputTokens", Field::kInputTokens, 50, Convert::kInteger},
    {"ai.usage.promptTokens", Field::kInputTokens, 51, Convert::kInteger},
    {"ai.usage.tokens", Field::kInputTokens, 52, Convert::kInteger},
    {"ai.usage.outputTokens", Field::kOutputTokens, 50, Convert::kInteger},
    {"ai.usage.completionTokens", Field::kOutputTokens, 51, Convert::kInteger},
    {"ai.usage.totalTokens", Field::kTotalTokens, 50, Convert::kInteger},
    {"ai.usage.cachedInputTokens", Field::kCacheRead, 50, Convert::kInteger},
    {"ai.usage.inputTokenDetails.cacheReadTokens", Field::kCacheRead, 49, Convert::kInteger},
    {"ai.usage.inputTokenDetails.cacheWriteTokens", Field::kCacheWrite, 49, Convert::kInteger},
    {"ai.usage.reasoningTokens", Field::kReasoning, 50, Convert::kInteger},
    {"ai.usage.outputTokenDetails.reasoningTokens", Field::kReasoning, 49, Convert::kInteger},
    {"ai.telemetry.metadata.sessionId", Field::kSession, 50},
    {"ai.telemetry.metadata.userId", Field::kUser, 60},
    {"ai.values", Field::kInputText, 61, Convert::kJson},
    {"ai.response.reasoning", Field::kIgnored, 0},
    {"ai.schema", Field::kIgnored, 0},
    {"resource.name", Field::kIgnored, 0},
};

constexpr PrefixRow kPrefixes[] = {
    {"ai.", ListKind::kIgnored, 0},
};
constexpr ScopeRow kScopes[] = {{"ai"}, {"gen_ai"}};

}  // namespace

const Dialect kVercel{model::Dialect::kVercel, kRows, kPrefixes, {}, kScopes};

}  // namespace ao::semconv
