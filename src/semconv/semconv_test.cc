#include <gtest/gtest.h>

#include <cmath>

#include "semconv/aliases.h"
#include "semconv/canonicalize.h"
#include "semconv/registry.h"

namespace ao::semconv {
namespace {

using model::Canonical;
using model::KeyValue;
using model::Op;
using model::Value;

class Canonicalizing : public testing::Test {
 protected:
  Canonical Of(std::vector<KeyValue> attributes, std::string_view name = "span") {
    attributes_ = std::move(attributes);
    span_.attributes = attributes_;
    span_.name = name;
    Canonical out;
    Canonicalize({}, scope_, span_, &arena_, &out);
    return out;
  }
  static KeyValue S(std::string_view key, std::string_view value) {
    return {key, Value::String(value)};
  }
  static KeyValue I(std::string_view key, int64_t value) { return {key, Value::Int(value)}; }
  static KeyValue D(std::string_view key, double value) { return {key, Value::Double(value)}; }

  Arena arena_;
  model::Scope scope_;
  model::Span span_;
  std::vector<KeyValue> attributes_;
};

TEST_F(Canonicalizing, LeavesASpanThatIsNotAboutAgentsAlone) {
  const Canonical c =
      Of({S("http.request.method", "GET"), I("http.response.status_code", 200)}, "GET /users");
  EXPECT_EQ(c.op, Op::kOther);
  EXPECT_TRUE(c.input.empty());
  EXPECT_FALSE(c.input_tokens);
}

TEST_F(Canonicalizing, ReadsCurrentOpenTelemetry) {
  const Value reasons[] = {Value::String("tool_calls")};
  const Canonical c = Of({S("gen_ai.operation.name", "chat"),
                          S("gen_ai.provider.name", "openai"),
                          S("gen_ai.request.model", "gpt-4o"),
                          S("gen_ai.response.model", "gpt-4o-2024-08-06"),
                          S("gen_ai.response.id", "chatcmpl-1"),
                          {"gen_ai.response.finish_reasons", Value::Array(reasons)},
                          I("gen_ai.usage.input_tokens", 100),
                          I("gen_ai.usage.output_tokens", 20),
                          I("gen_ai.usage.cache_read.input_tokens", 60),
                          I("gen_ai.usage.cache_creation.input_tokens", 5),
                          I("gen_ai.usage.reasoning.output_tokens", 7),
                          D("gen_ai.response.time_to_first_chunk", 0.25),
                          S("gen_ai.conversation.id", "c-1"),
                          S("gen_ai.agent.name", "planner"),
                          S("gen_ai.input.messages", "[]"),
                          S("error.type", "timeout")},
                         "chat gpt-4o");
  EXPECT_EQ(c.op, Op::kLlm);
  EXPECT_EQ(c.provider, "openai");
  EXPECT_EQ(c.model_requested, "gpt-4o");
  EXPECT_EQ(c.model_answered, "gpt-4o-2024-08-06");
  EXPECT_EQ(c.response_id, "chatcmpl-1");
  EXPECT_EQ(c.finish_reason, "tool_call");
  EXPECT_EQ(c.input_tokens, 100);
  EXPECT_EQ(c.output_tokens, 20);
  EXPECT_EQ(c.cache_read_tokens, 60);
  EXPECT_EQ(c.cache_write_tokens, 5);
  EXPECT_EQ(c.reasoning_tokens, 7);
  EXPECT_EQ(c.time_to_first_token, 250 * kMillisecond);
  EXPECT_EQ(c.session, "c-1");
  EXPECT_EQ(c.agent_name, "planner");
  EXPECT_EQ(c.input, "[]");
  EXPECT_EQ(c.error_type, "timeout");
}

TEST_F(Canonicalizing, ReadsOpenTelemetryOfFormerVersions) {
  const KeyValue prompt[] = {S("gen_ai.prompt", "[{\"role\":\"user\",\"content\":\"hi\"}]")};
  const model::Event events[] = {{1, "gen_ai.content.prompt", prompt, 0}};
  span_.events = events;
  const Canonical c =
      Of({S("gen_ai.system", "az.ai.openai"), S("gen_ai.operation.name", "chat"),
          I("gen_ai.usage.prompt_tokens", 11), D("gen_ai.usage.completion_tokens", 4.0)});
  EXPECT_EQ(c.provider, "azure.ai.openai");
  EXPECT_EQ(c.input_tokens, 11);
  EXPECT_EQ(c.output_tokens, 4);
  EXPECT_EQ(c.input, "[{\"role\":\"user\",\"content\":\"hi\"}]");
}

TEST_F(Canonicalizing, ReadsStructuredMessages) {
  const KeyValue message[] = {S("role", "user"), S("content", "hi")};
  const Value messages[] = {Value::Map(message)};
  const Canonical c =
      Of({S("gen_ai.operation.name", "chat"), {"gen_ai.input.messages", Value::Array(messages)}});
  EXPECT_EQ(c.input, R"([{"role":"user","content":"hi"}])");
}

TEST_F(Canonicalizing, ReadsToolCallsOfOpenTelemetry) {
  const Canonical c =
      Of({S("gen_ai.operation.name", "execute_tool"), S("gen_ai.tool.call.id", "call_1"),
          S("gen_ai.tool.call.arguments", "{\"id\":1}"), S("gen_ai.tool.call.result", "ok")},
         "execute_tool lookup");
  EXPECT_EQ(c.op, Op::kTool);
  EXPECT_EQ(c.tool_name, "lookup");
  EXPECT_EQ(c.tool_call_id, "call_1");
  EXPECT_EQ(c.tool_arguments, "{\"id\":1}");
  EXPECT_EQ(c.tool_result, "ok");
  EXPECT_EQ(c.input, "{\"id\":1}");
}

TEST_F(Canonicalizing, ReadsOpenInference) {
  const Canonical c =
      Of({S("openinference.span.kind", "LLM"),
          S("llm.provider", "anthropic"),
          S("llm.model_name", "claude-sonnet-4"),
          S("input.value", "opaque"),
          S("llm.input_messages.0.message.role", "system"),
          S("llm.input_messages.0.message.content", "be brief"),
          S("llm.input_messages.1.message.content", "what is due?"),
          S("llm.input_messages.1.message.role", "user"),
          S("llm.input_messages.2.message.role", "assistant"),
          S("llm.input_messages.2.message.content", "thinking"),
          S("llm.output_messages.0.message.role", "assistant"),
          S("llm.output_messages.0.message.tool_calls.0.tool_call.function.name", "lookup"),
          S("llm.output_messages.0.message.tool_calls.0.tool_call.function."
            "arguments",
            "{\"a\":1}"),
          I("llm.token_count.prompt", 9),
          I("llm.token_count.completion", 3),
          I("llm.token_count.total", 12),
          I("llm.token_count.prompt_details.cache_read", 2),
          D("llm.cost.total", 0.5),
          S("session.id", "s"),
          S("user.id", "u")});
  EXPECT_EQ(c.op, Op::kLlm);
  EXPECT_EQ(c.provider, "anthropic");
  EXPECT_EQ(c.model_requested, "claude-sonnet-4");
  EXPECT_EQ(c.input, "what is due?");
  EXPECT_EQ(c.output,
            R"([{"role":"assistant","tool_calls":[{"name":"lookup","arguments":"{\"a\":1}"}]}])");
  EXPECT_EQ(c.input_tokens, 9);
  EXPECT_EQ(c.total_tokens, 12);
  EXPECT_EQ(c.cache_read_tokens, 2);
  EXPECT_EQ(c.cost_usd, 0.5);
  EXPECT_EQ(c.session, "s");
  EXPECT_EQ(c.user, "u");
}

