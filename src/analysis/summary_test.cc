#include "analysis/summary.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/tree.h"

namespace ao::analysis {
namespace {

SummarySpan Span(uint64_t id, uint64_t parent, Nanos start, Nanos duration, std::string_view name) {
  SummarySpan span;
  span.id.value = id;
  span.parent.value = parent;
  span.start = start;
  span.duration = duration;
  span.name = name;
  return span;
}

TEST(SummarizeRun, WritesOneIndentedLineASpan) {
  SummarySpan llm = Span(2, 1, 20, 812 * kMillisecond, "llm.call");
  llm.model = "gpt-4o";
  llm.tokens = 1530;
  SummarySpan tool = Span(3, 1, 30, 96'400'000, "tool.call");
  tool.tool = "lookup";
  tool.error = true;
  tool.error_type = "TimeoutError";
  SummarySpan inner = Span(4, 3, 31, 3'240'000, "http\nGET");
  inner.error = true;
  const SummarySpan spans[] = {inner, tool, llm, Span(1, 0, 10, 1840 * kMillisecond, "agent.run")};
  EXPECT_EQ(SummarizeRun(spans),
            "agent.run (1840 ms)\n"
            "  llm.call (812 ms) model=gpt-4o tokens=1530\n"
            "  tool.call (96 ms) tool=lookup error=TimeoutError\n"
            "    http GET (3.2 ms) error\n");
}

TEST(SummarizeRun, GathersOrphansUnderTheirMissingParent) {
  const SummarySpan spans[] = {Span(2, 0xab, 5, 0, "a"), Span(3, 0xcd, 6, 0, "b"),
                               Span(4, 0xab, 7, 0, "c"), Span(5, 2, 8, 0, "d"),
                               Span(1, 0, 9, 0, "root")};
  EXPECT_EQ(SummarizeRun(spans),
            "root (0 ms)\n"
            "(missing parent 00000000000000ab)\n"
            "  a (0 ms)\n"
            "    d (0 ms)\n"
            "  c (0 ms)\n"
            "(missing parent 00000000000000cd)\n"
            "  b (0 ms)\n");
}

TEST(SummarizeRun, SaysNothingOfNothing) { EXPECT_EQ(SummarizeRun({}), ""); }

TEST(SummarizeRun, PlacesCirclesAndRepeatedIdsOnce) {
  const SummarySpan spans[] = {Span(1, 2, 5, 0, "a"), Span(2, 1, 4, 0, "b"),
                               Span(3, 3, 6, 0, "self"), Span(3, 0, 7, 0, "twin"),
                               Span(4, 2, 8, 0, "c")};
  EXPECT_EQ(SummarizeRun(spans),
            "self (0 ms)\n"
            "twin (0 ms)\n"
            "b (0 ms)\n"
            "  a (0 ms)\n"
            "  c (0 ms)\n");
}

TEST(SummarizeRun, BearsHugeDepth) {
  std::vector<SummarySpan> spans;
  for (uint64_t i = 1; i <= 200'000; ++i) spans.push_back(Span(i, i - 1, 0, 0, "x"));
  std::reverse(spans.begin(), spans.end());
  const std::string text = SummarizeRun(spans);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 200'000);
}

TEST(BuildTree, GivesDepthAndParentOfEverySpan) {
  const TreeSpan spans[] = {{{3}, {2}, 30}, {{2}, {1}, 20}, {{1}, {}, 10}, {{9}, {8}, 5}};
  const auto nodes = BuildTree(spans);
  ASSERT_EQ(nodes.size(), 4u);
  EXPECT_EQ(nodes[0].span, 3u);
  EXPECT_TRUE(nodes[0].missing_parent);
  EXPECT_EQ(nodes[1].span, 2u);
  EXPECT_EQ(nodes[1].parent, kNoSpan);
  EXPECT_FALSE(nodes[1].missing_parent);
  EXPECT_EQ(nodes[3].span, 0u);
  EXPECT_EQ(nodes[3].parent, 1u);
  EXPECT_EQ(nodes[3].depth, 2u);
}

}  // namespace
}  // namespace ao::analysis
