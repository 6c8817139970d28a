#include "model-server/script.h"

#include <gtest/gtest.h>

#include "model-server/behaviour.h"

namespace ao::model_server {
namespace {

ChatRequest Ask(const std::string& question) {
  ChatRequest request;
  request.model = "small-1";
  request.messages = {{.role = "user", .text = question, .tool_calls = {}}};
  request.conversation = "user: " + question + "\n";
  return request;
}

Script Read(std::string_view text) {
  Script script;
  EXPECT_EQ(script.Add(text, "s.yaml"), OkStatus());
  return script;
}

TEST(ScriptTest, GroupsAndTurnsAnswerAConversation) {
  const Script script = Read(R"yaml(
- when: "^weather in (\\w+)"
  turns:
    - tools: [{name: weather, arguments: {city: $1, days: 3, exact: "3"}}]
    - say: It rains in $1.
)yaml");
  ChatRequest request = Ask("weather in Oslo");
  Answer answer;
  ASSERT_TRUE(script.Choose(request, 1, &answer));
  ASSERT_EQ(answer.tool_calls.size(), 1U);
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"city":"Oslo","days":3,"exact":"3"})");
  EXPECT_EQ(answer.finish_reason, "tool_calls");
  request.messages.push_back({.role = "assistant", .text = "", .tool_calls = {}});
  ASSERT_TRUE(script.Choose(request, 1, &answer));
  EXPECT_EQ(answer.text, "It rains in Oslo.");
}

TEST(ScriptTest, DecidesByWhatTheConversationSays) {
  const Script script = Read(R"yaml(
- when: application
  extract: {score: 'score (\d+)', minimum: 'at least (\d[\d,]*)'}
  turns:
    - cases:
        - if: ["${score} >= ${minimum}"]
          say: approved with ${score}
        - say: declined, ${score} is below ${minimum}
)yaml");
  Answer answer;
  ASSERT_TRUE(script.Choose(Ask("application: score 700; policy: at least 620"), 1, &answer));
  EXPECT_EQ(answer.text, "approved with 700");
  ASSERT_TRUE(script.Choose(Ask("application: score 700; policy: at least 1,780"), 1, &answer));
  EXPECT_EQ(answer.text, "declined, 700 is below 1,780");
}

TEST(ScriptTest, ChanceIsDecidedByTheHashAlone) {
  const Script script = Read("[{when: '', turns: [{cases: [{chance: 0.25, say: a}, {say: b}]}]}]");
  int rare = 0;
  for (uint64_t hash = 0; hash < 1000; ++hash) {
    Answer first, second;
    ASSERT_TRUE(script.Choose(Ask("x"), hash, &first));
    ASSERT_TRUE(script.Choose(Ask("x"), hash, &second));
    EXPECT_EQ(first.text, second.text);
    rare += first.text == "a" ? 1 : 0;
  }
  EXPECT_NEAR(rare, 250, 50);
}

TEST(ScriptTest, ProblemsNameTheirPlace) {
  const auto message = [](std::string_view text) { return Script().Add(text, "s.yaml").message(); };
  EXPECT_EQ(message("- when: '('\n  turns: [{say: x}]"),
            "cannot read script s.yaml:1:9: '(' is no regular expression: missing ): (");
  EXPECT_EQ(message("- when: x\n  turn: [{say: x}]"),
            "cannot read script s.yaml:2:3: unknown key 'turn'; known are when, system, extract, "
            "turns");
  EXPECT_EQ(message("- when: x\n  turns: [{usage: [1, 2]}]"),
            "cannot read script s.yaml:2:11: a turn needs one of say, tools, status, cases");
  EXPECT_EQ(message("a: b"), "cannot read script s.yaml:1:1: expected a list of rules");
  EXPECT_EQ(
      message("- when: x\n  turns: [{status: often}]").rfind("cannot read script s.yaml:2", 0), 0U);
}

}  // namespace
}  // namespace ao::model_server