TEST_F(Canonicalizing, PrefersTheOpaqueInputOutsideLlmCalls) {
  const Canonical c = Of({S("openinference.span.kind", "AGENT"), S("input.value", "question"),
                          S("gen_ai.input.messages", "[]"), S("output.value", "answer")},
                         "Agent");
  EXPECT_EQ(c.input, "question");
  EXPECT_EQ(c.output, "answer");
  EXPECT_EQ(c.agent_name, "Agent");
}

TEST_F(Canonicalizing, CountsRetrievedDocuments) {
  Canonical c =
      Of({S("openinference.span.kind", "RETRIEVER"), S("retrieval.documents.0.document.id", "a"),
          D("retrieval.documents.0.document.score", 0.4),
          D("retrieval.documents.1.document.score", 0.9)});
  EXPECT_EQ(c.op, Op::kRetrieval);
  EXPECT_EQ(c.retrieval_count, 2);
  EXPECT_EQ(c.retrieval_top_score, 0.9);
  c = Of({S("gen_ai.operation.name", "retrieval"),
          S("gen_ai.retrieval.documents", R"([{"id":"a","score":0.3},{"id":"b","score":1}])")});
  EXPECT_EQ(c.retrieval_count, 2);
  EXPECT_EQ(c.retrieval_top_score, 1.0);
  c = Of({I("retrieval.document_count", 0), D("retrieval.top_score", 0.1)}, "retrieval.search");
  EXPECT_EQ(c.op, Op::kRetrieval);
  EXPECT_EQ(c.retrieval_count, 0);
  EXPECT_EQ(c.retrieval_top_score, 0.1);
}

