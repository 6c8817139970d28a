#include "api/rest/cost_query.h"

#include <gtest/gtest.h>

namespace ao::api {
namespace {

TEST(CostQuery, FieldsAreCheckedByName) {
  EXPECT_EQ(ParseCostFields("agent,model").value(), (std::vector<std::string>{"agent", "model"}));
  EXPECT_TRUE(ParseCostFields("").value().empty());
  EXPECT_NE(ParseCostFields("agent,colour").status().message().find("colour"), std::string::npos);
  EXPECT_NE(ParseCostFields("agent,agent").status().message().find("twice"), std::string::npos);
}

TEST(CostQuery, ValuesOfFiltersAreQuoted) {
  CostQuery query{.project = "p", .group = {"agent"}, .filters = {{"model", "x' OR 'a*"}}};
  EXPECT_NE(CostSql(query).find("starts_with(part.model, 'x'' OR ''a')"), std::string::npos);
}

TEST(DelegatedCosts, FollowEdgesAndCountACalleeForEachOfItsCallers) {
  const std::string topology =
      "a\x1f"
      "b\x1e"
      "b\x1f"
      "c\x1e"
      "d\x1f"
      "c";
  const auto costs = DelegatedCosts(
      {{topology, "a", 1}, {topology, "b", 2}, {topology, "c", 4}, {topology, "d", 8}});
  const std::vector<std::pair<std::string, double>> expected = {{"a", 6}, {"b", 4}, {"d", 4}};
  EXPECT_EQ(costs, expected);
}

TEST(DelegatedCosts, CyclesEndAndAnAgentDoesNotDelegateToItself) {
  const auto costs = DelegatedCosts({{"a\x1f"
                                      "b\x1e"
                                      "b\x1f"
                                      "a",
                                      "a", 1},
                                     {"a\x1f"
                                      "b\x1e"
                                      "b\x1f"
                                      "a",
                                      "b", 2}});
  const std::vector<std::pair<std::string, double>> expected = {{"a", 2}, {"b", 1}};
  EXPECT_EQ(costs, expected);
}

}  // namespace
}  // namespace ao::api
