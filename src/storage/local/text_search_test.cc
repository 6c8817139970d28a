#include <set>

#include "storage/local/store_fixture.h"

// Full-text search over hot and sealed spans, inline texts and texts in the content store.

namespace ao::storage {
namespace {

class TextSearchTest : public StoreTest {
 protected:
  static std::vector<std::pair<std::string, std::string>> Chat(std::string input,
                                                               std::string output) {
    return {{"gen_ai.operation.name", "chat"},
            {"gen_ai.input.messages", std::move(input)},
            {"gen_ai.output.messages", std::move(output)}};
  }
  static std::string Long(const std::string& text) {
    return R"([{"role":"user","content":")" + std::string(400, 'x') + " " + text + "\"}]";
  }
  TextPage Search(TextQuery query) {
    query.project = query.project.empty() ? "p" : query.project;
    auto page = store_->SearchText(query);
    EXPECT_TRUE(page.ok()) << page.status().ToString();
    return page.ok() ? *page : TextPage();
  }
  void Fill() {
    Put({{.trace = 1,
          .span = 1,
          .name = "old",
          .attributes = Chat(Long("The Refund policy"), "[\"sure\"]")},
         {.trace = 2, .span = 2, .start = kNoon + 1, .attributes = Chat("short text", "refund it")},
         {.trace = 3,
          .span = 3,
          .start = kNoon + 2,
          .attributes = Chat("[]", Long("na\xC3\xAFve \\\"quoted\\\" refund"))}});
  }
};

TEST_F(TextSearchTest, FindsTheNewestFirstHotAndSealed) {
  Fill();
  for (const bool sealed : {false, true}) {
    if (sealed) Seal();
    const TextPage page = Search({.text = "REFUND"});
    ASSERT_EQ(page.matches.size(), 3u);
    EXPECT_TRUE(page.complete);
    EXPECT_EQ(page.scanned_spans, 3);
    EXPECT_EQ(page.matches[0].trace_id, Trace(3));
    EXPECT_EQ(page.matches[0].field, "output");
    EXPECT_EQ(page.matches[1].field, "attributes");
    EXPECT_EQ(page.matches[2].field, "input");
    EXPECT_EQ(page.matches[2].name, "old");
    EXPECT_NE(page.matches[2].snippet.find("x The Refund policy\""), std::string::npos);
    EXPECT_TRUE(page.matches[2].snippet.starts_with("..."));
    EXPECT_EQ(Search({.text = "say \"quoted\""}).matches.size(), 0u);
    EXPECT_EQ(Search({.text = "\"quoted\" refund"}).matches.size(), 1u);  // escaped in the JSON
    EXPECT_EQ(Search({.text = "na\xC3\xAFve"}).matches.size(), 1u);
    EXPECT_EQ(Search({.project = "other", .text = "refund"}).matches.size(), 0u);
    EXPECT_EQ(Search({.range = {kNoon + 1, kNoon + 2}, .text = "refund"}).matches.size(), 1u);
  }
}

TEST_F(TextSearchTest, SaysHowFarItCame) {
  Fill();
  const TextPage first = Search({.text = "refund", .limit = 1});
  EXPECT_EQ(first.matches.size(), 1u);
  EXPECT_FALSE(first.complete);
  EXPECT_EQ(first.scanned_since, kNoon + 2);
  EXPECT_EQ(first.scanned_spans, 1);
  const TextPage rest = Search({.range = {0, first.scanned_since}, .text = "policy"});
  EXPECT_TRUE(rest.complete);
  EXPECT_EQ(rest.matches.size(), 1u);
  EXPECT_FALSE(store_->SearchText({.project = "p", .text = ""}).ok());
  EXPECT_FALSE(store_->SearchText({.project = "p", .text = " *"}).ok());
}

TEST_F(TextSearchTest, StopsAtTheLimitBetweenSlices) {
  std::vector<TestSpan> spans;
  for (uint64_t i = 0; i < 20; ++i) {
    spans.push_back({.trace = i,
                     .span = i + 1,
                     .start = kNoon - static_cast<Nanos>(i) * 30 * kDay,
                     .attributes = Chat("[]", "needle " + std::to_string(i))});
  }
  Put(spans);
  Seal();
  TextQuery query{.text = "needle", .limit = 3};
  size_t found = 0;
  for (int page = 0; page < 20; ++page) {
    const TextPage result = Search(query);
    found += result.matches.size();
    if (result.complete) break;
    ASSERT_EQ(result.matches.size(), 3u);
    query.range.until = result.scanned_since;
  }
  EXPECT_EQ(found, 20u);
}

TEST_F(TextSearchTest, ComparesWholeWordsUnlessAStarOpensThem) {
  Fill();
  for (const bool sealed : {false, true}) {
    if (sealed) Seal();
    EXPECT_EQ(Search({.text = "fund"}).matches.size(), 0u);
    EXPECT_EQ(Search({.text = "refu*"}).matches.size(), 3u);
    EXPECT_EQ(Search({.text = "*fund"}).matches.size(), 3u);
    EXPECT_EQ(Search({.text = "*efun*"}).matches.size(), 3u);
    EXPECT_EQ(Search({.text = "poli"}).matches.size(), 0u);
    EXPECT_EQ(Search({.text = "refund policy"}).matches.size(), 1u);
    EXPECT_EQ(Search({.text = "NA\xC3\x8FVE"}).matches.size(), 1u);
  }
}

TEST_F(TextSearchTest, DoesNotFindWhatIsDeleted) {
  Fill();
  Seal();
  ASSERT_TRUE(store_->Delete({.project = "p", .trace_ids = {Trace(1)}}).ok());
  EXPECT_EQ(Search({.text = "refund"}).matches.size(), 2u);
  Maintain();
  EXPECT_EQ(Search({.text = "refund"}).matches.size(), 2u);
  EXPECT_EQ(Search({.text = "policy"}).matches.size(), 0u);
}

TEST_F(TextSearchTest, GoesThroughDaysAndFiles) {
  for (uint64_t day = 0; day < 5; ++day) {
    std::vector<TestSpan> spans;
    for (uint64_t i = 1; i <= 50; ++i) {
      spans.push_back(
          {.trace = day * 100 + i,
           .span = day * 100 + i,
           .start = kNoon - static_cast<Nanos>(day * kDay) + static_cast<Nanos>(i),
           .attributes = Chat(Long("day" + std::to_string(day) + " span" + std::to_string(i)),
                              Long("the same answer"))});
    }
    Put(spans);
    if (day != 3) Seal();
  }
  EXPECT_EQ(Search({.text = "same answer", .limit = 1000}).matches.size(), 250u);
  EXPECT_EQ(Search({.text = "span17"}).matches.size(), 5u);
  const TextPage page = Search({.text = "day3 span17"});
  ASSERT_EQ(page.matches.size(), 1u);
  EXPECT_EQ(page.matches[0].start, kNoon - 3 * kDay + 17);
  EXPECT_EQ(page.scanned_spans, 250);
  EXPECT_TRUE(page.complete);
}

TEST_F(TextSearchTest, GoesThroughSlicesAndTellsWhatItLookedAt) {
  std::vector<TestSpan> spans;
  for (uint64_t i = 1; i <= 9000; ++i) {
    spans.push_back({.trace = i / 20, .span = i, .start = kNoon + static_cast<Nanos>(i / 7)});
  }
  spans[3].attributes = Chat("[]", "needle");
  spans[8000].attributes = Chat("[]", "needle");
  Put(spans);
  const TextPage page = Search({.text = "needle", .time_limit = kHour});
  EXPECT_TRUE(page.complete);
  EXPECT_EQ(page.matches.size(), 2u);
  EXPECT_EQ(page.scanned_spans, 9000);
}

TEST_F(TextSearchTest, PagesMeetEveryMatchOnceAlsoThoseOfOneInstant) {
  std::vector<TestSpan> spans;
  for (uint64_t i = 1; i <= 700; ++i) {
    spans.push_back({.trace = i,
                     .span = i,
                     .start = kNoon + static_cast<Nanos>(i / 7),
                     .attributes = i % 2 == 0 ? Chat("[]", "needle") : Chat(Long("needle"), "x")});
  }
  Put(spans);
  for (const bool sealed : {false, true}) {
    if (sealed) Seal();
    TextQuery query{.text = "needle", .limit = 3};
    std::set<uint64_t> found;
    for (bool complete = false; !complete;) {
      const TextPage page = Search(query);
      for (const TextMatch& match : page.matches) {
        EXPECT_TRUE(found.insert(match.span_id.value).second);
      }
      complete = page.complete;
      ASSERT_TRUE(complete || page.scanned_since != query.range.until);
      query.range.until = page.scanned_since;
    }
    EXPECT_EQ(found.size(), 700u);
  }
}

TEST_F(TextSearchTest, StopsWhenTheTimeIsOverButGetsFurther) {
  std::vector<TestSpan> spans;
  for (uint64_t i = 1; i <= 30; ++i) {
    spans.push_back({.trace = i,
                     .span = i,
                     .start = kNoon - static_cast<Nanos>(i) * kHour,
                     .attributes = Chat(Long("needle"), "x")});
  }
  Put(spans);
  Seal();
  TextQuery query{.text = "needle", .time_limit = -1};  // over before it began
  size_t found = 0, pages = 0;
  for (bool complete = false; !complete; ++pages) {
    const TextPage page = Search(query);
    ASSERT_FALSE(page.matches.empty());
    found += page.matches.size();
    complete = page.complete;
    query.range.until = page.scanned_since;
  }
  EXPECT_EQ(found, 30u);
  EXPECT_EQ(pages, 30u);
}

TEST_F(TextSearchTest, FindsTextsNotNames) {
  Put({{.trace = 1, .span = 1, .attributes = Chat("hello", "there")},
       {.trace = 2, .span = 2, .attributes = {{"gen_ai.request.model", "hello-1"}}}});
  EXPECT_EQ(Search({.text = "gen_ai"}).matches.size(), 0u);
  EXPECT_EQ(Search({.text = "chat"}).matches.size(), 0u);
  EXPECT_EQ(Search({.text = "hello"}).matches.size(), 1u);
  EXPECT_EQ(Search({.text = "hello"}).matches[0].snippet, "hello");
}

TEST_F(TextSearchTest, BearsSpansFromTheEndOfTime) {
  Fill();
  Put({{.trace = 9, .span = 9, .start = INT64_MAX, .attributes = Chat("[]", "last refund")}});
  for (const bool sealed : {false, true}) {
    if (sealed) Seal();
    const TextPage page = Search({.text = "refund"});
    EXPECT_TRUE(page.complete);
    EXPECT_EQ(page.matches.size(), 4u);
  }
}

}  // namespace
}  // namespace ao::storage
