#include <gtest/gtest.h>

#include "api/testing/fixture.h"

// Agents, users, sessions as conversations, and the search language over REST.

namespace ao::api {
namespace {

TEST_F(ApiTest, OneRunTellsItsUsageEdgesAndVersions) {
  model::Run run = SampleRun();
  EXPECT_EQ(Json(Get("/api/v1/runs").body).Has("/runs/0/usage"), false);
  run.usage.push_back({});
  run.usage[0].agent = "a";
  run.usage[0].input_tokens = 5;
  run.usage[0].cost_source = model::CostSource::kClient;
  run.edges.push_back({"a", "b", model::EdgeEvidence::kTool, true, 2, 1});
  run.versions.push_back({"a", "1.0", "gpt", "", "ff"});
  store.runs = {run};
  const Json json(Get("/api/v1/runs/" + std::string(kTraceHex)).body);
  EXPECT_EQ(json.Text("/usage/0/agent"), "a");
  EXPECT_EQ(json.Raw("/usage/0/input_tokens"), "5");
  EXPECT_EQ(json.Text("/usage/0/cost_source"), "client");
  EXPECT_EQ(json.Raw("/edges/0"),
            R"({"from":"a","to":"b","evidence":"tool","handoff":true,"calls":2,"errors":1})");
  EXPECT_EQ(json.Text("/versions/0/id"), "ff");
}

TEST_F(ApiTest, RunsAreSoughtWithAQuery) {
  EXPECT_EQ(Get("/api/v1/runs?query=agent:a cost>0.1 since:1h").status, 200);
  ASSERT_EQ(store.run_query.filter.children.size(), 3u);
  EXPECT_EQ(store.run_query.filter.children[2].term.nanos, kTestNow - kHour);
  const net::HttpResponse refused = Get("/api/v1/runs?query=agent:a modle:b");
  EXPECT_EQ(refused.status, 400);
  const Json error(refused.body);
  EXPECT_EQ(error.Text("/error/message"),
            "cannot read query: there is no field \"modle\"\n  agent:a modle:b\n          ^");
  EXPECT_EQ(error.Text("/error/hint"), "did you mean \"model\"?");
}

TEST_F(ApiTest, AgentsAreListedWithTheirVersions) {
  storage::AgentRow row;
  row.agent = "lead";
  row.runs = 3;
  row.invocations = 2;
  row.p50 = 5 * kMillisecond;
  row.versions.push_back({{"lead", "1.0", "gpt", "aa", "bb"}, kTestNow, kTestNow, 3});
  storage::AgentRow nameless;
  nameless.agent = "x";
  store.agents = {row, nameless};
  const Json page(Get("/api/v1/agents?agent=l*&limit=7").body);
  EXPECT_EQ(store.agent_query.agent, "l*");
  EXPECT_EQ(store.agent_query.limit, 7);
  EXPECT_EQ(store.agent_query.range.since, kTestNow - 7 * kDay);
  EXPECT_EQ(page.Raw("/agents/0/duration_ms/p50"), "5.0");
  EXPECT_EQ(page.Text("/agents/0/versions/0/id"), "bb");
  EXPECT_EQ(page.Raw("/agents/1/duration_ms"), "null");
  EXPECT_EQ(page.Raw("/total"), "2");
}

TEST_F(ApiTest, UsersAreListedInTheOrderAskedFor) {
  storage::UserRow row;
  row.user = "ann";
  row.cost_usd = 0.5;
  store.users = {row};
  store.next_cursor = "c";
  const Json page(Get("/api/v1/users?sort=cost&q=an").body);
  EXPECT_EQ(store.user_query.sort, storage::UserSort::kCost);
  EXPECT_EQ(store.user_query.text, "an");
  EXPECT_EQ(page.Text("/users/0/user"), "ann");
  EXPECT_EQ(page.Raw("/users/0/cost_usd"), "0.5");
  EXPECT_EQ(page.Text("/next_cursor"), "c");
  EXPECT_EQ(Get("/api/v1/users?sort=age").status, 400);
}

TEST_F(ApiTest, ASessionIsAConversation) {
  model::Run run = SampleRun();
  run.session = "s";
  run.input_preview = "hello";
  run.output_preview = "hi";
  store.runs = {run};
  const Json session(Get("/api/v1/sessions/s").body);
  EXPECT_TRUE(store.run_query.ascending);
  EXPECT_EQ(session.Text("/turns/0/input"), "hello");
  EXPECT_EQ(session.Text("/turns/0/output"), "hi");
  EXPECT_EQ(session.Text("/turns/0/refs/run"), "/api/v1/runs/" + std::string(kTraceHex));
}

TEST_F(ApiTest, TheSearchLanguageDescribesItself) {
  const Json fields(Get("/api/v1/search/fields").body);
  EXPECT_EQ(fields.Text("/fields/0/name"), "agent");
  EXPECT_EQ(fields.Text("/fields/0/example"), "agent:researcher");
  EXPECT_EQ(fields.Raw("/fields/3/values"), R"(["ok","error","live"])");
}

TEST_F(ApiTest, ValuesOfAFieldComeFromStoredRuns) {
  store.sql.rows = {R"(["gpt-4o",5])"};
  const Json values(Get("/api/v1/search/values?field=model&prefix=g'p&since=1h").body);
  EXPECT_EQ(values.Raw("/values"), R"([["gpt-4o",5]])");
  EXPECT_NE(store.sql_request.text.find("lower('g''p')"), std::string::npos);
  EXPECT_NE(store.sql_request.text.find("unnest(models)"), std::string::npos);
  EXPECT_EQ(Get("/api/v1/search/values?field=cost").status, 400);
}

TEST_F(ApiTest, TextsAreSearchedAndTheAnswerSaysHowFar) {
  EXPECT_EQ(Get("/api/v1/search/text").status, 400);
  store.text.matches.push_back(
      {*TraceId::FromHex(kTraceHex), {7}, kTestNow, "chat", "input", "..a"});
  store.text.scanned_spans = 64;
  store.text.scanned_since = kTestNow;
  const Json page(Get("/api/v1/search/text?q=refund me&timeout=1s&limit=3").body);
  EXPECT_EQ(store.text_query.text, "refund me");
  EXPECT_EQ(store.text_query.time_limit, kSecond);
  EXPECT_EQ(store.text_query.range.since, kTestNow - kDay);
  EXPECT_EQ(page.Text("/matches/0/trace_id"), kTraceHex);
  EXPECT_EQ(page.Text("/matches/0/field"), "input");
  EXPECT_EQ(page.Raw("/complete"), "false");
  EXPECT_EQ(page.Raw("/scanned/spans"), "64");
}

}  // namespace
}  // namespace ao::api
