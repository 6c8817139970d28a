#include "cost/supplement.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <simdjson.h>

#include "cost/price_json.h"

namespace ao::cost {
namespace {

Result<std::vector<MatchRule>> ReadRows(Object object) {
  simdjson::dom::array list;
  if (object["models"].get(list) != simdjson::SUCCESS) {
    return InvalidArgument("cannot read price supplement: a row has no models");
  }
  std::vector<MatchRule> rows;
  for (const Element item : list) {
    AO_ASSIGN_OR_RETURN(const std::string pattern, ToText(item, "models"));
    rows.push_back(MatchRule::Pattern(pattern));
  }
  return rows;
}

Status ReadFactor(Object object, Element factor, ServiceTier* tier) {
  AO_ASSIGN_OR_RETURN(tier->factor, ToPrice(factor, "factor"));
  simdjson::dom::array only;
  if (object["only"].get(only) != simdjson::SUCCESS) return OkStatus();
  tier->only = 0;
  for (const Element item : only) {
    AO_ASSIGN_OR_RETURN(const std::string key, ToText(item, "only"));
    Unit unit;
    if (FindPriceKey(key, &unit) == nullptr) {
      return InvalidArgument(fmt::format("cannot read price supplement: '{}' is no price", key));
    }
    tier->only |= SetOf(unit);
  }
  return OkStatus();
}

Result<ServiceTier> ReadTier(Element element) {
  AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, "service tier"));
  ServiceTier tier;
  AO_ASSIGN_OR_RETURN(tier.name, TextOr(object, "tier"));
  AO_ASSIGN_OR_RETURN(tier.rows, ReadRows(object));
  AO_ASSIGN_OR_RETURN(tier.source, TextOr(object, "source"));
  AO_ASSIGN_OR_RETURN(tier.as_of, TextOr(object, "as_of"));
  Element factor;
  if (object["factor"].get(factor) == simdjson::SUCCESS) {
    AO_TRY(ReadFactor(object, factor, &tier));
    return tier;
  }
  Object prices;
  if (object["prices"].get(prices) != simdjson::SUCCESS) {
    return InvalidArgument(fmt::format(
        "cannot read price supplement: tier {} has neither factor nor prices", tier.name));
  }
  AO_ASSIGN_OR_RETURN(tier.prices, ReadPriceList(prices, "tier " + tier.name, nullptr));
  return tier;
}

bool AnyMatches(const std::vector<MatchRule>& rules, std::string_view row) {
  const std::string name = Lower(row);
  return std::any_of(rules.begin(), rules.end(),
                     [&](const MatchRule& rule) { return rule.Matches(name); });
}

}  // namespace

Result<Supplement> Supplement::Parse(std::string_view json) {
  simdjson::dom::parser parser;
  Element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root)) {
    return InvalidArgument(
        fmt::format("cannot read price supplement: {}", simdjson::error_message(error)));
  }
  Supplement supplement;
  simdjson::dom::array list;
  if (root["tiers"].get(list) == simdjson::SUCCESS) {
    for (const Element item : list) {
      AO_ASSIGN_OR_RETURN(ServiceTier tier, ReadTier(item));
      supplement.tiers_.push_back(std::move(tier));
    }
  }
  if (root["output_limits"].get(list) == simdjson::SUCCESS) {
    for (const Element item : list) {
      AO_ASSIGN_OR_RETURN(const Object object, ToObject(item, "output limit"));
      Limit limit;
      AO_ASSIGN_OR_RETURN(limit.rows, ReadRows(object));
      if (object["tokens"].get(limit.tokens) != simdjson::SUCCESS) {
        return InvalidArgument("cannot read price supplement: an output limit has no tokens");
      }
      supplement.limits_.push_back(std::move(limit));
    }
  }
  return supplement;
}

const ServiceTier* Supplement::FindTier(std::string_view tier, std::string_view row) const {
  for (const ServiceTier& candidate : tiers_) {
    if (candidate.name == tier && AnyMatches(candidate.rows, row)) return &candidate;
  }
  return nullptr;
}

int64_t Supplement::OutputLimit(std::string_view row) const {
  for (const Limit& limit : limits_) {
    if (AnyMatches(limit.rows, row)) return limit.tokens;
  }
  return 0;
}

}  // namespace ao::cost
