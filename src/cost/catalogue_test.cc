#include "cost/catalogue.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "cost/pricer.h"

namespace ao::cost {
namespace {

Catalogue Embedded() {
  auto catalogue = Catalogue::Parse(Catalogue::EmbeddedJson());
  EXPECT_TRUE(catalogue.ok()) << catalogue.status().ToString();
  return std::move(catalogue).value();
}

std::string ErrorOf(std::string_view json) { return Catalogue::Parse(json).status().message(); }

TEST(Catalogue, EmbeddedOneIsReadWhole) {
  const Catalogue catalogue = Embedded();
  EXPECT_EQ(catalogue.about().source, "@pydantic/genai-prices");
  EXPECT_FALSE(catalogue.about().version.empty());
  EXPECT_GT(catalogue.model_count(), 900u);
  EXPECT_EQ(catalogue.unknown_prices(), 0u);
}

// The generated file in the repository is what the pinned package exports.
TEST(Catalogue, IsWhatThePinnedPackageExports) {
  const int status =
      std::system("node " AO_SOURCE_DIR "/tools/export_prices.mjs --check >/dev/null 2>&1");
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77 || code == 127) GTEST_SKIP() << "no Node.js or no price package: run ./dev setup";
  EXPECT_EQ(code, 0) << "run tools/export_prices.mjs";
}

TEST(Catalogue, ReadsABareListAsThePackagePublishesIt) {
  const auto catalogue = Catalogue::Parse(
      R"([{"id":"p","models":[{"id":"m","match":{"equals":"M"},"prices":{"input_mtok":1,"new_mtok":2}}]}])");
  ASSERT_TRUE(catalogue.ok()) << catalogue.status().ToString();
  EXPECT_EQ(catalogue->unknown_prices(), 1u);
  EXPECT_NE(catalogue->FindModel(catalogue->providers()[0], "m"), nullptr);
}

TEST(Catalogue, SaysWhatIsWrong) {
  EXPECT_NE(ErrorOf("{").find("cannot read price catalogue"), std::string::npos);
  EXPECT_NE(ErrorOf("{}").find("no list of providers"), std::string::npos);
  EXPECT_NE(ErrorOf("[]").find("no model"), std::string::npos);
  EXPECT_NE(ErrorOf(R"([{"id":"p","models":[{"id":"m"}]}])").find("p/m needs"), std::string::npos);
  EXPECT_NE(ErrorOf(R"([{"id":"p","models":[{"id":"m","match":{"regex":"("},"prices":{}}]}])")
                .find("'('"),
            std::string::npos);
  EXPECT_NE(
      ErrorOf(
          R"([{"id":"p","models":[{"id":"m","match":{"equals":"m"},"prices":{"input_mtok":-1}}]}])")
          .find("input_mtok of p/m"),
      std::string::npos);
}

TEST(Catalogue, RulesIgnoreCaseAndMayBeNested) {
  const auto catalogue = Catalogue::Parse(R"([{"id":"p","models":[
    {"id":"a","match":{"and":[{"starts_with":"Ab"},{"or":[{"ends_with":"yz"},{"contains":"-Q-"}]}]},
     "prices":{"input_mtok":1}},
    {"id":"b","match":{"regex":"^o[134]"},"prices":{"input_mtok":1}}]}])");
  ASSERT_TRUE(catalogue.ok()) << catalogue.status().ToString();
  const Provider& p = catalogue->providers()[0];
  EXPECT_EQ(catalogue->FindModel(p, "ab-1-yz")->id, "a");
  EXPECT_EQ(catalogue->FindModel(p, "ab-q-1")->id, "a");
  EXPECT_EQ(catalogue->FindModel(p, "ab-1"), nullptr);
  EXPECT_EQ(catalogue->FindModel(p, "o3-mini")->id, "b");
  EXPECT_EQ(catalogue->FindModel(p, "o" + std::string(10'000, '3')), nullptr);
}

TEST(Catalogue, CompactDatesInNamesAreTriedWithDashes) {
  const Catalogue catalogue = Embedded();
  const Provider* openai = catalogue.FindProvider("openai");
  ASSERT_NE(openai, nullptr);
  ASSERT_NE(catalogue.FindModel(*openai, "gpt-4o-20240806"), nullptr);
  EXPECT_EQ(catalogue.FindModel(*openai, "gpt-4o-20240806")->id, "gpt-4o");
  EXPECT_EQ(catalogue.FindModel(*openai, "gpt-4o-20241340"), nullptr);
}

TEST(Catalogue, PricesHoldFromADayAndByTimeOfDay) {
  const auto catalogue = Catalogue::Parse(R"([{"id":"p","models":[
    {"id":"m","match":{"equals":"m"},"prices":[
      {"prices":{"input_mtok":1}},
      {"constraint":{"start_date":"2025-06-10","type":"start_date"},"prices":{"input_mtok":2}}]},
    {"id":"n","match":{"equals":"n"},"prices":[
      {"prices":{"input_mtok":1}},
      {"constraint":{"start_time":"22:00:00Z","end_time":"06:30:00Z","type":"time_of_date"},
       "prices":{"input_mtok":3}}]}]}])");
  ASSERT_TRUE(catalogue.ok()) << catalogue.status().ToString();
  const PricedModel& m = catalogue->providers()[0].models[0];
  const Nanos day = 1'749'513'600 * kSecond;  // 2025-06-10
  EXPECT_EQ(m.At(day - 1).row, "p/m");
  EXPECT_EQ(m.At(day).row, "p/m@2025-06-10");
  const PricedModel& n = catalogue->providers()[0].models[1];
  EXPECT_EQ(n.At(day + 22 * kHour).row, "p/n@22:00-06:30");
  EXPECT_EQ(n.At(day + 6 * kHour).row, "p/n@22:00-06:30");
  EXPECT_EQ(n.At(day + 6 * kHour + 30 * kMinute).row, "p/n");
  EXPECT_EQ(n.At(-1).row, "p/n@22:00-06:30");  // before 1970
}

TEST(Supplement, EveryTierHasAModelASourceAndADate) {
  const Catalogue catalogue = Embedded();
  const auto supplement = Supplement::Parse(Supplement::EmbeddedJson());
  ASSERT_TRUE(supplement.ok()) << supplement.status().ToString();
  ASSERT_FALSE(supplement->tiers().empty());
  for (const ServiceTier& tier : supplement->tiers()) {
    EXPECT_FALSE(tier.source.empty());
    EXPECT_EQ(tier.as_of.size(), 10u);
    for (const MatchRule& rule : tier.rows) {
      bool used = false;
      for (const Provider& provider : catalogue.providers()) {
        for (const PricedModel& model : provider.models) used |= rule.Matches(model.row);
      }
      EXPECT_TRUE(used) << tier.name << " has a row that no model of the catalogue has";
    }
  }
  EXPECT_EQ(supplement->OutputLimit("openai/gpt-4o"), 16384);
  EXPECT_EQ(supplement->OutputLimit("nobody/nothing"), 0);
}

}  // namespace
}  // namespace ao::cost
