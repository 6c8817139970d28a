#include "storage/local/run_filter.h"

#include <set>

#include "storage/local/store_fixture.h"

// Conditions over real tables. Run 1 is a researcher's, run 2 a writer's that failed.

namespace ao::storage {
namespace {

using model::Comparison;
using model::FilterField;
using model::RunFilter;

RunFilter Text(FilterField field, std::vector<std::string> pattern, std::string key = {}) {
  RunFilter filter;
  filter.kind = RunFilter::Kind::kTerm;
  filter.term.field = field;
  filter.term.pattern = std::move(pattern);
  filter.term.key = std::move(key);
  return filter;
}
RunFilter Number(FilterField field, Comparison comparison, double number, Nanos nanos = 0) {
  RunFilter filter;
  filter.kind = RunFilter::Kind::kTerm;
  filter.term.field = field;
  filter.term.comparison = comparison;
  filter.term.number = number;
  filter.term.nanos = nanos;
  return filter;
}
RunFilter Group(RunFilter::Kind kind, std::vector<RunFilter> children) {
  RunFilter filter;
  filter.kind = kind;
  filter.children = std::move(children);
  return filter;
}

class RunFilterTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    runs_->describe = [](model::Run* run, const SpanRow& row) {
      const bool first = row.span_id.value == 1;
      run->agent = first ? "researcher" : "writer";
      run->agents = {run->agent, "100%_shared"};
      run->models = {first ? "gpt-4o-mini" : "claude-3"};
      run->tools = first ? std::vector<std::string>{"web_search"} : std::vector<std::string>{};
      run->cost_usd = first ? 0.25 : 0.05;
      run->steps = first ? 9 : 2;
      run->input_preview = first ? "Find the Answer" : "write it 100%";
      run->versions = {{run->agent, first ? "1.4.2" : "2.0", "m", "", first ? "aa11" : "bb22"}};
      run->completeness = model::Completeness::kComplete;
    };
    Put({{.trace = 1, .span = 1, .name = "ask", .attributes = {{"http.route", "/a \"b\""}}},
         {.trace = 2,
          .span = 2,
          .start = kNoon + kMinute,
          .duration = kSecond,
          .name = "tell",
          .error = true,
          .attributes = {{"http.route", "/c"}}}});
  }
  std::set<int> Matching(const RunFilter& filter) {
    RunQuery query;
    query.project = "p";
    query.filter = filter;
    const auto page = store_->ListRuns(query);
    EXPECT_TRUE(page.ok()) << page.status().ToString();
    std::set<int> found;
    if (!page.ok()) return found;
    for (const model::Run& run : page->runs) found.insert(run.trace_id == Trace(1) ? 1 : 2);
    EXPECT_EQ(page->total, static_cast<int64_t>(found.size()));
    return found;
  }
};

using Runs = std::set<int>;

TEST_F(RunFilterTest, HoldsForTheRightRunsHotAndSealed) {
  using F = FilterField;
  using C = Comparison;
  using K = RunFilter::Kind;
  for (const bool sealed : {false, true}) {
    if (sealed) Seal();
    EXPECT_EQ(Matching({}), (Runs{1, 2}));
    EXPECT_EQ(Matching(Text(F::kAgent, {"Researcher"})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kAgent, {"100%_", ""})), (Runs{1, 2}));
    EXPECT_EQ(Matching(Text(F::kAgent, {"1000_", ""})), Runs{});
    EXPECT_EQ(Matching(Text(F::kModel, {"gpt-4o", ""})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kModel, {"", "3"})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kModel, {"gpt-4o"})), Runs{});
    EXPECT_EQ(Matching(Text(F::kTool, {"web_search"})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kTool, {"webxsearch"})), Runs{});
    EXPECT_EQ(Matching(Text(F::kTool, {""})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kTool, {"", ""})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kText, {"ANSWER"})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kText, {"100%"})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kText, {"find", "answer"})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kName, {"t", "l"})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kStatus, {"error"})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kStatus, {"ok"})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kCompleteness, {"complete"})), (Runs{1, 2}));
    EXPECT_EQ(Matching(Text(F::kVersion, {"1.4.", ""})), Runs{1});
    EXPECT_EQ(Matching(Text(F::kVersion, {"bb22"})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kTrace, {Trace(2).ToHex()})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kAttribute, {"/a \"b\""}, "http.route")), Runs{1});
    EXPECT_EQ(Matching(Text(F::kAttribute, {"/", ""}, "http.route")), (Runs{1, 2}));
    EXPECT_EQ(Matching(Text(F::kAttribute, {"/c"}, "http\"route")), Runs{});
    EXPECT_EQ(Matching(Number(F::kCost, C::kGreater, 0.1)), Runs{1});
    EXPECT_EQ(Matching(Number(F::kSteps, C::kLessOrEqual, 2)), Runs{2});
    EXPECT_EQ(Matching(Number(F::kSteps, C::kGreater, 8.5)), Runs{1});
    EXPECT_EQ(Matching(Number(F::kDuration, C::kGreaterOrEqual, 0, kSecond)), Runs{2});
    EXPECT_EQ(Matching(Number(F::kStart, C::kGreater, 0, kNoon)), Runs{2});
    EXPECT_EQ(Matching(Number(F::kStart, C::kLess, 0, kNoon + 1)), Runs{1});
    EXPECT_EQ(Matching(Group(K::kOr, {Text(F::kName, {"ask"}), Text(F::kName, {"tell"})})),
              (Runs{1, 2}));
    EXPECT_EQ(Matching(Group(K::kAnd, {Text(F::kName, {"ask"}), Text(F::kStatus, {"error"})})),
              Runs{});
    EXPECT_EQ(Matching(Group(K::kNot, {Text(F::kName, {"ask"})})), Runs{2});
    EXPECT_EQ(Matching(Text(F::kName, {"'; DROP TABLE x; --"})), Runs{});
  }
}

TEST(NarrowedTest, TakesBoundsOnTheStartThatMustHold) {
  const auto start = [](Comparison c, Nanos at) { return Number(FilterField::kStart, c, 0, at); };
  const RunFilter both = Group(RunFilter::Kind::kAnd, {start(Comparison::kGreaterOrEqual, 10),
                                                       start(Comparison::kLess, 20)});
  EXPECT_EQ(local::Narrowed({}, both).since, 10);
  EXPECT_EQ(local::Narrowed({}, both).until, 20);
  EXPECT_EQ(local::Narrowed({15, 18}, both).since, 15);
  EXPECT_EQ(local::Narrowed({15, 18}, both).until, 18);
  EXPECT_EQ(local::Narrowed({}, Group(RunFilter::Kind::kOr, {both})).since, 0);
}

}  // namespace
}  // namespace ao::storage