TEST_F(Canonicalizing, TakesAChainAtTheRootForTheWorkflow) {
  EXPECT_EQ(Of({S("openinference.span.kind", "CHAIN")}).op, Op::kWorkflow);
  span_.parent_span_id.value = 1;
  EXPECT_EQ(Of({S("openinference.span.kind", "CHAIN")}).op, Op::kStep);
}

TEST_F(Canonicalizing, ReadsTraceloop) {
  Canonical c = Of({S("traceloop.span.kind", "tool"), S("traceloop.entity.name", "search"),
                    S("traceloop.entity.input", "{}"), S("traceloop.entity.output", "[]"),
                    S("traceloop.association.properties.session_id", "s1"),
                    S("traceloop.association.properties.user_id", "u1")},
                   "search.tool");
  EXPECT_EQ(c.op, Op::kTool);
  EXPECT_EQ(c.tool_name, "search");
  EXPECT_EQ(c.tool_arguments, "{}");
  EXPECT_EQ(c.session, "s1");
  EXPECT_EQ(c.user, "u1");
  c = Of({S("llm.request.type", "chat"), S("gen_ai.system", "OpenAI"),
          S("gen_ai.prompt.0.role", "user"), S("gen_ai.prompt.0.content", "hello"),
          S("gen_ai.completion.0.content", "hi"),
          S("gen_ai.completion.0.finish_reason", "end_turn"), I("llm.usage.total_tokens", 8)},
         "openai.chat");
  EXPECT_EQ(c.op, Op::kLlm);
  EXPECT_EQ(c.provider, "openai");
  EXPECT_EQ(c.input, "hello");
  EXPECT_EQ(c.output, "hi");
  EXPECT_EQ(c.finish_reason, "stop");
  EXPECT_EQ(c.total_tokens, 8);
  c = Of({S("traceloop.span.kind", "agent"), S("traceloop.entity.name", "triage")});
  EXPECT_EQ(c.op, Op::kAgent);
  EXPECT_EQ(c.agent_name, "triage");
}

TEST_F(Canonicalizing, ReadsVercel) {
  const Canonical c =
      Of({S("ai.operationId", "ai.generateText.doGenerate"), S("ai.model.id", "gpt-4o"),
          S("ai.model.provider", "openai.chat"), S("ai.prompt.messages", "[1]"),
          S("ai.response.text", "hello"), S("ai.response.finishReason", "tool-calls"),
          I("ai.usage.promptTokens", 5), I("ai.usage.completionTokens", 6),
          D("ai.response.msToFirstChunk", 120.5), S("ai.telemetry.functionId", "assistant"),
          S("ai.telemetry.metadata.sessionId", "s"), S("ai.telemetry.metadata.userId", "u")});
  EXPECT_EQ(c.op, Op::kLlm);
  EXPECT_EQ(c.provider, "openai");
  EXPECT_EQ(c.model_requested, "gpt-4o");
  EXPECT_EQ(c.input, "[1]");
  EXPECT_EQ(c.output, "hello");
  EXPECT_EQ(c.finish_reason, "tool_call");
  EXPECT_EQ(c.input_tokens, 5);
  EXPECT_EQ(c.output_tokens, 6);
  EXPECT_EQ(c.time_to_first_token, 120'500'000);
  EXPECT_EQ(c.agent_name, "assistant");
  EXPECT_EQ(c.session, "s");
  const Canonical tool =
      Of({S("ai.operationId", "ai.toolCall"), S("ai.toolCall.name", "weather"),
          S("ai.toolCall.id", "t1"), S("ai.toolCall.args", "{}"), S("ai.toolCall.result", "7")});
  EXPECT_EQ(tool.op, Op::kTool);
  EXPECT_EQ(tool.tool_name, "weather");
  EXPECT_EQ(tool.tool_result, "7");
}

