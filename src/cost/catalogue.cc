#include "cost/catalogue.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>
#include <simdjson.h>

#include "cost/price_json.h"

namespace ao::cost {
namespace {

constexpr int kMaxRuleDepth = 16;

Result<MatchRule> ReadRule(Element element, std::string_view what, int depth) {
  using Kind = MatchRule::Kind;
  constexpr std::pair<std::string_view, Kind> kKinds[] = {{"equals", Kind::kEquals},
                                                          {"starts_with", Kind::kStartsWith},
                                                          {"ends_with", Kind::kEndsWith},
                                                          {"contains", Kind::kContains},
                                                          {"regex", Kind::kRegex},
                                                          {"or", Kind::kOr},
                                                          {"and", Kind::kAnd}};
  AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, what));
  for (const auto& [name, kind] : kKinds) {
    Element value;
    if (object[name].get(value) != simdjson::SUCCESS) continue;
    if (kind != Kind::kOr && kind != Kind::kAnd) {
      AO_ASSIGN_OR_RETURN(const std::string text, ToText(value, what));
      return MatchRule::Text(kind, text);
    }
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS || depth >= kMaxRuleDepth) break;
    std::vector<MatchRule> rules;
    for (const Element item : array) {
      AO_ASSIGN_OR_RETURN(MatchRule rule, ReadRule(item, what, depth + 1));
      rules.push_back(std::move(rule));
    }
    return MatchRule::All(kind, std::move(rules));
  }
  return InvalidArgument(
      fmt::format("cannot read the match rule of {}: it is none of equals, "
                  "starts_with, ends_with, contains, regex, or, and",
                  what));
}

// "HH:MM:SS", with a fraction, and Z or an offset: since UTC midnight.
Result<Nanos> ReadTimeOfDay(std::string_view text) {
  const auto fail = [&] {
    return InvalidArgument(fmt::format("cannot read time of day '{}': it is not HH:MM:SSZ", text));
  };
  const auto digits = [&](size_t at, Nanos* out) {
    if (at + 2 > text.size()) return false;
    return std::from_chars(text.data() + at, text.data() + at + 2, *out).ptr ==
           text.data() + at + 2;
  };
  Nanos hour = 0, minute = 0, second = 0, fraction = 0;
  if (text.size() < 9 || text[2] != ':' || text[5] != ':' || !digits(0, &hour) ||
      !digits(3, &minute) || !digits(6, &second) || hour > 23 || minute > 59 || second > 59) {
    return fail();
  }
  size_t at = 8;
  if (text[at] == '.') {
    Nanos unit = kSecond;
    while (++at < text.size() && text[at] >= '0' && text[at] <= '9') {
      unit /= 10;
      fraction += (text[at] - '0') * unit;
    }
  }
  Nanos offset = 0;
  const std::string_view zone = text.substr(std::min(at, text.size()));
  if (zone != "Z") {
    Nanos hours = 0, minutes = 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' ||
        !digits(at + 1, &hours) || !digits(at + 4, &minutes) || hours > 23 || minutes > 59) {
      return fail();
    }
    offset = (zone[0] == '+' ? 1 : -1) * (hours * kHour + minutes * kMinute);
  }
  const Nanos local = hour * kHour + minute * kMinute + second * kSecond + fraction;
  return (local - offset + kDay) % kDay;
}

}  // namespace

double UnitPrice::At(double input_tokens, double* start) const {
  double price = base;
  *start = 0;
  for (const Tier& tier : tiers) {
    if (!(input_tokens > tier.start)) break;
    price = tier.price;
    *start = tier.start;
  }
  return price;
}

bool DatedPrices::Holds(Nanos time) const {
  if (when == When::kAlways) return true;
  if (when == When::kFrom) return time >= from;
  const Nanos of_day = ((time % kDay) + kDay) % kDay;
  if (day_end < day_start) return of_day >= day_start || of_day < day_end;
  return of_day >= day_start && of_day < day_end;
}

const DatedPrices& PricedModel::At(Nanos time) const {
  for (size_t i = prices.size(); i-- > 0;) {
    if (prices[i].Holds(time)) return prices[i];
  }
  return prices.front();
}

// Reads one catalogue; errors name provider and model.
class CatalogueReader {
 public:
  explicit CatalogueReader(Catalogue* out) : out_(*out) {}

