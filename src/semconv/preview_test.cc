#include "semconv/preview.h"

#include <gtest/gtest.h>

namespace ao::semconv {
namespace {

std::string In(std::string_view text, size_t n = 200) {
  return Preview(text, n, PreviewSide::kInput);
}
std::string Out(std::string_view text, size_t n = 200) {
  return Preview(text, n, PreviewSide::kOutput);
}

TEST(Preview, ShowsPlainTextOnOneLine) {
  EXPECT_EQ(In("  hello\n\n  world\t"), "hello world");
  EXPECT_EQ(In(""), "");
  EXPECT_EQ(In("   "), "");
  EXPECT_EQ(In("x", 0), "");
}

TEST(Preview, CutsAtCodePoints) {
  EXPECT_EQ(In("abcdef", 4), "abc\xE2\x80\xA6");
  EXPECT_EQ(In("abcd", 4), "abcd");
  EXPECT_EQ(In("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xE2\x80\xA6");
  EXPECT_EQ(In("bad \xff byte"), "bad \xEF\xBF\xBD byte");
}

TEST(Preview, ShowsTheLastUserMessage) {
  EXPECT_EQ(In(R"([{"role":"system","content":"s"},{"role":"user","content":"first"},
                   {"role":"assistant","content":"a"},{"role":"user","content":"second"},
                   {"role":"tool","content":"t"}])"),
            "second");
  EXPECT_EQ(In(R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})"), "hi");
  EXPECT_EQ(In(R"([{"role":"user","parts":[{"type":"text","content":"part"}]}])"), "part");
  EXPECT_EQ(In(R"([[{"type":"human","content":"nested"}]])"), "nested");
  EXPECT_EQ(In(R"([{"role":"system","content":"only system"}])"), "only system");
}

TEST(Preview, ShowsWhatTheAssistantSaidOrCalled) {
  EXPECT_EQ(Out(R"([{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},
                    {"type":"text","content":"yes"}],"finish_reason":"stop"}])"),
            "yes");
  EXPECT_EQ(Out(R"([{"role":"assistant","parts":[
                    {"type":"tool_call","id":"1","name":"lookup","arguments":{"a":1}}]}])"),
            R"(lookup({"a":1}))");
  EXPECT_EQ(Out(R"([{"role":"assistant","content":null,"tool_calls":[
                    {"id":"1","function":{"name":"f","arguments":"{}"}}]}])"),
            "f({})");
  EXPECT_EQ(Out(R"({"choices":[{"message":{"role":"assistant","content":"c"}}]})"), "c");
  EXPECT_EQ(Out(R"([{"toolCallId":"1","toolName":"w","args":{"x":2}}])"), R"(w({"x":2}))");
}

TEST(Preview, ShowsTheObviousTextOfAnObject) {
  EXPECT_EQ(In(R"({"query":"refund","limit":3})"), "refund");
  EXPECT_EQ(Out(R"({"answer":"42"})"), "42");
  EXPECT_EQ(Out(R"("quoted")"), "quoted");
  EXPECT_EQ(In(R"({"a":1,"b":[2]})"), R"({"a":1,"b":[2]})");
}

TEST(Preview, SurvivesWhatIsNotJson) {
  EXPECT_EQ(In("{not json"), "{not json");
  EXPECT_EQ(In("[1,2"), "[1,2");
  std::string deep(100'000, '[');
  EXPECT_EQ(In(deep, 5), "[[[[\xE2\x80\xA6");
}

TEST(Preview, FindsTheMessageInAHugeConversation) {
  const std::string filler(300 << 10, 'x');
  const std::string head = R"([{"role":"user","content":")" + filler + R"("},)";
  EXPECT_EQ(In(head + R"({"role":"user","content":"last \"one\"\n?"}])"), "last \"one\" ?");
  EXPECT_EQ(In(head + R"({"role": "user", "parts": [{"type":"text","content":"p"}]}])"), "p");
  EXPECT_EQ(
      In(R"([{"role":"user","content":"early"},{"role":"tool","content":")" + filler + "\"}]"),
      "early");
  EXPECT_EQ(In("[\"" + filler + "\"]", 3), "[\"\xE2\x80\xA6");
}

}  // namespace
}  // namespace ao::semconv
