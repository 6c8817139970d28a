#include "cost/pricer.h"

#include <gtest/gtest.h>

namespace ao::cost {
namespace {

constexpr Nanos kNow = 1'769'851'800 * kSecond;  // 2026-01-31T09:30:00Z

const PriceBook& Book() {
  static const auto book = Pricer::EmbeddedBook().value();
  return *book;
}

Usage Tokens(double input, double output, double cache_read = 0, double cache_write = 0) {
  Usage usage;
  usage[Unit::kInput] = input;
  usage[Unit::kOutput] = output;
  usage[Unit::kCacheRead] = cache_read;
  usage[Unit::kCacheWrite] = cache_write;
  return usage;
}

CostResult PriceOf(std::string_view provider, std::string_view model, const Usage& usage,
                   std::string_view tier = {}) {
  return Book().Price(
      {.provider = provider, .model_answered = model, .service_tier = tier, .when = kNow}, usage);
}

// 1000 input, of which 400 cached, and 100 output at 2.50, 1.25 and 10 USD a million:
// 600 * 2.50 + 400 * 1.25 + 100 * 10 = 3000 millionths.
TEST(Pricer, CachedInputIsChargedOnce) {
  const CostResult price = PriceOf("openai", "gpt-4o-2024-08-06", Tokens(1000, 100, 400));
  EXPECT_DOUBLE_EQ(price.usd, 0.003);
  EXPECT_EQ(price.row, "openai/gpt-4o");
  EXPECT_EQ(price.source, model::CostSource::kCatalogue);
}

// An emitter of exclusive counts says 100 input, 2000 read, 500 written; the canonical input is
// their sum. 100 * 3 + 2000 * 0.30 + 500 * 3.75 + 50 * 15 = 3525 millionths.
TEST(Pricer, CacheWritesCostMoreThanInput) {
  const CostResult price =
      PriceOf("anthropic", "claude-3-7-sonnet-20250219", Tokens(2600, 50, 2000, 500));
  EXPECT_DOUBLE_EQ(price.usd, 0.003525);
}

// Of the 500 written tokens 200 live an hour, at 6 USD: 100*3 + 2000*.3 + 300*3.75 + 200*6 + 50*15.
TEST(Pricer, CacheWritesForAnHourHaveTheirOwnPrice) {
  Usage usage = Tokens(2600, 50, 2000, 500);
  usage[Unit::kCacheWrite1h] = 200;
  EXPECT_NEAR(PriceOf("anthropic", "claude-3-7-sonnet-20250219", usage).usd, 0.003975, 1e-15);
}

// gemini-2.5-pro: 1.25 in and 10 out up to 200,000 input tokens, 2.50 and 15 beyond, for the whole
// call.
TEST(Pricer, LongContextTierHoldsForTheWholeCall) {
  EXPECT_NEAR(PriceOf("gcp.gemini", "gemini-2.5-pro", Tokens(200'000, 1000)).usd, 0.25 + 0.01,
              1e-12);
  EXPECT_NEAR(PriceOf("gcp.gemini", "gemini-2.5-pro", Tokens(200'001, 1000)).usd, 0.5000025 + 0.015,
              1e-12);
}

// nova-sonic: 400 * 0.06 + 600 * 3.40 + 200 * 0.24 + 300 * 13.60 = 6192 millionths.
TEST(Pricer, AudioHasItsOwnPrice) {
  Usage usage = Tokens(1000, 500);
  usage[Unit::kInputAudio] = 600;
  usage[Unit::kOutputAudio] = 300;
  const CostResult price = PriceOf("aws.bedrock", "amazon.nova-sonic-v1:0", usage);
  EXPECT_NEAR(price.usd, 0.006192, 1e-15);
  EXPECT_EQ(price.row, "aws/amazon.nova-sonic-v1:0");
}

// gpt-4o has no audio price: audio is input like any other.
TEST(Pricer, WhatHasNoPriceStaysInTheWiderUnit) {
  Usage usage = Tokens(1'000'000, 0);
  usage[Unit::kInputAudio] = 600'000;
  EXPECT_NEAR(PriceOf("openai", "gpt-4o", usage).usd, 2.5, 1e-12);
}

// 10 USD per thousand.
TEST(Pricer, WebSearchesAreChargedByNumber) {
  Usage usage;
  usage[Unit::kWebSearches] = 3;
  EXPECT_NEAR(PriceOf("openai", "gpt-4o", usage).usd, 0.03, 1e-15);
}

// 2000 * 5 + 1000 * 15 = 25,000 millionths; the price list is not known, so neither is a discount.
TEST(Pricer, UnknownModelsHaveTheDefaultPriceAndSaySo) {
  const CostResult price = PriceOf("acme", "acme-large-7", Tokens(2000, 1000, 500), "batch");
  EXPECT_DOUBLE_EQ(price.usd, 0.025);
  EXPECT_EQ(price.source, model::CostSource::kDefault);
  EXPECT_EQ(price.row, "default");
  EXPECT_EQ(price.tier, "");
}

TEST(Pricer, ServiceTiersHaveTheirPrice) {
  const Usage usage = Tokens(1'000'000, 100'000);
  EXPECT_NEAR(PriceOf("openai", "gpt-4o", usage).usd, 3.5, 1e-12);
  EXPECT_NEAR(PriceOf("openai", "gpt-4o", usage, "default").usd, 3.5, 1e-12);
  EXPECT_NEAR(PriceOf("openai", "gpt-4o", usage, "batch").usd, 1.75, 1e-12);
  EXPECT_NEAR(PriceOf("openai", "gpt-4o", usage, "priority").usd, 4.25 + 1.7, 1e-12);
  EXPECT_EQ(PriceOf("openai", "gpt-4o", usage, "priority").tier, "priority");
  EXPECT_NEAR(PriceOf("openai", "gpt-5", usage, "Flex").usd, (1.25 + 1.0) / 2, 1e-12);
}

TEST(Pricer, TierWithoutAPriceIsChargedAsStandardAndSaysSo) {
  const PriceQuery query{
      .provider = "openai", .model_answered = "gpt-4o", .service_tier = "flex", .when = kNow};
  const Explanation price = Book().Explain(query, Tokens(1'000'000, 0));
  EXPECT_TRUE(price.tier_unpriced);
  EXPECT_EQ(price.tier, "");
  EXPECT_NEAR(price.usd, 2.5, 1e-12);
}

TEST(Pricer, RecognisesProvidersHoweverTheyAreNamed) {
  EXPECT_EQ(PriceOf("x_ai", "grok-4.3-20260101", Tokens(1, 1)).row.substr(0, 5), "x-ai/");
  EXPECT_EQ(PriceOf("openai.chat", "gpt-4o", Tokens(1, 1)).row, "openai/gpt-4o");
  EXPECT_EQ(PriceOf("groq.chat", "gpt-4o", Tokens(1, 1)).row, "openai/gpt-4o");
  EXPECT_EQ(PriceOf("", "openai/gpt-4o", Tokens(1, 1)).row, "openai/gpt-4o");
  EXPECT_EQ(PriceOf("", "gpt-4o", Tokens(1, 1)).row, "openai/gpt-4o");
  EXPECT_EQ(Book().Find("", "gpt-4o").how, Recognised::kModel);
  EXPECT_EQ(Book().Find("openai", "gpt-4o").how, Recognised::kProvider);
}

TEST(Pricer, TheRequestedModelIsTriedWhenTheAnsweredOneIsUnknown) {
  const PriceQuery query{.provider = "azure.ai.openai",
                         .model_answered = "my-deployment",
                         .model_requested = "gpt-4o",
                         .when = kNow};
  EXPECT_EQ(Book().Price(query, Tokens(1, 1)).source, model::CostSource::kCatalogue);
}

TEST(Pricer, ContradictoryUsageIsNeverNegative) {
  // 500 cached of 100: the cached ones are charged, and no other input.
  EXPECT_NEAR(PriceOf("openai", "gpt-4o", Tokens(100, 0, 500)).usd, 500 * 1.25e-6, 1e-15);
}

Override MakeOverride(std::string_view json, std::string_view project = {}) {
  auto parsed = ParseOverride(json, false);
  EXPECT_TRUE(parsed.ok()) << parsed.status().ToString();
  parsed->project = project;
  return std::move(parsed).value();
}

std::shared_ptr<PriceBook> Overridden(std::vector<Override> overrides) {
  return std::make_shared<PriceBook>(
      Book().shared_catalogue(),
      std::make_shared<const Supplement>(Supplement::Parse(Supplement::EmbeddedJson()).value()),
      std::move(overrides));
}

TEST(Pricer, OverridesComeFirstTheMostParticularBeforeTheOthers) {
  std::vector<Override> overrides;
  overrides.push_back(MakeOverride(R"({"model":"gpt-*","prices":{"input_mtok":1}})"));
  overrides.push_back(MakeOverride(R"({"model":"gpt-4o*","prices":{"input_mtok":2}})"));
  overrides.push_back(MakeOverride(R"({"model":"GPT-4o","prices":{"input_mtok":3}})", "research"));
  overrides.push_back(MakeOverride(
      R"({"model":"gpt-4o","provider":"azure","prices":{"input_mtok":4}})", "research"));
  const auto book = Overridden(std::move(overrides));
  const auto price = [&](std::string_view project, std::string_view provider,
                         std::string_view model) {
    return book->Price(
        {.project = project, .provider = provider, .model_answered = model, .when = kNow},
        Tokens(1e6, 0));
  };
  EXPECT_EQ(price("default", "openai", "gpt-5").usd, 1);
  EXPECT_EQ(price("default", "openai", "gpt-4o-mini").usd, 2);
  EXPECT_EQ(price("research", "openai", "gpt-4o").usd, 3);
  EXPECT_EQ(price("research", "azure.ai.openai", "gpt-4o").usd, 4);
  EXPECT_EQ(price("research", "openai", "gpt-4o").row, "override/gpt-4o");
  EXPECT_EQ(price("research", "openai", "gpt-4o").source, model::CostSource::kOverride);
  EXPECT_EQ(price("default", "anthropic", "claude-sonnet-4-5").source,
            model::CostSource::kCatalogue);
}

TEST(Pricer, OverridesHoldFromTheirDay) {
  std::vector<Override> overrides;
  overrides.push_back(
      MakeOverride(R"({"model":"m","from":"2026-01-31","prices":{"input_mtok":2}})"));
  overrides.push_back(MakeOverride(R"({"model":"m","prices":{"input_mtok":1}})"));
  const auto book = Overridden(std::move(overrides));
  const auto usd = [&](Nanos when) {
    return book->Price({.model_answered = "m", .when = when}, Tokens(1e6, 0)).usd;
  };
  EXPECT_EQ(usd(kNow), 2);
  EXPECT_EQ(usd(kNow - kDay), 1);
}

TEST(Overrides, SayWhatIsWrong) {
  const auto error = [](std::string_view json) {
    return ParseOverride(json, false).status().message();
  };
  EXPECT_NE(error("{}").find("no model"), std::string::npos);
  EXPECT_NE(error(R"({"model":"m"})").find("no prices"), std::string::npos);
  EXPECT_NE(error(R"({"model":"a*b","prices":{}})").find("'a*b'"), std::string::npos);
  EXPECT_NE(error(R"({"model":"m","prices":{"input":1}})").find("'input'"), std::string::npos);
  EXPECT_NE(error(R"({"model":"m","from":"31.1.26","prices":{}})").find("'31.1.26'"),
            std::string::npos);
  EXPECT_NE(error(R"({"model":"m","price":{}})").find("\"price\""), std::string::npos);
}

TEST(UsageOf, ATotalAloneIsSplitAndSaysSo) {
  model::Canonical canonical;
  canonical.op = model::Op::kLlm;
  canonical.total_tokens = 1000;
  const CallUsage call = UsageOf(canonical);
  EXPECT_TRUE(call.assumed_split);
  EXPECT_EQ(call.usage[Unit::kInput], 750);
  EXPECT_EQ(call.usage[Unit::kOutput], 250);
}

TEST(UsageOf, ATotalCompletesWhatIsMissing) {
  model::Canonical canonical;
  canonical.op = model::Op::kLlm;
  canonical.input_tokens = 600;
  canonical.total_tokens = 1000;
  EXPECT_EQ(UsageOf(canonical).usage[Unit::kOutput], 400);
  EXPECT_FALSE(UsageOf(canonical).assumed_split);
}

TEST(Pricer, ManyNamesDoNotFillTheMemory) {
  const auto book = Overridden({});
  for (int i = 0; i < 20'000; ++i) {
    book->Price({.provider = "p", .model_answered = "m" + std::to_string(i)}, Tokens(1, 1));
  }
  EXPECT_EQ(book->Price({.provider = "openai", .model_answered = "gpt-4o"}, Tokens(1e6, 0)).usd,
            2.5);
}

}  // namespace
}  // namespace ao::cost