TEST_F(Canonicalizing, TakesNoModelForTheNameOfAnAgent) {
  const auto agent_of = [this](std::string_view model) {
    return Of({S("gen_ai.operation.name", "invoke_agent"), S("gen_ai.request.model", model)},
              "invoke_agent gpt-4o")
        .agent_name;
  };
  EXPECT_EQ(agent_of("gpt-4o"), "");
  EXPECT_EQ(agent_of("gpt-5"), "gpt-4o");
}

TEST_F(Canonicalizing, ReadsLangfuse) {
  span_.start = 1704067200ull * 1'000'000'000;
  const Canonical c =
      Of({S("langfuse.observation.type", "generation"), S("gen_ai.operation.name", "invoke_agent"),
          S("langfuse.observation.model.name", "gpt-4o"),
          S("langfuse.observation.usage_details",
            R"({"input":10,"input_cached_tokens":30,"output":5,"output_reasoning_tokens":2,)"
            R"("total":47})"),
          S("langfuse.observation.cost_details", R"({"input":0.1,"output":0.2})"),
          S("langfuse.observation.completion_start_time", "\"2024-01-01T00:00:01.500Z\""),
          S("langfuse.observation.input", "in"), S("langfuse.session.id", "s"),
          S("session.id", "other"), S("langfuse.observation.prompt.name", "p"),
          I("langfuse.observation.prompt.version", 3)});
  EXPECT_EQ(c.op, Op::kLlm);
  EXPECT_EQ(c.model_requested, "gpt-4o");
  EXPECT_EQ(c.input_tokens, 40);
  EXPECT_EQ(c.cache_read_tokens, 30);
  EXPECT_EQ(c.output_tokens, 7);
  EXPECT_EQ(c.reasoning_tokens, 2);
  EXPECT_EQ(c.total_tokens, 47);
  EXPECT_NEAR(c.cost_usd.value_or(0), 0.3, 1e-12);
  EXPECT_EQ(c.time_to_first_token, 1'500'000'000);
  EXPECT_EQ(c.input, "in");
  EXPECT_EQ(c.session, "s");
  EXPECT_EQ(c.prompt_name, "p");
  EXPECT_EQ(c.prompt_version, "3");
  EXPECT_EQ(Of({S("langfuse.observation.type", "span"), S("gen_ai.operation.name", "chat")}).op,
            Op::kLlm);
}

TEST_F(Canonicalizing, ReadsPlainNames) {
  Canonical c = Of({S("user.input", "approve?"),
                    S("agent.query_type", "loan"),
                    S("agent.outcome", "approved"),
                    {"agent.fallback", Value::Bool(true)}},
                   "agent.run");
  EXPECT_EQ(c.op, Op::kAgent);
  EXPECT_EQ(c.input, "approve?");
  EXPECT_EQ(c.query_type, "loan");
  EXPECT_EQ(c.outcome, "approved");
  EXPECT_TRUE(c.fallback);
  c = Of({S("llm.model", "gpt-4o"), I("llm.tokens", 42), {"agent.parse_error", Value::Bool(true)}},
         "llm.call");
  EXPECT_EQ(c.op, Op::kLlm);
  EXPECT_EQ(c.model_requested, "gpt-4o");
  EXPECT_EQ(c.total_tokens, 42);
  EXPECT_FALSE(c.input_tokens);
  EXPECT_TRUE(c.parse_error);
  c = Of({S("tool.name", "search"), S("tool.arguments", "{}"), S("result.preview", "found")},
         "tool.call");
  EXPECT_EQ(c.op, Op::kTool);
  EXPECT_EQ(c.tool_name, "search");
  EXPECT_EQ(c.tool_arguments, "{}");
  EXPECT_EQ(c.tool_result, "found");
  EXPECT_EQ(Of({}, "tool.call.search").tool_name, "search");
  c = Of({S("agent.task.type", "x")}, "agent.delegate.underwriter");
  EXPECT_EQ(c.op, Op::kDelegate);
  EXPECT_EQ(c.agent_name, "underwriter");
  c = Of({S("agent.role", "underwriter")}, "agent.execute");
  EXPECT_EQ(c.op, Op::kAgent);
  EXPECT_EQ(c.agent_role, "underwriter");
  EXPECT_EQ(Of({}, "agent.plan").op, Op::kPlan);
  EXPECT_EQ(Of({}, "agent.synthesize").op, Op::kStep);
  EXPECT_EQ(Of({}, "agent.running").op, Op::kOther);
}

TEST_F(Canonicalizing, TakesTheErrorTypeFromTheExceptionOfAFailedSpan) {
  const KeyValue exception[] = {S("exception.type", "ValueError")};
  const model::Event events[] = {{1, "exception", exception, 0}};
  span_.events = events;
  EXPECT_EQ(Of({}).error_type, "");
  span_.status = model::StatusCode::kError;
  EXPECT_EQ(Of({}).error_type, "ValueError");
  EXPECT_EQ(Of({S("error.type", "timeout")}).error_type, "timeout");
}

TEST_F(Canonicalizing, AddsCachedTokensWhereTheEmitterLeftThemOut) {
  EXPECT_EQ(Of({I("gen_ai.usage.input_tokens", 10), I("gen_ai.usage.cache_read.input_tokens", 100)})
                .input_tokens,
            110);
  EXPECT_EQ(
      Of({I("gen_ai.usage.input_tokens", 200), I("gen_ai.usage.cache_read.input_tokens", 100)})
          .input_tokens,
      200);
}

TEST_F(Canonicalizing, IgnoresUsageOfAFetchedResponse) {
  EXPECT_FALSE(
      Of({S("gen_ai.operation.name", "fetch_response"), I("gen_ai.usage.input_tokens", 10)})
          .input_tokens);
}

TEST_F(Canonicalizing, TakesTheLastOfRepeatedKeysAndSkipsWrongKinds) {
  const Canonical c = Of({S("gen_ai.request.model", "a"),
                          S("gen_ai.request.model", "b"),
                          S("gen_ai.usage.input_tokens", "17"),
                          {"gen_ai.usage.output_tokens", Value::Bool(true)},
                          D("llm.token_count.completion", std::nan("")),
                          {"gen_ai.agent.name", Value::Map({})}});
  EXPECT_EQ(c.model_requested, "b");
  EXPECT_EQ(c.input_tokens, 17);
  EXPECT_FALSE(c.output_tokens);
  EXPECT_EQ(c.agent_name, "");
}

TEST(Registry, FindsEveryKeyOfEveryTable) {
  for (const Dialect* dialect : AllDialects()) {
    for (const Row& row : dialect->rows) {
      const auto rows = Registry::Get().Find(row.key).rows;
      ASSERT_FALSE(rows.empty()) << row.key;
      EXPECT_EQ(rows[0].key, row.key);
    }
  }
  for (const std::string_view key : {"", "gen_ai", "gen_ai.request.modem", "x", "zzzz"}) {
    EXPECT_TRUE(Registry::Get().Find(key).rows.empty()) << key;
  }
}

TEST(Aliases, KnowTheSpellingsOfProviders) {
  EXPECT_EQ(CanonicalProvider("Anthropic"), "anthropic");
  EXPECT_EQ(CanonicalProvider("anthropic.messages"), "anthropic");
  EXPECT_EQ(CanonicalProvider("google.vertex.chat"), "gcp.vertex_ai");
  EXPECT_EQ(CanonicalProvider("amazon-bedrock"), "aws.bedrock");
  EXPECT_EQ(CanonicalProvider("homegrown"), "homegrown");
  EXPECT_EQ(CanonicalProvider(""), "");
}

}  // namespace
}  // namespace ao::semconv
