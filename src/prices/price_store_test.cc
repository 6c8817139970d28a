#include "prices/price_store.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/temporary_directory.h"

namespace ao::prices {
namespace {

constexpr std::string_view kSmall =
    R"([{"id":"p","models":[{"id":"m","match":{"equals":"m"},"prices":{"input_mtok":7}}]}])";

class PriceStoreTest : public testing::Test {
 protected:
  std::unique_ptr<PriceStore> Open(const std::string& file = {}) {
    auto store = PriceStore::Open({directory_.path(), file}, PosixFileSystem());
    EXPECT_TRUE(store.ok()) << store.status().ToString();
    return std::move(store).value();
  }
  static cost::Override Price(std::string_view json, std::string_view project = "default") {
    auto price = cost::ParseOverride(json, false);
    EXPECT_TRUE(price.ok()) << price.status().ToString();
    price->project = project;
    return std::move(price).value();
  }
  // USD for a million input tokens.
  static double Million(const PriceStore& store, std::string_view model,
                        std::string_view project = "default") {
    cost::Usage usage;
    usage[cost::Unit::kInput] = 1e6;
    return store.pricer().book()->Price({.project = project, .model_answered = model}, usage).usd;
  }

  TemporaryDirectory directory_;
};

TEST_F(PriceStoreTest, PricesThatAreSetHoldAtOnceAndAfterARestart) {
  {
    auto store = Open();
    EXPECT_EQ(Million(*store, "gpt-4o"), 2.5);
    ASSERT_TRUE(store->Put(Price(R"({"model":"gpt-4o","prices":{"input_mtok":1}})")).ok());
    EXPECT_EQ(Million(*store, "gpt-4o"), 1);
    EXPECT_EQ(Million(*store, "gpt-4o", "other"), 2.5);
  }
  auto store = Open();
  EXPECT_EQ(Million(*store, "gpt-4o"), 1);
  ASSERT_EQ(store->List("default").size(), 1u);
  EXPECT_TRUE(store->List("other").empty());
}

TEST_F(PriceStoreTest, SettingTheSamePriceAgainReplacesIt) {
  auto store = Open();
  ASSERT_TRUE(store->Put(Price(R"({"model":"m","prices":{"input_mtok":1}})")).ok());
  ASSERT_TRUE(store->Put(Price(R"({"model":"m","prices":{"input_mtok":2}})")).ok());
  EXPECT_EQ(store->List("default").size(), 1u);
  EXPECT_EQ(Million(*store, "m"), 2);
}

TEST_F(PriceStoreTest, RemovingWhatWasNotSetIsNotFound) {
  auto store = Open();
  const auto price = Price(R"({"model":"m","prices":{"input_mtok":1}})");
  ASSERT_TRUE(store->Put(price).ok());
  ASSERT_TRUE(store->Remove(price).ok());
  EXPECT_EQ(Million(*store, "m"), cost::kDefaultInputPrice);
  EXPECT_EQ(store->Remove(price).code(), StatusCode::kNotFound);
}

TEST_F(PriceStoreTest, TheFileComesAfterWhatWasSet) {
  const std::string path = directory_.path() + "/mine.json";
  std::ofstream(path) << R"({"prices":[{"model":"gpt-4o*","prices":{"input_mtok":4}},
                             {"project":"a","model":"b","prices":{"input_mtok":5}}]})";
  auto store = Open(path);
  EXPECT_EQ(Million(*store, "gpt-4o"), 4);
  EXPECT_EQ(Million(*store, "b", "a"), 5);
  EXPECT_EQ(Million(*store, "b"), cost::kDefaultInputPrice);
  ASSERT_TRUE(store->Put(Price(R"({"model":"gpt-4o","prices":{"input_mtok":1}})")).ok());
  EXPECT_EQ(Million(*store, "gpt-4o"), 1);
}

TEST_F(PriceStoreTest, ABadFileIsNamed) {
  const std::string path = directory_.path() + "/mine.json";
  std::ofstream(path) << R"({"prices":[{"modle":"x"}]})";
  const auto store = PriceStore::Open({directory_.path(), path}, PosixFileSystem());
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.status().message().find("mine.json"), std::string::npos);
  EXPECT_NE(store.status().message().find("modle"), std::string::npos);
}

TEST_F(PriceStoreTest, ANewCatalogueIsKept) {
  {
    auto store = Open();
    ASSERT_TRUE(store->ReplaceCatalogue(kSmall).ok());
    cost::Usage usage;
    usage[cost::Unit::kInput] = 1e6;
    EXPECT_EQ(store->pricer().book()->Price({.provider = "p", .model_answered = "m"}, usage).usd,
              7);
    EXPECT_FALSE(store->ReplaceCatalogue("{}").ok());
    EXPECT_TRUE(store->catalogue_replaced());
  }
  auto store = Open();
  EXPECT_TRUE(store->catalogue_replaced());
  ASSERT_TRUE(store->ResetCatalogue().ok());
  EXPECT_EQ(Million(*store, "gpt-4o"), 2.5);
}

}  // namespace
}  // namespace ao::prices
