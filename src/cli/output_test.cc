// Tables, formats, waterfall, JSON, events: pure functions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fake_io.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/server_events.h"
#include "cli/table.h"
#include "cli/waterfall.h"

namespace ao::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FormatTest, TimesAreRelative) {
  const Nanos now = kTestNow;
  EXPECT_EQ(RelativeTime(now, now), "just now");
  EXPECT_EQ(RelativeTime(now - 59 * kSecond, now), "59s ago");
  EXPECT_EQ(RelativeTime(now - 5 * kMinute, now), "5m ago");
  EXPECT_EQ(RelativeTime(now - 47 * kHour, now), "1d ago");
  EXPECT_EQ(RelativeTime(now + 5 * kMinute, now), "in 5m");
  EXPECT_EQ(IsoTime(now), "2026-01-31T10:00:00.000Z");
  EXPECT_EQ(IsoTime(-1), "1969-12-31T23:59:59.999Z");
}

TEST(FormatTest, DurationsNumbersAndBytesAreShort) {
  EXPECT_EQ(ShortDuration(0), "0ns");
  EXPECT_EQ(ShortDuration(999'999), "999us");
  EXPECT_EQ(ShortDuration(1'500'000), "1.5ms");
  EXPECT_EQ(ShortDuration(999'999'999), "999ms");
  EXPECT_EQ(ShortDuration(59'999'999'999), "59.9s");
  EXPECT_EQ(ShortDuration(123 * kSecond), "2m03s");
  EXPECT_EQ(ShortDuration(3720 * kSecond), "1h02m");
  EXPECT_EQ(ShortNumber(999), "999");
  EXPECT_EQ(ShortNumber(12'345), "12.3k");
  EXPECT_EQ(ShortNumber(4'500'000), "4.5M");
  EXPECT_EQ(ShortBytes(1536), "1.5 KiB");
  EXPECT_EQ(Counted(0, "run"), "0 runs");
  EXPECT_EQ(Counted(1, "run"), "1 run");
  EXPECT_EQ(ShortCost(0.00123), "$0.0012");
}

TEST(FormatTest, TextCannotDriveTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[31mb\x07\r\nc\td"), "a[31mb  c d");
  EXPECT_EQ(Printable("\xC2\x9B"
                      "31m"),
            "31m")
      << "C1 control characters";
  EXPECT_EQ(Printable("a\xFF"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(Printable("\xE2\x80\xAE"
                      "evil"),
            "evil")
      << "right-to-left override";
}

TEST(FormatTest, FittingCountsColumnsNotBytes) {
  EXPECT_EQ(Fit("äöüß", 4, true), "äöüß");
  EXPECT_EQ(Fit("äöüßx", 4, true), "äöü…");
  EXPECT_EQ(Fit("äöüßx", 4, false), "äöü~");
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(Fit("日本語", 4, true), "日…");
  EXPECT_EQ(DisplayWidth(Pad("日本語", 4, true)), 4u);
  EXPECT_EQ(Fit("abc", 0, true), "");
}

Table SampleTable() {
  Table table(
      {{"id", "ID"}, {"took_ms", "TOOK", true}, {"name", "NAME", false, true}, {"hidden", ""}});
  table.Add({{"4bf92f3577b34da6a3ce929d0e0e4736", "4bf92f35"},
             {"1500", "1.5s"},
             {"a name with\ttab and\nline"},
             {"x"}});
  table.Add({{"00000000000000000000000000000001", "00000000"},
             {"12", "12ms"},
             {"short", "", Colour::kRed},
             {"y"}});
  return table;
}

TEST(TableTest, PipeGetsTabsAndFullValues) {
  FakeTerminal terminal;
  SampleTable().Print(terminal.io);
  EXPECT_EQ(terminal.out.str(),
            "id\ttook_ms\tname\thidden\n"
            "4bf92f3577b34da6a3ce929d0e0e4736\t1500\ta name with\\ttab and\\nline\tx\n"
            "00000000000000000000000000000001\t12\tshort\ty\n");
}

TEST(TableTest, TerminalGetsAlignedShortValues) {
  FakeTerminal terminal;
  terminal.io.out_is_tty = true;
  SampleTable().Print(terminal.io);
  EXPECT_EQ(terminal.out.str(),
            "ID        TOOK  NAME\n"
            "4bf92f35  1.5s  a name with tab and line\n"
            "00000000  12ms  short\n");
}

TEST(TableTest, FlexibleColumnsGiveWay) {
  FakeTerminal terminal;
  terminal.io.out_is_tty = true;
  terminal.io.width = 40;
  Table table({{"a", "A", false, true}, {"b", "B"}});
  table.Add({{std::string(100, 'x')}, {"123456"}});
  table.Print(terminal.io);
  EXPECT_EQ(terminal.out.str(),
            "A                                 B\n" + std::string(31, 'x') + "…  123456\n");
}

TEST(TableTest, ColourOnlyWhenAsked) {
  FakeTerminal terminal;
  terminal.io.out_is_tty = true;
  terminal.io.colour = true;
  SampleTable().Print(terminal.io);
  EXPECT_THAT(terminal.out.str(), HasSubstr("\x1b[31mshort\x1b[0m"));
}

TEST(TableTest, CsvQuotes) {
  FakeTerminal terminal;
  Table table({{"a", "A"}, {"b", "B"}});
  table.Add({{"say \"hi\""}, {"1,2"}});
  table.PrintCsv(terminal.out);
  EXPECT_EQ(terminal.out.str(), "a,b\r\n\"say \"\"hi\"\"\",\"1,2\"\r\n");
}

TEST(JsonTest, ReadsTolerantlyAndWritesBack) {
  const auto json =
      Json::Parse(R"({"a":[1,2.5,"x",null,true],"n":"17","big":18446744073709551615})");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["a"].at(0).integer(), 1);
  EXPECT_EQ((*json)["n"].integer(), 17);
  EXPECT_TRUE((*json)["missing"]["deeper"].at(3).is_null());
  EXPECT_EQ((*json)["a"].at(9).text(), "");
  EXPECT_EQ((*json)["a"].Display(), R"([1,2.5,"x",null,true])");
  EXPECT_FALSE(Json::Parse("{").ok());
  EXPECT_FALSE(Json::Parse("").ok());
}

TEST(OtlpLineTest, KeepsTheExactText) {
  const auto line = ReadOtlpLine(R"( {"resourceLogs": [ {"a": 1.0000000000000000001} ]} )");
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->signal, "logs");
  EXPECT_EQ(line->items, R"( {"a": 1.0000000000000000001} )");
  EXPECT_EQ(WrapOtlp("traces", "{}"), R"({"resourceSpans":[{}]})");
  EXPECT_EQ(ReadOtlpLine(R"({"resource_spans":[]})")->signal, "traces");
  EXPECT_FALSE(ReadOtlpLine(R"({"spans":[]})").ok());
  EXPECT_FALSE(ReadOtlpLine(R"({"resourceSpans":[)").ok());
  EXPECT_FALSE(ReadOtlpLine("not json").ok());
  EXPECT_FALSE(ReadOtlpLine(R"({"resourceSpans":7})").ok());
}

TEST(ServerEventReaderTest, EventsMayBeCutAnywhere) {
  const std::string text =
      "retry: 2000\n: hello\n\nevent: run\r\ndata: {\"a\":1}\r\n\r\ndata: x\ndata: y\n\n";
  for (size_t step = 1; step < text.size(); ++step) {
    std::vector<std::string> events;
    ServerEventReader reader([&](std::string_view event, const std::string& data) {
      events.push_back(std::string(event) + "=" + data);
    });
    for (size_t i = 0; i < text.size(); i += step) reader.Feed(text.substr(i, step));
    EXPECT_THAT(events, ElementsAre("run={\"a\":1}", "=x\ny")) << step;
  }
}

TEST(ProgressTest, BarAppearsAfterASecondOnATerminal) {
  FakeTerminal terminal;
  terminal.io.err_is_tty = true;
  {
    Progress progress(terminal.io, "importing", 4096);
    progress.Update(100);
    EXPECT_EQ(terminal.err.str(), "");
    terminal.clock.Advance(2 * kSecond);
    progress.Update(2048);
    EXPECT_THAT(terminal.err.str(),
                HasSubstr("importing [###############---------------] 2.0 KiB of 4.0 KiB (50%), "
                          "2.00s left, 1.0 KiB/s"));
  }
  EXPECT_THAT(terminal.err.str(), ::testing::EndsWith("\r\x1b[K"));
}

TEST(ProgressTest, PipeGetsALineEveryTenSeconds) {
  FakeTerminal terminal;
  Progress progress(terminal.io, "importing", 0);
  terminal.clock.Advance(9 * kSecond);
  progress.Update(1024);
  EXPECT_EQ(terminal.err.str(), "");
  terminal.clock.Advance(kSecond);
  progress.Update(1024);
  EXPECT_EQ(terminal.err.str(), "importing 1.0 KiB, 102 B/s\n");
}

WaterfallSpan Span(std::string name, std::string op, int64_t parent, int64_t start_ms,
                   int64_t duration_ms) {
  WaterfallSpan span;
  span.name = std::move(name);
  span.op = std::move(op);
  span.parent = parent;
  span.start = start_ms * kMillisecond;
  span.duration = duration_ms * kMillisecond;
  return span;
}

std::vector<WaterfallSpan> SampleSpans() {
  std::vector<WaterfallSpan> spans = {
      Span("agent.run", "agent", -1, 0, 1000), Span("chat", "llm", 0, 0, 500),
      Span("get_order", "tool", 0, 500, 250), Span("http", "other", 2, 500, 0),
      Span("chat", "llm", 0, 750, 250)};
  spans[1].detail = "gpt-4o";
  spans[1].input_tokens = 1200;
  spans[1].output_tokens = 30;
  spans[2].failed = true;
  spans[2].error = "timed out";
  return spans;
}

TEST(WaterfallTest, UnicodeIsGolden) {
  EXPECT_EQ(RenderWaterfall(SampleSpans(), {.width = 80}),
            R"(agent.run          1.00s  ██████████████████████████████  agent
├─ chat            500ms  ███████████████                 llm gpt-4o 1.2k→30 tok
├─ ✗ get_order     250ms                 ████████         tool
│  │ error: timed out
│  └─ http           0ns                 ▏
└─ chat            250ms                        ████████  llm
)");
}

TEST(WaterfallTest, AsciiIsGolden) {
  EXPECT_EQ(RenderWaterfall(SampleSpans(), {.width = 80, .unicode = false}),
            R"(agent.run          1.00s  ==============================  agent
|- chat            500ms  ===============                 llm gpt-4o 1.2k>30 tok
|- ! get_order     250ms                 xxxxxxxx         tool
|  | error: timed out
|  `- http           0ns                 |
`- chat            250ms                        ========  llm
)");
}

TEST(WaterfallTest, FailureIsTextAsWellAsColour) {
  const std::string plain = RenderWaterfall(SampleSpans(), {.width = 80});
  EXPECT_THAT(plain, HasSubstr("error: timed out"));
  const std::string painted = RenderWaterfall(SampleSpans(), {.width = 80, .colour = true});
  EXPECT_THAT(painted, HasSubstr("\x1b[31m"));
}

TEST(WaterfallTest, CyclesAndMissingParentsAreDrawnOnce) {
  std::vector<WaterfallSpan> spans = {Span("a", "llm", 1, 0, 1), Span("b", "llm", 0, 0, 1),
                                      Span("self", "llm", 2, 0, 1),
                                      Span("orphan", "llm", -1, 0, 1)};
  spans[3].orphan = true;
  EXPECT_EQ(TreeOrder(spans).size(), 4u);
  EXPECT_THAT(RenderWaterfall(spans, {}), HasSubstr("(parent missing)"));
}

TEST(WaterfallTest, DeepAndHugeTracesStayReadable) {
  std::vector<WaterfallSpan> spans;
  for (int64_t i = 0; i < 5000; ++i) spans.push_back(Span("s", "step", i - 1, i, 5000 - i));
  const std::string text = RenderWaterfall(spans, {.width = 100});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5000);
  size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, DisplayWidth(line));
  EXPECT_LE(widest, 100u);
  EXPECT_EQ(RenderWaterfall({}, {}), "");
}

TEST(WaterfallTest, ReadsTheColumnsOfTheApi) {
  const auto trace = Json::Parse(R"({"columns":{
    "span_id":["00f067aa0ba902b7","00f067aa0ba902b8"],
    "parent_span_id":[null,"00f067aa0ba902b7"],
    "parent_row":[-1,0], "start_ns":[0,10], "duration_ns":[100,50],
    "name":{"dictionary":["agent.run","chat"],"index":[0,1]},
    "op":{"dictionary":["agent","llm"],"index":[0,1]},
    "model":{"dictionary":["","gpt-4o"],"index":[0,1]},
    "status":{"dictionary":["ok","error"],"index":[0,1]},
    "cost_usd":[null,0.25], "cost_source":["none","default"],
    "input_tokens":[null,7]}})");
  ASSERT_TRUE(trace.ok());
  const auto spans = ReadSpans(*trace);
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].name, "agent.run");
  EXPECT_FALSE(spans[0].orphan);
  EXPECT_EQ(spans[1].parent, 0);
  EXPECT_EQ(spans[1].detail, "gpt-4o");
  EXPECT_EQ(spans[1].input_tokens, 7);
  EXPECT_TRUE(spans[1].failed);
  EXPECT_EQ(spans[1].error, "error");
  EXPECT_FALSE(spans[0].default_price);
  EXPECT_TRUE(spans[1].default_price);
  EXPECT_THAT(RenderWaterfall(spans, {100, false, false}), HasSubstr("$0.2500?"));
}

}  // namespace
}  // namespace ao::cli
