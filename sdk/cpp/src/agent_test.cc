#include "observatory/agent.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "testing.h"

namespace observatory {
namespace {

using testing::Find;
using testing::Fixture;

// The helpers use the global configuration.
struct Global {
  Global() {
    Options options;
    options.service_name = "agents";
    options.transport = transport;
    options.clock = clock;
    options.on_problem = [](std::string_view) {};
    sdk.emplace(configure(std::move(options)));
  }
  ~Global() { sdk->shutdown(std::chrono::milliseconds(0)); }

  std::vector<SpanRecord> Spans() {
    sdk->flush();
    return testing::Spans(transport->bodies(Signal::kTraces));
  }
  const SpanRecord* Span(const std::vector<SpanRecord>& spans, std::string_view name) {
    for (const SpanRecord& span : spans) {
      if (span.name == name) return &span;
    }
    return nullptr;
  }
  // The sum of a counter, or of a histogram, over its last export.
  double Sum(std::string_view metric) {
    sdk->flush();
    double sum = 0;
    for (const std::string& body : transport->bodies(Signal::kMetrics)) {
      for (const testing::Item& item : testing::Items(body)) {
        if (testing::Fields(item.message, 1).at(0) != metric) continue;
        sum = 0;
        for (const uint32_t data : {7u, 9u}) {
          for (const std::string& aggregate : testing::Fields(item.message, data)) {
            for (const std::string& point : testing::Fields(aggregate, 1)) {
              for (detail::FieldReader reader(point); reader.Next();) {
                if (data == 7 && reader.field() == 6) sum += static_cast<double>(reader.number());
                if (data == 9 && reader.field() == 5) sum += reader.as_double();
              }
            }
          }
        }
      }
    }
    return sum;
  }

