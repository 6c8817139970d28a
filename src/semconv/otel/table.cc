#include "semconv/table.h"

// OpenTelemetry GenAI semantic conventions, from 1.26 to the development head, and MCP.

namespace ao::semconv {
namespace {

using model::Op;

constexpr OpValue kOperations[] = {
    {"chat", Op::kLlm},
    {"text_completion", Op::kLlm},
    {"generate_content", Op::kLlm},
    {"fetch_response", Op::kLlm},
    {"chat.completions", Op::kLlm},
    {"completion", Op::kLlm},
    {"responses", Op::kLlm},
    {"llm_call", Op::kLlm},
    {"embeddings", Op::kEmbedding},
    {"retrieval", Op::kRetrieval},
    {"search_memory", Op::kRetrieval},
    {"rerank", Op::kRerank},
    {"invoke_agent", Op::kAgent},
    {"agent_call", Op::kAgent},
    {"create_agent", Op::kStep},
    {"invoke_workflow", Op::kWorkflow},
    {"agent_step", Op::kStep},
    {"execute_tool", Op::kTool},
    {"tool_call", Op::kTool},
    {"plan", Op::kPlan},
    {"handoff", Op::kDelegate},
};
constexpr OpValue kMcpMethods[] = {{"tools/call", Op::kTool}};
constexpr OpValue kVectorDatabases[] = {
    {"chroma", Op::kRetrieval},  {"chromadb", Op::kRetrieval}, {"pinecone", Op::kRetrieval},
    {"qdrant", Op::kRetrieval},  {"weaviate", Op::kRetrieval}, {"milvus", Op::kRetrieval},
    {"lancedb", Op::kRetrieval}, {"marqo", Op::kRetrieval},    {"pgvector", Op::kRetrieval},
};

constexpr Row kRows[] = {
    {"gen_ai.operation.name", Field::kOp, 30, Convert::kOp, kOperations},
    {"mcp.method.name", Field::kOp, 60, Convert::kOp, kMcpMethods},
    {"db.system", Field::kOp, 70, Convert::kOp, kVectorDatabases},
    {"db.system.name", Field::kOp, 70, Convert::kOp, kVectorDatabases},
    {"gen_ai.agent.name", Field::kAgentName, 10},
    {"gen_ai.workflow.name", Field::kAgentName, 80},
    {"gen_ai.provider.name", Field::kProvider, 10},
    {"gen_ai.system", Field::kProvider, 20},
    {"gen_ai.request.model", Field::kModelRequested, 10},
    {"gen_ai.response.model", Field::kModelAnswered, 10},
    {"gen_ai.response.id", Field::kResponseId, 10},
    {"gen_ai.response.finish_reasons", Field::kFinishReason, 10, Convert::kFirst},
    {"gen_ai.response.finish_reason", Field::kFinishReason, 20, Convert::kFirst},
    {"gen_ai.response.time_to_first_chunk", Field::kTimeToFirstToken, 10, Convert::kSeconds},
    {"gen_ai.client.operation.time_to_first_chunk", Field::kTimeToFirstToken, 15,
     Convert::kSeconds},
    {"gen_ai.server.time_to_first_token", Field::kTimeToFirstToken, 16, Convert::kSeconds},
    {"error.type", Field::kErrorType, 10},
    {"gen_ai.input.messages", Field::kInputMessages, 60, Convert::kJson},
    {"gen_ai.input.messages", Field::kInputText, 80, Convert::kJson},
    {"gen_ai.output.messages", Field::kOutputMessages, 60, Convert::kJson},
    {"gen_ai.output.messages", Field::kOutputText, 80, Convert::kJson},
    {"gen_ai.prompt", Field::kInputMessages, 70, Convert::kJson},
    {"gen_ai.prompt", Field::kInputText, 82, Convert::kJson},
    {"gen_ai.completion", Field::kOutputMessages, 70, Convert::kJson},
    {"gen_ai.completion", Field::kOutputText, 82, Convert::kJson},
    {"gen_ai.tool.name", Field::kToolName, 10},
    {"gen_ai.tool.call.id", Field::kToolCallId, 10},
    {"gen_ai.tool.call.arguments", Field::kToolArguments, 10, Convert::kJson},
    {"gen_ai.tool.call.result", Field::kToolResult, 10, Convert::kJson},
    {"gen_ai.retrieval.query.text", Field::kInputText, 42, Convert::kJson},
    {"gen_ai.retrieval.documents", Field::kRetrievalCount, 20, Convert::kDocuments},
    {"gen_ai.conversation.id", Field::kSession, 30},
    {"session.id", Field::kSession, 20},
    {"user.id", Field::kUser, 20},
    {"enduser.id", Field::kUser, 30},
    {"gen_ai.user", Field::kUser, 51},
    {"gen_ai.prompt.name", Field::kPromptName, 10},
    {"gen_ai.prompt.version", Field::kPromptVersion, 10},
    {"gen_ai.usage.input_tokens", Field::kInputTokens, 10, Convert::kInteger},
    {"gen_ai.usage.prompt_tokens", Field::kInputTokens, 20, Convert::kInteger},
    {"gen_ai.response.prompt_tokens", Field::kInputTokens, 21, Convert::kInteger},
    {"gen_ai.aggregated_usage.input_tokens", Field::kInputTokens, 90, Convert::kInteger},
    {"gen_ai.usage.output_tokens", Field::kOutputTokens, 10, Convert::kInteger},
    {"gen_ai.usage.completion_tokens", Field::kOutputTokens, 20, Convert::kInteger},
    {"gen_ai.response.completion_tokens", Field::kOutputTokens, 21, Convert::kInteger},
    {"gen_ai.aggregated_usage.output_tokens", Field::kOutputTokens, 90, Convert::kInteger},
    {"gen_ai.usage.total_tokens", Field::kTotalTokens, 10, Convert::kInteger},
    {"gen_ai.usage.cache_read.input_tokens", Field::kCacheRead, 10, Convert::kInteger},
    {"gen_ai.usage.details.cache_read_tokens", Field::kCacheRead, 30, Convert::kInteger},
    {"gen_ai.usage.cache_write.input_tokens", Field::kCacheWrite, 10, Convert::kInteger},
    {"gen_ai.usage.cache_creation.input_tokens", Field::kCacheWrite, 11, Convert::kInteger},
    {"gen_ai.usage.details.cache_write_tokens", Field::kCacheWrite, 30, Convert::kInteger},
    {"gen_ai.usage.reasoning.output_tokens", Field::kReasoning, 10, Convert::kInteger},
    {"gen_ai.usage.details.reasoning_tokens", Field::kReasoning, 30, Convert::kInteger},
    {"gen_ai.usage.cache_write_1h.input_tokens", Field::kCacheWrite1h, 10, Convert::kInteger},
    {"gen_ai.usage.details.cache_write_1h_tokens", Field::kCacheWrite1h, 30, Convert::kInteger},
    {"gen_ai.usage.details.ephemeral_1h_input_tokens", Field::kCacheWrite1h, 31, Convert::kInteger},
    {"gen_ai.usage.audio.input_tokens", Field::kInputAudio, 10, Convert::kInteger},
    {"gen_ai.usage.details.input_audio_tokens", Field::kInputAudio, 30, Convert::kInteger},
    {"gen_ai.usage.audio.output_tokens", Field::kOutputAudio, 10, Convert::kInteger},
    {"gen_ai.usage.details.output_audio_tokens", Field::kOutputAudio, 30, Convert::kInteger},
    {"gen_ai.usage.web_searches", Field::kWebSearches, 10, Convert::kInteger},
    {"gen_ai.usage.details.web_search_requests", Field::kWebSearches, 30, Convert::kInteger},
    {"gen_ai.openai.response.service_tier", Field::kServiceTier, 10},
    {"openai.response.service_tier", Field::kServiceTier, 11},
    {"gen_ai.response.service_tier", Field::kServiceTier, 12},
    {"gen_ai.openai.request.service_tier", Field::kServiceTier, 20},
    {"openai.request.service_tier", Field::kServiceTier, 21},
    {"gen_ai.request.service_tier", Field::kServiceTier, 22},
    {"gen_ai.usage.cost", Field::kCost, 20, Convert::kNumber},
};

}  // namespace

const Dialect kOtel{kRows};

}  // namespace ao::semconv
