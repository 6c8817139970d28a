#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "cost/match_rule.h"
#include "cost/units.h"

// The price catalogue: providers, their models, and what each costs when. Read from JSON in the
// form of src/cost/data/catalogue.json, or a bare list of providers as the package
// @pydantic/genai-prices publishes it. Immutable after loading; thread-safe.
//
// Matching and choice of prices follow that package's calculator (version in the catalogue):
// docs/cost.md says how, and where this one goes further.

namespace ao::cost {

// What one unit costs: `base`, or the price of the last tier whose start the call's input tokens
// exceed. USD per UnitInfo::per.
struct UnitPrice {
  struct Tier {
    double start = 0;  // input tokens
    double price = 0;
  };
  Unit unit = Unit::kInput;
  double base = 0;
  std::vector<Tier> tiers = {};  // by start

  // `start` becomes the start of the tier that holds, 0 for the base.
  double At(double input_tokens, double* start) const;
};
using PriceList = std::vector<UnitPrice>;  // in the order of SpecificFirst

// A price list and when it holds.
struct DatedPrices {
  enum class When : uint8_t { kAlways, kFrom, kTimeOfDay };
  When when = When::kAlways;
  Nanos from = 0;                    // kFrom: that UTC midnight
  Nanos day_start = 0, day_end = 0;  // kTimeOfDay: since UTC midnight; may pass midnight
  PriceList prices;
  std::string row;  // stable name: "openai/o3@2025-06-10", "deepseek/deepseek-chat@00:30-16:30"

  bool Holds(Nanos time) const;
};

struct PricedModel {
  std::string id;   // "gpt-4o"
  std::string row;  // "openai/gpt-4o"
  MatchRule match;
  int64_t context_window = 0;  // tokens; 0: not known
  bool deprecated = false;
  std::vector<DatedPrices> prices;  // the last one that holds is valid, else the first

  const DatedPrices& At(Nanos time) const;
};

struct Provider {
  std::string id;
  std::optional<MatchRule> provider_match;  // of provider names
  std::optional<MatchRule> model_match;     // of model names, when the provider is not known
  std::vector<std::string> fallbacks;       // providers whose models it also serves
  std::vector<PricedModel> models;
};

struct CatalogueAbout {
  std::string source, version, published, licence;
};

class Catalogue {
 public:
  // invalid_argument that says where the text is no catalogue. Prices in units that are not known
  // here are left out and counted.
  static Result<Catalogue> Parse(std::string_view json);
  // The one inside the program.
  static std::string_view EmbeddedJson();

  const CatalogueAbout& about() const { return about_; }
  const std::vector<Provider>& providers() const { return providers_; }
  size_t model_count() const;
  size_t unknown_prices() const { return unknown_prices_; }

  // By id or provider rule; null when it is not known. Names in lower case (Lower).
  const Provider* FindProvider(std::string_view name) const;
  // The provider that serves such models, by model rule.
  const Provider* ProviderOfModel(std::string_view model) const;
  // Within a provider and its fallbacks; a compact date in the name (-20250115) is also tried with
  // dashes.
  const PricedModel* FindModel(const Provider& provider, std::string_view model) const;

 private:
  const PricedModel* FindPlain(const Provider& provider, std::string_view model,
                               bool fallbacks) const;

  CatalogueAbout about_;
  std::vector<Provider> providers_;
  size_t unknown_prices_ = 0;

  friend class CatalogueReader;
};

}  // namespace ao::cost