  std::shared_ptr<testing::FakeTransport> transport = std::make_shared<testing::FakeTransport>();
  std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
  std::optional<Sdk> sdk;
};

ModelReply Search(const std::vector<Message>& conversation) {
  if (conversation.size() < 3) {
    return {.content = "", .tool_calls = {{"c1", "search", R"({"q":"rates"})"}},
            .input_tokens = 100, .output_tokens = 10, .model = "gpt-4o-2024-08-06"};
  }
  return {.content = "4 percent", .input_tokens = 150, .output_tokens = 5,
          .finish_reason = "stop"};
}

TEST(ObservableAgentTest, SpansLogsAndMetricsAgree) {
  Global g;
  std::vector<std::string> lines;
  ObservableAgent agent(
      {.name = "rates", .model = "gpt-4o", .provider = "openai",
       .logger = std::make_shared<StructuredLogger>(
           "agents", [&](std::string_view line) { lines.emplace_back(line); })},
      Search, {{"search", [](const std::string&) { return "rates.html: 4 %"; }}});
  const AgentResult result = agent.run("What is the rate?");
  EXPECT_EQ(result.output, "4 percent");
  EXPECT_EQ(result.steps, 2);
  EXPECT_EQ(result.total_tokens, 265);
  EXPECT_FALSE(result.step_limit_reached);

  const auto spans = g.Spans();
  ASSERT_EQ(spans.size(), 4u);
  const SpanRecord* run = g.Span(spans, "agent.run");
  const SpanRecord* call = g.Span(spans, "llm.call");
  const SpanRecord* tool = g.Span(spans, "tool.call");
  ASSERT_TRUE(run != nullptr && call != nullptr && tool != nullptr);
  EXPECT_EQ(call->parent_span_id, run->span_id);
  EXPECT_EQ(tool->parent_span_id, run->span_id);
  EXPECT_EQ(*run->attribute("user.input"), Value("What is the rate?"));
  EXPECT_EQ(*run->attribute("agent.steps"), Value(2));
  EXPECT_EQ(*run->attribute("llm.tokens"), Value(265));
  EXPECT_EQ(run->status, StatusCode::kOk);
  EXPECT_EQ(*call->attribute("llm.model"), Value("gpt-4o"));
  EXPECT_EQ(*call->attribute("llm.tokens"), Value(110));
  EXPECT_EQ(*call->attribute("gen_ai.usage.input_tokens"), Value(100));
  EXPECT_EQ(*tool->attribute("tool.name"), Value("search"));
  EXPECT_EQ(*tool->attribute("gen_ai.tool.call.arguments"), Value(R"({"q":"rates"})"));

  EXPECT_EQ(g.Sum("agent.tokens.total"), 265);
  EXPECT_EQ(g.Sum("agent.tool_calls.total"), 1);
  EXPECT_EQ(g.Sum("agent.run.steps"), 2);
  EXPECT_EQ(g.Sum("agent.errors.total"), 0);

  int64_t logged = 0;
  for (const testing::LogLine& log : testing::Logs(g.transport->bodies(Signal::kLogs))) {
    if (log.event_name == "llm_call") logged += *log.body.find("total_tokens")->if_int();
  }
  EXPECT_EQ(logged, 265);
  ASSERT_EQ(lines.size(), 4u);
  for (const std::string& line : lines) {
    EXPECT_NE(line.find("\"trace_id\":\"" + run->trace_id.hex() + "\""), std::string::npos) << line;
  }
}

TEST(ObservableAgentTest, StopsAtFifteenSteps) {
  Global g;
  int calls = 0;
  ObservableAgent agent({.name = "looping", .max_steps = 1000},
                        [&](const std::vector<Message>&) {
                          ++calls;
                          return ModelReply{.content = "again", .tool_calls = {{"c", "t", "{}"}}};
                        },
                        {{"t", [](const std::string&) { return "x"; }}});
  const AgentResult result = agent.run("go");
  EXPECT_EQ(calls, 15);
  EXPECT_EQ(result.steps, 15);
  EXPECT_TRUE(result.step_limit_reached);
  EXPECT_EQ(result.output, "again");
}

TEST(ObservableAgentTest, AFailingModelIsRecordedAndThrownOn) {
  Global g;
  ObservableAgent agent({.name = "broken", .model = "m"},
                        [](const std::vector<Message>&) -> ModelReply {
                          throw std::runtime_error("429 too many requests");
                        },
                        {});
  EXPECT_THROW(agent.run("go"), std::runtime_error);
  const auto spans = g.Spans();
  EXPECT_EQ(g.Span(spans, "agent.run")->status, StatusCode::kError);
  EXPECT_EQ(g.Span(spans, "llm.call")->status, StatusCode::kError);
  EXPECT_EQ(*g.Span(spans, "agent.run")->attribute("error.type"), Value("std::runtime_error"));
  EXPECT_EQ(g.Sum("agent.errors.total"), 1);
}

TEST(ObservableAgentTest, AFailingToolIsToldToTheModel) {
  Global g;
  std::string heard;
  ObservableAgent agent({.name = "a"},
                        [&](const std::vector<Message>& conversation) -> ModelReply {
                          heard = conversation.back().content;
                          if (conversation.size() > 2) return {.content = "done"};
                          return {.content = "", .tool_calls = {{"c", "t", "{}"}}};
                        },
                        {{"t", [](const std::string&) -> std::string {
                            throw std::runtime_error("disk is full");
                          }}});
  EXPECT_EQ(agent.run("go").output, "done");
  EXPECT_EQ(heard, "error: disk is full");
  const auto spans = g.Spans();
  EXPECT_EQ(g.Span(spans, "tool.call")->status, StatusCode::kError);
  EXPECT_EQ(g.Sum("agent.errors.total"), 0);
}

TEST(GenAiTest, HierarchyOfAMultiAgentRequest) {
  Global g;
  {
    AgentRun run = agent_run("supervisor", {.input = "Write about tea", .query_type = "essay"});
    { Step step = plan(); }
    {
      Delegation work = delegate("researcher", {.task_type = "research", .task_id = "t1"});
      const auto headers = work.headers();
      {
        // As in another process: nothing is current but what the headers bring.
        Scope elsewhere{Context()};
        Execution execution = execute(
            "researcher", {.task_id = "t1", .parent = Propagator().extract_headers(headers)});
        LlmCall call = llm_call("gpt-4o");
        call.set_response({.output = "Tea is old.", .input_tokens = 10, .output_tokens = 4});
        call.end();
        ToolCall tool = tool_call("search", {.arguments = Value::map({{"q", "tea"}})});
        tool.set_result("found");
        tool.end();
        Retrieval found = retrieval("tea history", {.top_k = 2});
        found.set_documents({{"d1", "v2", "Tea...", 0.4}, {"d2", "v1", "More", 0.9}});
      }
      work.set_status("completed");
    }
    { Step step = synthesize(); }
    run.set_outcome("written");
  }
  const auto spans = g.Spans();
  ASSERT_EQ(spans.size(), 8u);
  const auto parent_of = [&](std::string_view name) {
    const SpanRecord* span = g.Span(spans, name);
    for (const SpanRecord& other : spans) {
      if (other.span_id == span->parent_span_id) return other.name;
    }
    return std::string();
  };
  EXPECT_EQ(parent_of("agent.plan"), "agent.run");
  EXPECT_EQ(parent_of("agent.delegate.researcher"), "agent.run");
  EXPECT_EQ(parent_of("agent.execute"), "agent.delegate.researcher");
  EXPECT_EQ(parent_of("llm.call"), "agent.execute");
  EXPECT_EQ(parent_of("tool.call.search"), "agent.execute");
  EXPECT_EQ(parent_of("retrieval"), "agent.execute");
  EXPECT_EQ(parent_of("agent.synthesize"), "agent.run");
  for (const SpanRecord& span : spans) EXPECT_EQ(span.trace_id, spans[0].trace_id);
  const SpanRecord* work = g.Span(spans, "agent.delegate.researcher");
  EXPECT_EQ(work->kind, SpanKind::kClient);
  EXPECT_EQ(*work->attribute("agent.child.name"), Value("researcher"));
  EXPECT_EQ(*work->attribute("agent.task.type"), Value("research"));
  EXPECT_EQ(*work->attribute("agent.child.status"), Value("completed"));
  const SpanRecord* execution = g.Span(spans, "agent.execute");
  EXPECT_EQ(execution->kind, SpanKind::kServer);
  EXPECT_EQ(*execution->attribute("agent.role"), Value("researcher"));
  EXPECT_EQ(*execution->attribute("agent.task.id"), Value("t1"));
  EXPECT_EQ(*execution->attribute("agent.steps"), Value(1));
  const SpanRecord* found = g.Span(spans, "retrieval");
  EXPECT_EQ(*found->attribute("retrieval.document_count"), Value(2));
  EXPECT_EQ(*found->attribute("retrieval.top_score"), Value(0.9));
  EXPECT_EQ(*found->attribute("retrieval.query"), Value("tea history"));
}

TEST(GenAiTest, FanInLinksEveryMessage) {
  Global g;
  {
    Consumption batch = consume("claims", {.system = "redis",
                                           .links = {SpanContext({1, 2}, {3}, 1, true),
                                                     SpanContext({4, 5}, {6}, 1, true)}});
  }
  const auto spans = g.Spans();
  EXPECT_EQ(spans.at(0).kind, SpanKind::kConsumer);
  EXPECT_EQ(spans[0].links.size(), 2u);
  EXPECT_EQ(*spans[0].attribute("messaging.queue"), Value("claims"));
}

TEST(GenAiTest, AnExceptionThatPassesMarksTheRunAsFailed) {
  Global g;
  try {
    AgentRun run = agent_run("a");
    throw std::runtime_error("oops");
  } catch (const std::runtime_error&) {
  }
  const auto spans = g.Spans();
  EXPECT_EQ(spans.at(0).status, StatusCode::kError);
  EXPECT_EQ(g.Sum("agent.errors.total"), 1);
}

TEST(GenAiTest, ContentCanBeLeftOut) {
  Global g;
  set_capture({.content = false});
  {
    AgentRun run = agent_run("a", {.input = "secret"});
    LlmCall call = llm_call("m", {.input = "secret", .system = "secret"});
    call.set_response({.output = "secret", .input_tokens = 1, .output_tokens = 1});
    ToolCall tool = tool_call("t", {.arguments = "secret"});
    tool.set_result("secret");
  }
  set_capture({.content = true});
  g.sdk->flush();
  for (const std::string& body : g.transport->bodies(Signal::kTraces)) {
    EXPECT_EQ(body.find("secret"), std::string::npos);
  }
}

TEST(GenAiTest, MessagesOfChatApisBecomeParts) {
  Global g;
  {
    const Value input = Value::array(
        {Value::map({{"role", "system"}, {"content", "Be brief"}}),
         Value::map({{"role", "tool"}, {"tool_call_id", "c1"}, {"content", "42"}})});
    LlmCall call = llm_call("m", {.input = input});
  }
  EXPECT_EQ(*g.Spans().at(0).attribute("gen_ai.input.messages"),
            Value(R"([{"role":"system","parts":[{"type":"text","content":"Be brief"}]},)"
                  R"({"role":"tool","parts":[{"type":"tool_call_response","id":"c1",)"
                  R"("response":"42"}]}])"));
}

TEST(TracedTest, CapturesArgumentsAndResult) {
  Global g;
  const int sum = traced(
      "add", [](int a, int b, const std::string&) { return a + b; }, 1, kwarg("b", 2),
      kwarg("note", std::string(600, 'x')));
  EXPECT_EQ(sum, 3);
  const auto spans = g.Spans();
  const SpanRecord& span = spans.at(0);
  EXPECT_EQ(span.name, "add");
  EXPECT_EQ(*span.attribute("kwarg.b"), Value(2));
  EXPECT_EQ(span.attribute("kwarg.note")->if_string()->size(), 500u);
  EXPECT_EQ(*span.attribute("result.preview"), Value(3));
  EXPECT_EQ(span.status, StatusCode::kOk);
}

TEST(TracedTest, RecordsAndRethrows) {
  Global g;
  EXPECT_THROW(traced("bad", [] { throw std::out_of_range("index 7"); }), std::out_of_range);
  const auto spans = g.Spans();
  EXPECT_EQ(spans.at(0).status, StatusCode::kError);
  EXPECT_EQ(*spans[0].attribute("error.type"), Value("std::out_of_range"));
  EXPECT_EQ(spans[0].events.at(0).name, "exception");
}

TEST(TracedTest, CaptureCanBeOff) {
  Global g;
  traced(TracedOptions{.name = "quiet", .capture_arguments = false, .capture_result = false},
         [](int x) { return x; }, kwarg("x", 5));
  EXPECT_EQ(g.Spans().at(0).attributes.size(), 0u);
}

TEST(TracedTest, PassesReferencesAndMoves) {
  Global g;
  auto owner = std::make_unique<int>(4);
  int value = 0;
  int& same = traced("ref", [](int& v) -> int& { return v; }, value);
  EXPECT_EQ(&same, &value);
  auto moved = traced("move", [](std::unique_ptr<int> p) { return p; }, std::move(owner));
  EXPECT_EQ(*moved, 4);
  auto twice = traceable("twice", [](int x) { return 2 * x; });
  EXPECT_EQ(twice(kwarg("x", 4)), 8);
}

TEST(StructuredLoggerTest, WritesTheContractedFields) {
  Global g;
  std::vector<std::string> lines;
  StructuredLogger log("svc", [&](std::string_view line) { lines.emplace_back(line); });
  log.log_event("started", {{"port", 80}});
  log.log_llm_call({.model = "m", .prompt_tokens = 3, .completion_tokens = 4, .latency_ms = 12.345});
  log.log_tool_call({.tool_name = "t", .arguments = Value::map({{"a", 1}}),
                     .result = std::string(300, 'r'), .latency_ms = 1, .success = false});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0],
            R"({"timestamp":"2023-11-14T22:13:21.000000Z","service":"svc","event_type":"started",)"
            R"("trace_id":null,"level":"INFO","port":80})");
  EXPECT_NE(lines[1].find(R"("model":"m","prompt_tokens":3,"completion_tokens":4,)"
                          R"("total_tokens":7,"latency_ms":12.3})"),
            std::string::npos);
  EXPECT_NE(lines[2].find(R"("tool_name":"t","arguments":{"a":1},"result_preview":")" +
                          std::string(200, 'r') + R"(","latency_ms":1,"success":false})"),
            std::string::npos);
  EXPECT_NE(lines[2].find(R"("level":"ERROR")"), std::string::npos);
}

}  // namespace
}  // namespace observatory
