#include "runs/setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runs/span_fixture.h"

namespace ao::runs {
namespace {

uint64_t HashOf(std::string_view attributes) {
  storage::SpanRow row = Llm(1, 0, 1, 1, 1);
  row.attributes = attributes;
  return SetupHash(row);
}

TEST(SetupTest, FindsTheEndOfAValue) {
  EXPECT_EQ(FirstJsonValue(R"("a\"],b",1)"), R"("a\"],b")");
  EXPECT_EQ(FirstJsonValue(R"([1,{"x":"]"}],2)"), R"([1,{"x":"]"}])");
  EXPECT_EQ(FirstJsonValue("12}"), "12");
  EXPECT_EQ(FirstJsonValue("12,13"), "12");
  EXPECT_EQ(FirstJsonValue(R"(["cut)"), R"(["cut)");
  EXPECT_EQ(FirstJsonValue(R"("\)"), R"("\)");
  EXPECT_EQ(FirstJsonValue(""), "");
}

TEST(SetupTest, ChangesWithInstructionsAndToolsOnly) {
  EXPECT_EQ(HashOf(R"({"a":1})"), 0u);
  const uint64_t base = HashOf(R"({"gen_ai.system_instructions":"be kind","x":1})");
  EXPECT_NE(base, 0u);
  EXPECT_EQ(HashOf(R"({"y":"z","gen_ai.system_instructions":"be kind","x":2})"), base);
  EXPECT_NE(HashOf(R"({"gen_ai.system_instructions":"be rude","x":1})"), base);
  EXPECT_NE(HashOf(R"({"gen_ai.system_instructions":"be kind","llm.tools.0.tool.json_schema":"a",)"
                   R"("x":1})"),
            base);
  EXPECT_NE(HashOf(R"({"llm.tools.0.tool.json_schema":"a","llm.tools.1.tool.json_schema":"b"})"),
            HashOf(R"({"llm.tools.0.tool.json_schema":"a","llm.tools.1.tool.json_schema":"c"})"));
}

TEST(SetupTest, TakesAFirstMessageOnlyWhenItIsTheSystems) {
  EXPECT_EQ(HashOf(R"({"llm.input_messages.0.message.role":"user",)"
                   R"("llm.input_messages.0.message.content":"hi"})"),
            0u);
  EXPECT_NE(HashOf(R"({"llm.input_messages.0.message.role":"system",)"
                   R"("llm.input_messages.0.message.content":"hi"})"),
            0u);
}

TEST(SetupTest, TheFirstCallOfAnAgentTellsItsVersion) {
  storage::SpanRow first = Llm(2, 1, 10, 1, 1), second = Llm(3, 1, 20, 1, 1);
  first.service_version = "1.0";
  first.attributes = R"({"gen_ai.system_instructions":"be kind"})";
  second.canonical.model_requested = "other";
  const model::Run run = Assembled({second, Agent(1, 0, 1, "a"), first});
  ASSERT_EQ(run.versions.size(), 1u);
  EXPECT_EQ(run.versions[0].agent, "a");
  EXPECT_EQ(run.versions[0].model, "gpt-4o");
  EXPECT_EQ(run.versions[0].service_version, "1.0");
  EXPECT_EQ(run.versions[0].setup.size(), 16u);
  first.canonical.model_requested = "gpt-5";
  EXPECT_NE(Assembled({second, Agent(1, 0, 1, "a"), first}).versions.at(0).id, run.versions[0].id);
}

}  // namespace
}  // namespace ao::runs
