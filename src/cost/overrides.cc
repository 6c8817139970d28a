#include "cost/overrides.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <simdjson.h>

#include "base/json_writer.h"
#include "cost/price_json.h"

namespace ao::cost {
namespace {

Status CheckMembers(Object object, bool with_project) {
  for (const auto member : object) {
    const std::string_view key = member.key;
    if (key == "provider" || key == "model" || key == "from" || key == "prices" ||
        (with_project && key == "project")) {
      continue;
    }
    return InvalidArgument(fmt::format("cannot read price: there is no member \"{}\"", key),
                           "members are model, prices, provider and from");
  }
  return OkStatus();
}

Status CheckName(std::string_view member, std::string_view name, bool pattern) {
  if (name.size() > kMaxNameBytes) {
    return InvalidArgument(
        fmt::format("cannot read price: {} is longer than {} bytes", member, kMaxNameBytes));
  }
  const size_t star = name.find('*');
  if (star == name.npos || (pattern && star + 1 == name.size())) return OkStatus();
  return InvalidArgument(
      fmt::format("cannot read price: {} '{}' has a '*' that is not at the end", member, name));
}

Result<Override> ReadOverride(Element element, bool with_project) {
  AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, "price"));
  AO_TRY(CheckMembers(object, with_project));
  Override out;
  AO_ASSIGN_OR_RETURN(const std::string model, TextOr(object, "model"));
  AO_ASSIGN_OR_RETURN(const std::string provider, TextOr(object, "provider"));
  AO_ASSIGN_OR_RETURN(out.from, TextOr(object, "from"));
  if (with_project) {
    AO_ASSIGN_OR_RETURN(out.project, TextOr(object, "project"));
  }
  out.model = Lower(model);
  out.provider = Lower(provider);
  if (out.model.empty()) {
    return InvalidArgument("cannot read price: it names no model",
                           "for example \"model\": \"gpt-4o*\"");
  }
  AO_TRY(CheckName("model", out.model, true));
  AO_TRY(CheckName("provider", out.provider, false));
  if (!out.from.empty()) AO_TRY(ReadDate(out.from).status());
  Object prices;
  if (object["prices"].get(prices) != simdjson::SUCCESS) {
    return InvalidArgument("cannot read price: it has no prices",
                           "for example \"prices\": {\"input_mtok\": 2.5, \"output_mtok\": 10}");
  }
  AO_ASSIGN_OR_RETURN(out.prices, ReadPriceList(prices, out.model, nullptr));
  out.prices_json = simdjson::minify(prices);
  return out;
}

Result<Element> ParseJson(std::string_view json, simdjson::dom::parser* parser) {
  Element root;
  if (const auto error = parser->parse(json.data(), json.size()).get(root)) {
    return InvalidArgument(fmt::format("cannot read price: {}", simdjson::error_message(error)));
  }
  return root;
}

}  // namespace

std::string Override::Row() const {
  std::string row = "override/";
  if (!provider.empty()) row.append(provider).append("/");
  row += model;
  if (!from.empty()) row.append("@").append(from);
  return row;
}

Result<Override> ParseOverride(std::string_view json, bool with_project) {
  simdjson::dom::parser parser;
  AO_ASSIGN_OR_RETURN(const Element root, ParseJson(json, &parser));
  return ReadOverride(root, with_project);
}

Result<std::vector<Override>> ParseOverrideFile(std::string_view json) {
  simdjson::dom::parser parser;
  AO_ASSIGN_OR_RETURN(const Element root, ParseJson(json, &parser));
  simdjson::dom::array list;
  if (root["prices"].get(list) != simdjson::SUCCESS) {
    return InvalidArgument("cannot read prices: there is no list \"prices\"");
  }
  std::vector<Override> overrides;
  for (const Element item : list) {
    AO_ASSIGN_OR_RETURN(Override one, ReadOverride(item, true));
    one.from_file = true;
    overrides.push_back(std::move(one));
  }
  return overrides;
}

}  // namespace ao::cost
