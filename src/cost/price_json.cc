#include "cost/price_json.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/core.h>

namespace ao::cost {

Result<Object> ToObject(Element element, std::string_view what) {
  Object object;
  if (element.get(object) == simdjson::SUCCESS) return object;
  return InvalidArgument(fmt::format("cannot read {}: it is not an object", what));
}

Result<std::string> ToText(Element element, std::string_view what) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  return InvalidArgument(fmt::format("cannot read {}: it is not a text", what));
}

Result<std::string> TextOr(Object object, std::string_view member) {
  Element element;
  if (object[member].get(element) != simdjson::SUCCESS || element.is_null()) return std::string();
  return ToText(element, member);
}

Result<double> ToPrice(Element element, std::string_view what) {
  double number = 0;
  if (element.get(number) == simdjson::SUCCESS && std::isfinite(number) && number >= 0) {
    return number;
  }
  return InvalidArgument(fmt::format("cannot read {}: it is not a number that is 0 or more", what));
}

namespace {

Result<UnitPrice::Tier> ReadTier(Element element, std::string_view what) {
  AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, what));
  Element start, price;
  if (object["start"].get(start) != simdjson::SUCCESS ||
      object["price"].get(price) != simdjson::SUCCESS) {
    return InvalidArgument(fmt::format("cannot read {}: a tier needs start and price", what));
  }
  UnitPrice::Tier tier;
  AO_ASSIGN_OR_RETURN(tier.start, ToPrice(start, what));
  AO_ASSIGN_OR_RETURN(tier.price, ToPrice(price, what));
  return tier;
}

Status ReadPrice(Element element, std::string_view what, UnitPrice* price) {
  Object object;
  if (element.get(object) != simdjson::SUCCESS) {
    AO_ASSIGN_OR_RETURN(price->base, ToPrice(element, what));
    return OkStatus();
  }
  Element base;
  simdjson::dom::array tiers;
  if (object["base"].get(base) != simdjson::SUCCESS ||
      object["tiers"].get(tiers) != simdjson::SUCCESS) {
    return InvalidArgument(
        fmt::format("cannot read {}: a tiered price needs base and tiers", what));
  }
  AO_ASSIGN_OR_RETURN(price->base, ToPrice(base, what));
  for (const Element tier : tiers) {
    AO_ASSIGN_OR_RETURN(const auto read, ReadTier(tier, what));
    price->tiers.push_back(read);
  }
  std::stable_sort(price->tiers.begin(), price->tiers.end(),
                   [](const auto& a, const auto& b) { return a.start < b.start; });
  return OkStatus();
}

}  // namespace

Result<PriceList> ReadPriceList(Object object, std::string_view what, size_t* unknown) {
  PriceList prices;
  for (const auto member : object) {
    UnitPrice price;
    const std::string place = fmt::format("{} of {}", member.key, what);
    if (FindPriceKey(member.key, &price.unit) == nullptr) {
      if (unknown == nullptr) {
        return InvalidArgument(fmt::format("cannot read prices: '{}' is not a price", member.key),
                               "for example input_mtok, output_mtok, cache_read_mtok: USD per "
                               "million tokens");
      }
      ++*unknown;
      continue;
    }
    AO_TRY(ReadPrice(member.value, place, &price));
    prices.push_back(std::move(price));
  }
  std::sort(prices.begin(), prices.end(),
            [](const UnitPrice& a, const UnitPrice& b) { return SpecificFirst(a.unit, b.unit); });
  return prices;
}

Result<Nanos> ReadDate(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0;
  const char* end = text.data() + text.size();
  const auto number = [&](size_t at, size_t size, auto* out) {
    return text.size() == 10 &&
           std::from_chars(text.data() + at, text.data() + at + size, *out).ptr ==
               text.data() + at + size;
  };
  const bool shaped = end != nullptr && number(0, 4, &year) && number(5, 2, &month) &&
                      number(8, 2, &day) && text[4] == '-' && text[7] == '-';
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!shaped || !date.ok() || year < 1700 || year > 2200) {
    return InvalidArgument(fmt::format("cannot read date '{}': it is not YYYY-MM-DD", text));
  }
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

}  // namespace ao::cost
