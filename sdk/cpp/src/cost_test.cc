#include "observatory/cost.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "prices.h"

namespace observatory {
namespace {

// 2026-11-22 12:00 UTC.
constexpr int64_t kNoon = int64_t{1795348800} * 1000000000;

TEST(PriceTest, TheCatalogueIsTheServers) { EXPECT_GT(detail::PricedModels(), 1500u); }

TEST(PriceTest, FindsModelsWithAndWithoutProvider) {
  const Price price = price_of("gpt-4o", "openai");
  EXPECT_EQ(price.row, "openai/gpt-4o");
  EXPECT_DOUBLE_EQ(price.input, 2.5);
  EXPECT_DOUBLE_EQ(price.output, 10);
  EXPECT_EQ(price_of("GPT-4o").row, "openai/gpt-4o");
  EXPECT_EQ(price_of("openai/gpt-4o").row, "openai/gpt-4o");
  EXPECT_EQ(price_of("claude-3-5-sonnet-20241022", "anthropic").row,
            "anthropic/claude-3-5-sonnet");
}

TEST(PriceTest, UnknownModelsCostTheDefault) {
  const Price price = price_of("my-own-model");
  EXPECT_TRUE(price.is_default);
  EXPECT_DOUBLE_EQ(price.input, 5);
  EXPECT_DOUBLE_EQ(price.output, 15);
}

TEST(PriceTest, TimeOfDayAndTiersCount) {
  EXPECT_DOUBLE_EQ(detail::PriceAt("deepseek-reasoner", "deepseek", 0, kNoon).input, 0.55);
  const int64_t night = kNoon + int64_t{8} * 3600 * 1000000000;
  EXPECT_DOUBLE_EQ(detail::PriceAt("deepseek-reasoner", "deepseek", 0, night).input, 0.135);
  const int64_t before = int64_t{1767225600} * 1000000000;  // 2026-01-01
  EXPECT_DOUBLE_EQ(detail::PriceAt("claude-opus-4-6", "anthropic", 200000, before).input, 5);
  EXPECT_DOUBLE_EQ(detail::PriceAt("claude-opus-4-6", "anthropic", 200001, before).input, 10);
  EXPECT_DOUBLE_EQ(detail::PriceAt("claude-opus-4-6", "anthropic", 200001, kNoon).input, 5);
}

TEST(PriceTest, CachedTokensHaveTheirOwnPrice) {
  const Price price{.input = 10, .output = 20, .cache_read = 1, .cache_write = 12};
  EXPECT_DOUBLE_EQ(cost_of(price, {.input = 1000000, .output = 500000, .cache_read = 400000,
                                   .cache_write = 100000}),
                   5 + 10 + 0.4 + 1.2);
}

TEST(CostContextTest, CountsByAgentAndModel) {
  CostContext cost;
  cost.record("writer", "gpt-4o", {.input = 1000000, .output = 0}, "openai");
  cost.record("writer", "none-such", {.input = 0, .output = 1000000});
  cost.record("critic", "gpt-4o", {.input = 0, .output = 100000}, "openai");
  EXPECT_DOUBLE_EQ(cost.total_usd(), 2.5 + 15 + 1);
  EXPECT_DOUBLE_EQ(cost.by_agent().at("writer"), 17.5);
  EXPECT_DOUBLE_EQ(cost.by_model().at("gpt-4o"), 3.5);
  ASSERT_EQ(cost.calls().size(), 3u);
  EXPECT_EQ(cost.calls()[2].agent, "critic");
  EXPECT_TRUE(std::isinf(cost.remaining_usd()));
}

TEST(CostContextTest, ExceedingABudgetIsRaisedWithTheFigures) {
  CostContext cost("request", 3, nullptr, "r-1");
  cost.record("a", "gpt-4o", {.input = 1000000}, "openai");
  EXPECT_DOUBLE_EQ(cost.remaining_usd(), 0.5);
  try {
    cost.record("a", "gpt-4o", {.input = 1000000}, "openai");
    FAIL();
  } catch (const BudgetExceededError& error) {
    EXPECT_EQ(error.scope(), "request");
    EXPECT_DOUBLE_EQ(error.spent_usd(), 5);
    EXPECT_DOUBLE_EQ(error.budget_usd(), 3);
  }
  EXPECT_EQ(cost.calls().size(), 2u);
  EXPECT_EQ(cost.calls()[0].request, "r-1");
  EXPECT_THROW(cost.check(), BudgetExceededError);
}

TEST(CostContextTest, NestedContextsAllCount) {
  CostContext day("day", 10);
  CostContext first("request", 6, &day), second("request", 6, &day);
  EXPECT_TRUE(first.charge("a", "gpt-4o", {.input = 2000000}, "openai"));
  EXPECT_TRUE(second.charge("a", "gpt-4o", {.input = 2000000}, "openai"));
  EXPECT_DOUBLE_EQ(day.total_usd(), 10);
  EXPECT_FALSE(second.charge("a", "gpt-4o", {.input = 100000}, "openai"));
  try {
    second.check();
    FAIL();
  } catch (const BudgetExceededError& error) {
    EXPECT_EQ(error.scope(), "day");
  }
  EXPECT_TRUE(first.exceeded());
}

TEST(CostContextTest, IsCurrentWhereItsContextIs) {
  CostContext cost;
  EXPECT_FALSE(CostContext::current().has_value());
  Scope scope = cost.activate();
  std::thread(bind_context([] {
    CostContext::current()->record("a", "m", {.output = 1000000});
  })).join();
  EXPECT_DOUBLE_EQ(cost.total_usd(), 15);
}

TEST(CostContextTest, ManyThreads) {
  CostContext day("day"), request("request", 0, &day);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) request.record("a", "m", {.output = 1000000});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_DOUBLE_EQ(day.total_usd(), 2000 * 15);
}

}  // namespace
}  // namespace observatory
