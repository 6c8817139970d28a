#include <gtest/gtest.h>

#include "api/testing/fixture.h"

namespace ao::api {
namespace {

TEST_F(ApiTest, SeriesHaveFiguresByTimeAndGroup) {
  storage::RunFigures figures;
  figures.runs = 4;
  figures.errors = 1;
  figures.total_tokens = 30;
  figures.cost_usd = 0.25;
  figures.duration = {2e6, 3e6, 4e6};
  storage::RunFigures growing = figures;
  growing.live = 4;
  store.figures.series = {figures, {{kTestNow, figures}}, {{"lead", false, growing, {}}}};
  const Json json(Get("/api/v1/stats/series?since=1h&step=1m&by=agent&groups=3&status=error"
                      "&query=cost%3E1&agent=l*")
                      .body);
  const storage::SeriesQuery& query = store.figures.series_query;
  EXPECT_EQ(query.step, kMinute);
  EXPECT_EQ(query.by, "agent");
  EXPECT_EQ(query.groups, 3);
  EXPECT_EQ(query.runs.project, "default");
  EXPECT_EQ(query.runs.status, "error");
  EXPECT_EQ(query.runs.agent, "l*");
  EXPECT_EQ(query.runs.filter.kind, model::RunFilter::Kind::kTerm);
  EXPECT_EQ(query.runs.range.since, kTestNow - kHour);
  EXPECT_EQ(json.Raw("/step_ms"), "60000.0");
  EXPECT_EQ(json.Raw("/total/runs"), "4");
  EXPECT_EQ(json.Raw("/total/duration_ms/p99"), "4.0");
  EXPECT_EQ(json.Raw("/points/0/tokens/total"), "30");
  EXPECT_EQ(json.Text("/groups/0/key"), "lead");
  EXPECT_EQ(json.Raw("/groups/0/duration_ms"), "null");
}

TEST_F(ApiTest, AStepThatGivesTooManyPointsIsRefused) {
  const net::HttpResponse refused = Get("/api/v1/stats/series?since=30d&step=1s");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(Json(refused.body).Text("/error/message"),
            "cannot divide the time: a step of 1 s gives more than 2000 points between "
            "2026-01-01T09:30:00.000000000Z and 2026-01-31T09:30:00.000000000Z");
  EXPECT_EQ(Get("/api/v1/stats/heatmap?step=10ms").status, 400);
}

TEST_F(ApiTest, WithoutABeginningThePointsThatWereFoundCount) {
  const Nanos far = kTestNow - 3000 * kMinute;
  store.figures.series.points = {{far, {}}, {kTestNow, {}}};
  store.figures.histogram.cells = {{far, 0, 1, 0}, {kTestNow, 0, 1, 0}};
  store.figures.tools.tools.push_back(
      {"search", false, 2, 0, 2, 0, {{far, 1, 0}, {kTestNow, 1, 0}}});
  for (const std::string family : {"series", "heatmap", "tools"}) {
    EXPECT_EQ(Get("/api/v1/stats/" + family + "?step=1m").status, 400) << family;
    EXPECT_EQ(Get("/api/v1/stats/" + family + "?step=2m").status, 200) << family;
  }
}

TEST_F(ApiTest, HistogramsAndHeatmapsAreInMilliseconds) {
  store.figures.histogram = {
      9, 1e6, 9e6, 5e6, {5e6, 8e6, 9e6}, {{1e6, 2e6, 9, 1}}, {{kTestNow, 0, 9, 1}}};
  const Json histogram(Get("/api/v1/stats/histogram?scale=linear&bins=7").body);
  EXPECT_FALSE(store.figures.histogram_query.logarithmic);
  EXPECT_EQ(store.figures.histogram_query.bins, 7);
  EXPECT_EQ(histogram.Text("/unit"), "ms");
  EXPECT_EQ(histogram.Raw("/quantiles/p95"), "8.0");
  EXPECT_EQ(histogram.Raw("/bins/0"), R"({"from":1.0,"to":2.0,"runs":9,"errors":1})");
  EXPECT_FALSE(histogram.Has("/cells"));
  const Json heatmap(Get("/api/v1/stats/heatmap?field=cost&since=1h").body);
  EXPECT_EQ(store.figures.histogram_query.step, kMinute);
  EXPECT_EQ(heatmap.Raw("/bins/0/to"), "2000000.0");
  EXPECT_EQ(heatmap.Raw("/cells/0/bin"), "0");
}

TEST_F(ApiTest, ToolCallsAreListedByTool) {
  store.figures.tools.tools.push_back({"search", false, 5, 1, 3, kSecond, {{kTestNow, 5, 1}}});
  const Json json(Get("/api/v1/stats/tools?step=5m&since=1h&tools=3").body);
  EXPECT_EQ(store.figures.tool_query.tools, 3);
  EXPECT_EQ(json.Text("/tools/0/tool"), "search");
  EXPECT_EQ(json.Raw("/tools/0/duration_ms"), "1000.0");
  EXPECT_EQ(json.Raw("/tools/0/points/0/errors"), "1");
}

TEST_F(ApiTest, DifferencesCompareTheSelectionWithTheRest) {
  store.figures.differences = {10, 90, {{"model", "gpt-5", 9, 9, 6.1}}};
  const Json json(Get("/api/v1/stats/differences?min=500&max=900.5&selected_since=1h&since=1d"
                      "&selected_until=5m")
                      .body);
  const storage::DifferenceQuery& query = store.figures.difference_query;
  EXPECT_EQ(*query.min, 500e6);
  EXPECT_EQ(*query.max, 900.5e6);
  EXPECT_EQ(query.selected.since, kTestNow - kHour);
  EXPECT_EQ(query.selected.until, kTestNow - 5 * kMinute);
  EXPECT_EQ(json.Raw("/values/0/selected_share"), "0.9");
  EXPECT_EQ(json.Raw("/values/0/rest_share"), "0.1");
  EXPECT_EQ(Get("/api/v1/stats/differences?min=5&max=5").status, 400);
  EXPECT_EQ(Get("/api/v1/stats/differences?selected_since=1m&selected_until=1h").status, 400);
}

TEST_F(ApiTest, FacetsCountTheRunsThatMatch) {
  store.figures.facets = {7, {{"agent", 3, {{"lead", 5, 1}}}, {"tool", 0, {}}}};
  const Json json(
      Get("/api/v1/stats/facets?since=1h&query=cost%3E1&fields=agent,tool,agent&limit=1").body);
  const storage::FacetQuery& query = store.figures.facet_query;
  EXPECT_EQ(query.fields, (std::vector<std::string>{"agent", "tool"}));
  EXPECT_EQ(query.limit, 1);
  EXPECT_EQ(query.runs.project, "default");
  EXPECT_EQ(query.runs.range.since, kTestNow - kHour);
  EXPECT_EQ(query.runs.filter.kind, model::RunFilter::Kind::kTerm);
  EXPECT_EQ(json.Raw("/runs"), "7");
  EXPECT_EQ(json.Raw("/facets/0/distinct"), "3");
  EXPECT_EQ(json.Raw("/facets/0/values/0"), R"({"value":"lead","runs":5,"errors":1})");
  EXPECT_EQ(json.Raw("/facets/1/values"), "[]");
}

TEST_F(ApiTest, AFacetThatThereIsNotIsRefused) {
  const net::HttpResponse refused = Get("/api/v1/stats/facets?fields=agent,colour");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(Json(refused.body).Text("/error/message"),
            "cannot count values of \"colour\": there is no such field");
  EXPECT_EQ(Get("/api/v1/stats/facets?fields=,").status, 400);
}

TEST_F(ApiTest, CallsToModelsAreInMilliseconds) {
  store.figures.models = {{"large", 4, 1, {2e6, 3e6, 4e6}, 0, {}},
                          {"small", 2, 0, {1e6, 1e6, 1e6}, 2, {5e5, 6e5, 6e5}}};
  const Json json(Get("/api/v1/stats/models?since=1h&models=2&status=error").body);
  EXPECT_EQ(store.figures.model_query.models, 2);
  EXPECT_EQ(store.figures.model_query.runs.status, "error");
  EXPECT_EQ(json.Text("/models/0/model"), "large");
  EXPECT_EQ(json.Raw("/models/0/duration_ms/p95"), "3.0");
  EXPECT_EQ(json.Raw("/models/0/time_to_first_token_ms"), "null");
  EXPECT_EQ(json.Raw("/models/1/time_to_first_token_ms/p50"), "0.5");
}

}  // namespace
}  // namespace ao::api