  Status Read(Element root) {
    simdjson::dom::array providers;
    Object object;
    if (root.get(object) == simdjson::SUCCESS) {
      AO_TRY(ReadAbout(object));
      if (object["providers"].get(providers) != simdjson::SUCCESS) {
        return InvalidArgument("cannot read price catalogue: it has no list of providers");
      }
    } else if (root.get(providers) != simdjson::SUCCESS) {
      return InvalidArgument(
          "cannot read price catalogue: it is neither a list of providers nor an object with one");
    }
    for (const Element provider : providers) AO_TRY(ReadProvider(provider));
    if (out_.model_count() > 0) return OkStatus();
    return InvalidArgument("cannot read price catalogue: it has no model");
  }

 private:
  Status ReadAbout(Object root) {
    Object about;
    if (root["about"].get(about) != simdjson::SUCCESS) return OkStatus();
    AO_ASSIGN_OR_RETURN(out_.about_.source, TextOr(about, "source"));
    AO_ASSIGN_OR_RETURN(out_.about_.version, TextOr(about, "version"));
    AO_ASSIGN_OR_RETURN(out_.about_.published, TextOr(about, "published"));
    AO_ASSIGN_OR_RETURN(out_.about_.licence, TextOr(about, "licence"));
    return OkStatus();
  }

  static Result<std::optional<MatchRule>> OptionalRule(Object object, const char* member,
                                                       std::string_view what) {
    Element element;
    if (object[member].get(element) != simdjson::SUCCESS || element.is_null()) {
      return std::optional<MatchRule>();
    }
    AO_ASSIGN_OR_RETURN(MatchRule rule, ReadRule(element, what, 0));
    return std::optional<MatchRule>(std::move(rule));
  }

  Status ReadProvider(Element element) {
    AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, "provider"));
    Provider provider;
    AO_ASSIGN_OR_RETURN(provider.id, TextOr(object, "id"));
    if (provider.id.empty()) {
      return InvalidArgument("cannot read price catalogue: a provider has no id");
    }
    AO_ASSIGN_OR_RETURN(provider.provider_match,
                        OptionalRule(object, "provider_match", provider.id));
    AO_ASSIGN_OR_RETURN(provider.model_match, OptionalRule(object, "model_match", provider.id));
    simdjson::dom::array list;
    if (object["fallback_model_providers"].get(list) == simdjson::SUCCESS) {
      for (const Element item : list) {
        AO_ASSIGN_OR_RETURN(std::string id, ToText(item, "fallback_model_providers"));
        provider.fallbacks.push_back(std::move(id));
      }
    }
    if (object["models"].get(list) != simdjson::SUCCESS) {
      return InvalidArgument(
          fmt::format("cannot read price catalogue: provider {} has no models", provider.id));
    }
    for (const Element item : list) AO_TRY(ReadModel(item, &provider));
    out_.providers_.push_back(std::move(provider));
    return OkStatus();
  }

  Status ReadModel(Element element, Provider* provider) {
    AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, "model of " + provider->id));
    AO_ASSIGN_OR_RETURN(std::string id, TextOr(object, "id"));
    const std::string row = provider->id + "/" + id;
    Element match, prices;
    if (id.empty() || object["match"].get(match) != simdjson::SUCCESS ||
        object["prices"].get(prices) != simdjson::SUCCESS) {
      return InvalidArgument(
          fmt::format("cannot read price catalogue: {} needs id, match and prices", row));
    }
    AO_ASSIGN_OR_RETURN(MatchRule rule, ReadRule(match, row, 0));
    PricedModel model{.id = std::move(id), .row = row, .match = std::move(rule), .prices = {}};
    if (int64_t window = 0; object["context_window"].get(window) == simdjson::SUCCESS) {
      model.context_window = window;
    }
    bool deprecated = false;
    model.deprecated = object["deprecated"].get(deprecated) == simdjson::SUCCESS && deprecated;
    AO_TRY(ReadPrices(prices, &model));
    provider->models.push_back(std::move(model));
    return OkStatus();
  }

  Status ReadPrices(Element element, PricedModel* model) {
    simdjson::dom::array list;
    if (element.get(list) != simdjson::SUCCESS) {
      AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, "prices of " + model->row));
      DatedPrices dated;
      dated.row = model->row;
      AO_ASSIGN_OR_RETURN(dated.prices, ReadPriceList(object, model->row, &out_.unknown_prices_));
      model->prices.push_back(std::move(dated));
      return OkStatus();
    }
    for (const Element item : list) {
      AO_ASSIGN_OR_RETURN(DatedPrices dated, ReadDated(item, *model));
      model->prices.push_back(std::move(dated));
    }
    if (!model->prices.empty()) return OkStatus();
    return InvalidArgument(
        fmt::format("cannot read price catalogue: {} has an empty list of prices", model->row));
  }

  Result<DatedPrices> ReadDated(Element element, const PricedModel& model) {
    AO_ASSIGN_OR_RETURN(const Object object, ToObject(element, "prices of " + model.row));
    Object prices, constraint;
    if (object["prices"].get(prices) != simdjson::SUCCESS) {
      return InvalidArgument(
          fmt::format("cannot read price catalogue: a dated price of {} has no prices", model.row));
    }
    DatedPrices dated;
    dated.row = model.row;
    AO_ASSIGN_OR_RETURN(dated.prices, ReadPriceList(prices, model.row, &out_.unknown_prices_));
    Element given;
    if (object["constraint"].get(given) != simdjson::SUCCESS || given.is_null()) return dated;
    AO_ASSIGN_OR_RETURN(constraint, ToObject(given, "constraint of " + model.row));
    AO_ASSIGN_OR_RETURN(const std::string from, TextOr(constraint, "start_date"));
    if (!from.empty()) {
      dated.when = DatedPrices::When::kFrom;
      AO_ASSIGN_OR_RETURN(dated.from, ReadDate(from));
      dated.row += "@" + from;
      return dated;
    }
    dated.when = DatedPrices::When::kTimeOfDay;
    AO_ASSIGN_OR_RETURN(const std::string start, TextOr(constraint, "start_time"));
    AO_ASSIGN_OR_RETURN(const std::string end, TextOr(constraint, "end_time"));
    AO_ASSIGN_OR_RETURN(dated.day_start, ReadTimeOfDay(start));
    AO_ASSIGN_OR_RETURN(dated.day_end, ReadTimeOfDay(end));
    dated.row += "@" + start.substr(0, 5) + "-" + end.substr(0, 5);
    return dated;
  }

  Catalogue& out_;
};

