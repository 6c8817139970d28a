#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cost/catalogue.h"

// What the catalogue lacks: prices of service tiers (batch, flex, priority) and output limits, from
// src/cost/data/supplement.json; every row there names its source and date. Immutable after
// loading; thread-safe.

namespace ao::cost {

struct ServiceTier {
  std::string name;              // "batch"
  std::vector<MatchRule> rows;   // of catalogue rows, "openai/gpt-4o"
  std::optional<double> factor;  // on the prices of the catalogue
  UnitSet only = ~UnitSet{0};    // what the factor is on
  PriceList prices;              // instead of the catalogue's, when there is no factor
  std::string source, as_of;
};

class Supplement {
 public:
  // invalid_argument that says where the text is no supplement.
  static Result<Supplement> Parse(std::string_view json);
  static std::string_view EmbeddedJson();

  // `row` is a PricedModel::row. Null: no price of its own is known for the tier.
  const ServiceTier* FindTier(std::string_view tier, std::string_view row) const;
  // Tokens of one answer at most; 0: not known.
  int64_t OutputLimit(std::string_view row) const;

  const std::vector<ServiceTier>& tiers() const { return tiers_; }

 private:
  struct Limit {
    std::vector<MatchRule> rows;
    int64_t tokens = 0;
  };
  std::vector<ServiceTier> tiers_;
  std::vector<Limit> limits_;
};

}  // namespace ao::cost
