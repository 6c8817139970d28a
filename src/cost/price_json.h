#pragma once

#include <string_view>

#include <simdjson.h>

#include "base/status.h"
#include "cost/catalogue.h"

// Reading prices from JSON; internal to cost. Errors say what was expected of which member.

namespace ao::cost {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

Result<Object> ToObject(Element element, std::string_view what);
Result<std::string> ToText(Element element, std::string_view what);
// The member's text, or empty when it is absent.
Result<std::string> TextOr(Object object, std::string_view member);
// A finite number that is not negative.
Result<double> ToPrice(Element element, std::string_view what);
// {"input_mtok": 2.5, "output_mtok": {"base": 10, "tiers": [{"start": 200000, "price": 15}]}}.
// Keys that are no price key are counted in `unknown`, or refused when it is null.
Result<PriceList> ReadPriceList(Object object, std::string_view what, size_t* unknown);
// "2025-06-10" as UTC midnight.
Result<Nanos> ReadDate(std::string_view text);

}  // namespace ao::cost
