#include "storage/local/store_fixture.h"

// Agents and users over hot and sealed runs.

namespace ao::storage {
namespace {

class GroupsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    runs_->describe = [](model::Run* run, const SpanRow& row) {
      const bool old = row.start < kNoon + kMinute;
      run->agent = "lead";
      run->agents = {"helper", "lead"};
      run->user = row.trace_id == Trace(3) ? "bob" : "ann";
      run->session = "s";
      run->input_tokens = 12;
      run->total_tokens = 15;
      run->cost_usd = 0.5;
      run->usage = {{.agent = "helper", .calls = 1, .input_tokens = 2, .total_tokens = 2},
                    {.agent = "lead",
                     .calls = 2,
                     .input_tokens = 10,
                     .output_tokens = 3,
                     .total_tokens = 13,
                     .cost_usd = 0.5}};
      run->versions = {{"lead", old ? "1" : "2", "gpt", "", old ? "v1" : "v2"}};
    };
    const std::vector<std::pair<std::string, std::string>> agent = {
        {"gen_ai.operation.name", "invoke_agent"}, {"gen_ai.agent.name", "lead"}};
    for (uint64_t t = 1; t <= 3; ++t) {
      Put({{.trace = t,
            .span = t,
            .start = kNoon + static_cast<Nanos>(t - 1) * kMinute,
            .duration = static_cast<Nanos>(t) * kSecond,
            .error = t == 3,
            .attributes = agent}});
      if (t == 2) Seal();
    }
  }
};

TEST_F(GroupsTest, AnAgentHasItsRunsItsOwnTokensAndItsVersions) {
  const auto page = store_->ListAgents({.project = "p"});
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  ASSERT_EQ(page->agents.size(), 2u);
  EXPECT_EQ(page->total, 2);
  const AgentRow& lead = page->agents[page->agents[0].agent == "lead" ? 0 : 1];
  EXPECT_EQ(lead.agent, "lead");
  EXPECT_EQ(lead.runs, 3);
  EXPECT_EQ(lead.failed_runs, 1);
  EXPECT_EQ(lead.invocations, 3);
  EXPECT_EQ(lead.errors, 1);
  EXPECT_EQ(lead.model_calls, 6);
  EXPECT_EQ(lead.input_tokens, 30);
  EXPECT_EQ(lead.output_tokens, 9);
  EXPECT_EQ(lead.total_tokens, 39);
  EXPECT_EQ(lead.cost_usd, 1.5);
  EXPECT_EQ(lead.p50, 2 * kSecond);
  EXPECT_EQ(lead.p95, 3 * kSecond);
  EXPECT_EQ(lead.first, kNoon);
  EXPECT_EQ(lead.last, kNoon + 2 * kMinute + 3 * kSecond);
  ASSERT_EQ(lead.versions.size(), 2u);
  EXPECT_EQ(lead.versions[0].version.id, "v2");
  EXPECT_EQ(lead.versions[0].version.service_version, "2");
  EXPECT_EQ(lead.versions[0].runs, 2);
  EXPECT_EQ(lead.versions[1].last, kNoon);
}

TEST_F(GroupsTest, AgentsAreSoughtByNameAndTime) {
  const auto helper = store_->ListAgents({.project = "p", .agent = "help*"});
  ASSERT_TRUE(helper.ok());
  ASSERT_EQ(helper->agents.size(), 1u);
  EXPECT_EQ(helper->agents[0].model_calls, 3);
  EXPECT_EQ(helper->agents[0].invocations, 0);
  const auto late = store_->ListAgents({.project = "p", .range = {kNoon + kMinute, 0}, .limit = 1});
  ASSERT_EQ(late->agents.size(), 1u);
  EXPECT_EQ(late->total, 2);
  EXPECT_EQ(late->agents[0].runs, 2);
  EXPECT_TRUE(store_->ListAgents({.project = "other"})->agents.empty());
}

TEST_F(GroupsTest, UsersHaveTheirTotalsPageByPage) {
  UserQuery query{.project = "p", .sort = UserSort::kCost, .limit = 1};
  auto page = store_->ListUsers(query);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  ASSERT_EQ(page->users.size(), 1u);
  const UserRow& ann = page->users[0];
  EXPECT_EQ(ann.user, "ann");
  EXPECT_EQ(ann.runs, 2);
  EXPECT_EQ(ann.sessions, 1);
  EXPECT_EQ(ann.errors, 0);
  EXPECT_EQ(ann.input_tokens, 24);
  EXPECT_EQ(ann.total_tokens, 30);
  EXPECT_EQ(ann.cost_usd, 1.0);
  query.cursor = page->next_cursor;
  page = store_->ListUsers(query);
  ASSERT_EQ(page->users.size(), 1u);
  EXPECT_EQ(page->users[0].user, "bob");
  EXPECT_EQ(page->next_cursor, "");
  query.sort = UserSort::kLast;
  EXPECT_FALSE(store_->ListUsers(query).ok());  // a cursor of another order
  EXPECT_EQ(store_->ListUsers({.project = "p", .text = "BO"})->users.size(), 1u);
}

}  // namespace
}  // namespace ao::storage