Result<Catalogue> Catalogue::Parse(std::string_view json) {
  simdjson::dom::parser parser;
  Element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root)) {
    return InvalidArgument(
        fmt::format("cannot read price catalogue: {}", simdjson::error_message(error)));
  }
  Catalogue catalogue;
  AO_TRY(CatalogueReader(&catalogue).Read(root));
  return catalogue;
}

size_t Catalogue::model_count() const {
  size_t count = 0;
  for (const Provider& provider : providers_) count += provider.models.size();
  return count;
}

const Provider* Catalogue::FindProvider(std::string_view name) const {
  for (const Provider& provider : providers_) {
    if (provider.id == name) return &provider;
  }
  for (const Provider& provider : providers_) {
    if (provider.provider_match && provider.provider_match->Matches(name)) return &provider;
  }
  return nullptr;
}

const Provider* Catalogue::ProviderOfModel(std::string_view model) const {
  for (const Provider& provider : providers_) {
    if (provider.model_match && provider.model_match->Matches(model)) return &provider;
  }
  return nullptr;
}

namespace {

// "-20250115" before the end, '-' or ':' as "-2025-01-15", where it is a date of this century.
std::string WithDashedDates(std::string_view model) {
  std::string out;
  for (size_t i = 0; i < model.size(); ++i) {
    out.push_back(model[i]);
    const std::string_view digits = model.substr(i + 1, 8);
    const size_t after = i + 9;
    const bool ends = after == model.size() ||
                      (after < model.size() && (model[after] == '-' || model[after] == ':'));
    if (model[i] != '-' || !ends || digits.size() != 8 || !digits.starts_with("20")) continue;
    const std::string dashed =
        fmt::format("{}-{}-{}", digits.substr(0, 4), digits.substr(4, 2), digits.substr(6, 2));
    if (!ReadDate(dashed).ok()) continue;
    out += dashed;
    i += 8;
  }
  return out;
}

}  // namespace

const PricedModel* Catalogue::FindPlain(const Provider& provider, std::string_view model,
                                        bool fallbacks) const {
  for (const PricedModel& candidate : provider.models) {
    if (candidate.match.Matches(model)) return &candidate;
  }
  if (!fallbacks) return nullptr;
  for (const std::string& id : provider.fallbacks) {
    for (const Provider& other : providers_) {
      if (other.id != id) continue;
      if (const PricedModel* found = FindPlain(other, model, false)) return found;
    }
  }
  return nullptr;
}

const PricedModel* Catalogue::FindModel(const Provider& provider, std::string_view model) const {
  if (const PricedModel* found = FindPlain(provider, model, true)) return found;
  const std::string dashed = WithDashedDates(model);
  return dashed == model ? nullptr : FindPlain(provider, dashed, true);
}

}  // namespace ao::cost
