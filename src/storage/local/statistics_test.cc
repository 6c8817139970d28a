#include "storage/local/store_fixture.h"

// Figures over hot and sealed runs, each checked against the runs themselves.

namespace ao::storage {
namespace {

using testing::ElementsAre;

class StatisticsTest : public StoreTest {
 protected:
  // Run t of 1..100 starts t seconds after noon and takes t milliseconds; every tenth fails and
  // calls the tool "slow"; those over 90 have the agent "new".
  void SetUp() override {
    StoreTest::SetUp();
    runs_->describe = [](model::Run* run, const SpanRow& row) {
      const int64_t t = row.duration / kMillisecond;
      run->agent = t > 90 ? "new" : t % 2 == 0 ? "even" : "odd";
      run->models = {t > 90 ? "gpt-5" : "gpt-4o"};
      run->environment = "prod";
      run->error = t % 10 == 0;
      run->steps = t % 5;
      run->total_tokens = t * 100;
      run->cost_usd = t == 1 ? 0 : static_cast<double>(t) / 1000;
      run->tool_calls = 2;
      run->tool_usage = {{"search", "a", 1, 0, kMillisecond},
                         {t % 10 == 0 ? "slow" : "fast", "a", 1, t % 10 == 0, kMillisecond}};
    };
    std::vector<TestSpan> spans;
    for (uint64_t t = 1; t <= 100; ++t) {
      const auto n = static_cast<Nanos>(t);
      spans.push_back({.trace = t,
                       .span = t,
                       .start = kNoon + n * kSecond,
                       .duration = n * kMillisecond,
                       .error = t % 10 == 0});
      if (t == 60) {
        Put(std::exchange(spans, {}));
        Seal();
      }
    }
    Put(spans);
  }
  Statistics& statistics() { return store_->statistics(); }
  static RunQuery Runs() {
    RunQuery query;
    query.project = "p";
    return query;
  }
};

TEST_F(StatisticsTest, SeriesAreExactByTimeAndGroup) {
  const auto series =
      statistics().Series({.runs = Runs(), .step = 50 * kSecond, .by = "agent", .groups = 2});
  ASSERT_TRUE(series.ok()) << series.status().ToString();
  EXPECT_EQ(series->total.runs, 100);
  EXPECT_EQ(series->total.errors, 10);
  EXPECT_EQ(series->total.steps, 200);
  EXPECT_EQ(series->total.tool_calls, 200);
  EXPECT_EQ(series->total.total_tokens, 505'000);
  EXPECT_NEAR(series->total.cost_usd, 5.049, 1e-9);
  EXPECT_EQ(series->total.duration.p50, 50 * kMillisecond);
  EXPECT_EQ(series->total.duration.p95, 95 * kMillisecond);
  EXPECT_EQ(series->total.duration.p99, 99 * kMillisecond);
  int64_t runs = 0;
  for (const RunSeries::Point& point : series->points) {
    EXPECT_EQ(point.start % (50 * kSecond), 0);
    runs += point.figures.runs;
  }
  EXPECT_EQ(runs, 100);
  ASSERT_EQ(series->groups.size(), 3u);
  EXPECT_EQ(series->groups[0].key, "even");
  EXPECT_EQ(series->groups[1].key, "odd");
  EXPECT_EQ(series->groups[0].total.runs, 45);
  EXPECT_TRUE(series->groups[2].others);
  EXPECT_EQ(series->groups[2].total.runs, 10);
  EXPECT_EQ(series->groups[2].total.duration.p50, 95 * kMillisecond);
  runs = 0;
  for (const RunSeries::Group& group : series->groups) {
    for (const RunSeries::Point& point : group.points) runs += point.figures.runs;
  }
  EXPECT_EQ(runs, 100);
}

TEST_F(StatisticsTest, SeriesTakeTheFiltersOfRuns) {
  RunQuery runs = Runs();
  runs.status = "error";
  runs.range.since = kNoon + 55 * kSecond;
  const auto series = statistics().Series({.runs = runs});
  ASSERT_TRUE(series.ok()) << series.status().ToString();
  EXPECT_EQ(series->total.runs, 5);
  EXPECT_TRUE(series->points.empty());
  EXPECT_TRUE(series->groups.empty());
  EXPECT_EQ(statistics().Series({.runs = runs, .by = "nothing"}).status().code(),
            StatusCode::kInvalidArgument);
  runs.service = "nobody";
  const auto none = statistics().Series({.runs = runs, .step = kMinute, .by = "status"});
  ASSERT_TRUE(none.ok()) << none.status().ToString();
  EXPECT_EQ(none->total.runs, 0);
}

TEST_F(StatisticsTest, LinearBinsHoldEveryRunOnce) {
  const auto h = statistics().Histogram(
      {.runs = Runs(), .measure = RunMeasure::kTokens, .logarithmic = false, .bins = 10});
  ASSERT_TRUE(h.ok()) << h.status().ToString();
  EXPECT_EQ(h->runs, 100);
  EXPECT_EQ(h->min, 100);
  EXPECT_EQ(h->max, 10'000);
  EXPECT_EQ(h->mean, 5050);
  EXPECT_EQ(h->quantiles.p95, 9500);
  int64_t runs = 0, errors = 0;
  for (const auto& bin : h->bins) {
    EXPECT_EQ(bin.to - bin.from, 1000);
    runs += bin.runs;
    errors += bin.errors;
  }
  EXPECT_EQ(runs, 100);
  EXPECT_EQ(errors, 10);
}

TEST_F(StatisticsTest, BinsOfEqualRatioTellZeroApart) {
  const auto h =
      statistics().Histogram({.runs = Runs(), .measure = RunMeasure::kCost, .step = 20 * kSecond});
  ASSERT_TRUE(h.ok()) << h.status().ToString();
  ASSERT_FALSE(h->bins.empty());
  EXPECT_EQ(h->bins[0].from, 0);
  EXPECT_EQ(h->bins[0].to, 0);
  EXPECT_EQ(h->bins[0].runs, 1);
  std::vector<int64_t> by_bin(h->bins.size());
  for (const auto& cell : h->cells) by_bin.at(cell.bin) += cell.runs;
  for (size_t i = 0; i < by_bin.size(); ++i) {
    EXPECT_EQ(by_bin[i], h->bins[i].runs);
    if (i == 0) continue;
    EXPECT_NEAR(h->bins[i].to / h->bins[i].from, 1.2589, 1e-3);
  }
}

TEST_F(StatisticsTest, ToolCallsAreAddedUpByTool) {
  const auto tools = statistics().Tools({.runs = Runs(), .step = 50 * kSecond, .tools = 2});
  ASSERT_TRUE(tools.ok()) << tools.status().ToString();
  ASSERT_EQ(tools->tools.size(), 3u);
  EXPECT_EQ(tools->tools[0].tool, "search");
  EXPECT_EQ(tools->tools[0].calls, 100);
  EXPECT_EQ(tools->tools[1].tool, "fast");
  EXPECT_TRUE(tools->tools[2].others);
  EXPECT_EQ(tools->tools[2].errors, 10);
  EXPECT_EQ(tools->tools[2].runs, 10);
  int64_t calls = 0;
  for (const auto& tool : tools->tools) {
    for (const auto& point : tool.points) calls += point.calls;
  }
  EXPECT_EQ(calls, 200);
}

TEST_F(StatisticsTest, DifferencesNameWhatSelectedRunsHaveMoreOften) {
  const auto found = statistics().Differences({.runs = Runs(), .min = 90.5 * kMillisecond});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->selected, 10);
  EXPECT_EQ(found->rest, 90);
  ASSERT_GE(found->values.size(), 2u);
  const auto& first = found->values[0];
  EXPECT_EQ(first.selected, 10);
  EXPECT_EQ(first.rest, 0);
  EXPECT_NEAR(first.z, 10, 1e-9);  // sqrt(100): the shares are 1 and 0
  std::set<std::string> fields;
  for (const auto& value : found->values) fields.insert(value.field + ":" + value.value);
  EXPECT_TRUE(fields.contains("agent:new"));
  EXPECT_TRUE(fields.contains("model:gpt-5"));
  EXPECT_FALSE(fields.contains("environment:prod"));
  RunQuery runs = Runs();
  const auto failing =
      statistics().Differences({.runs = runs, .selected = {kNoon + 99 * kSecond, 0}, .limit = 1});
  ASSERT_TRUE(failing.ok()) << failing.status().ToString();
  EXPECT_EQ(failing->selected, 2);
  EXPECT_EQ(failing->values.size(), 1u);
}

TEST_F(StatisticsTest, ARunIsOneAlsoWhenTwoAgentsFailWithATool) {
  runs_->describe = [](model::Run* run, const SpanRow& row) {
    run->environment = "other";
    run->tool_usage = {{"pay", "a", 1, 1, INT64_MAX}, {"pay", "b", 1, 1, INT64_MAX}};
    if (row.span_id.value > 1005) run->completeness = model::Completeness::kLive;
    if (row.span_id.value % 2 == 0) run->tool_usage = {};
  };
  for (uint64_t t = 1001; t <= 1008; ++t) {
    Put({{.trace = t, .span = t, .start = kNoon, .duration = static_cast<Nanos>(t)}});
  }
  RunQuery runs = Runs();
  runs.environment = "other";
  const auto found = statistics().Differences({.runs = runs, .min = 1003});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->selected, 3);  // durations of live runs are not known
  EXPECT_EQ(found->rest, 2);
  for (const auto& value : found->values) {
    EXPECT_LE(value.selected, found->selected) << value.field;
    EXPECT_LE(value.rest, found->rest) << value.field;
  }
  const auto tools = statistics().Tools({.runs = runs});
  ASSERT_TRUE(tools.ok()) << tools.status().ToString();
  ASSERT_EQ(tools->tools.size(), 1u);
  EXPECT_EQ(tools->tools[0].duration, INT64_MAX);
}

}  // namespace
}  // namespace ao::storage
