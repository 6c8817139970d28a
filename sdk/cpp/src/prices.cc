#include "prices.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "json.h"

// The catalogue of the server, as it is, between two symbols (cmake/prices.cmake).
extern "C" {
extern const char observatory_price_catalogue[] __attribute__((visibility("hidden")));
extern const char observatory_price_catalogue_end[] __attribute__((visibility("hidden")));
}

namespace observatory::detail {
namespace {

constexpr double kDefaultInput = 5, kDefaultOutput = 15;
constexpr size_t kMaxName = 256, kMaxCached = 1024;
constexpr int64_t kDayNanos = int64_t{86400} * 1000000000;

// Providers as OpenTelemetry names them, where the catalogue's rules do not know the name.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"azure.ai.openai", "azure"},  {"azure.ai.inference", "azure"}, {"az.ai.openai", "azure"},
    {"az.ai.inference", "azure"},  {"gcp.gen_ai", "google"},        {"x_ai", "x-ai"},
};

std::string Lower(std::string_view text) {
  std::string out(text.substr(0, kMaxName));
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

const std::string* TextOf(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr ? value->if_string() : nullptr;
}

std::optional<double> NumberOf(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_double()) return *number;
  if (const auto* number = value->if_int()) return static_cast<double>(*number);
  return std::nullopt;
}

// Regular expressions are compiled when they are first met; there are few of them.
bool RegexMatches(const std::string& pattern, const std::string& name) {
  static std::mutex mutex;
  static auto* compiled = new std::map<std::string, std::regex>;
  try {
    std::lock_guard lock(mutex);
    auto found = compiled->find(pattern);
    if (found == compiled->end()) found = compiled->emplace(pattern, std::regex(pattern)).first;
    return std::regex_search(name, found->second);
  } catch (const std::regex_error&) {
    return false;
  }
}

// A matching rule: {"equals": ...}, {"or": [...]}, ...
bool Matches(const Value* rule, const std::string& name) {
  const Value::Map* map = rule != nullptr ? rule->if_map() : nullptr;
  if (map == nullptr || map->empty()) return false;
  const auto& [kind, operand] = map->front();
  if (const Value::Array* rules = operand.if_array()) {
    const auto matches = [&](const Value& each) { return Matches(&each, name); };
    return kind == "and" ? std::all_of(rules->begin(), rules->end(), matches)
                         : std::any_of(rules->begin(), rules->end(), matches);
  }
  const std::string* text = operand.if_string();
  if (text == nullptr) return false;
  if (kind == "regex") return RegexMatches(*text, name);
  const std::string wanted = Lower(*text);
  if (kind == "equals") return name == wanted;
  if (kind == "starts_with") return name.starts_with(wanted);
  if (kind == "ends_with") return name.ends_with(wanted);
  if (kind == "contains") return name.find(wanted) != std::string::npos;
  return false;
}

struct Found {
  const Value* model = nullptr;
  std::string row;
};

class Catalogue {
 public:
  Catalogue() {
    const auto size =
        static_cast<size_t>(observatory_price_catalogue_end - observatory_price_catalogue);
    if (auto parsed = ParseJson({observatory_price_catalogue, size})) root_ = std::move(*parsed);
    const Value* list = root_.find("providers");
    providers_ = list != nullptr ? list->if_array() : nullptr;
  }

  size_t models() const {
    size_t count = 0;
    for (const Value& provider : Providers()) count += Models(provider).size();
    return count;
  }

  // By the provider's name, by "provider/model", by the model alone.
  Found Find(std::string_view provider_name, std::string_view model_name) const {
    const std::string provider = Lower(provider_name), model = Lower(model_name);
    if (model.empty() || model_name.size() > kMaxName) return {};
    if (Found found = FindIn(provider, model, true); found.model != nullptr) return found;
    if (const size_t slash = model.find('/'); slash != model.npos) {
      Found found = FindIn(model.substr(0, slash), model.substr(slash + 1), true);
      if (found.model != nullptr) return found;
    }
    for (const Value& each : Providers()) {
      if (Matches(each.find("model_match"), model)) return FindModel(each, model, true);
    }
    return {};
  }

 private:
  const Value::Array& Providers() const {
    static const Value::Array none;
    return providers_ != nullptr ? *providers_ : none;
  }
  static const Value::Array& Models(const Value& provider) {
    static const Value::Array none;
    const Value* models = provider.find("models");
    return models != nullptr && models->if_array() != nullptr ? *models->if_array() : none;
  }

  Found FindIn(std::string name, const std::string& model, bool fallbacks) const {
    for (const auto& [alias, id] : kAliases) {
      if (name == alias) name = id;
    }
    if (name.empty()) return {};
    for (const Value& provider : Providers()) {
      const std::string* id = TextOf(provider, "id");
      if (id != nullptr && *id == name) return FindModel(provider, model, fallbacks);
    }
    for (const Value& provider : Providers()) {
      if (Matches(provider.find("provider_match"), name)) {
        return FindModel(provider, model, fallbacks);
      }
    }
    return {};
  }

  Found FindModel(const Value& provider, const std::string& model, bool fallbacks) const {
    for (const Value& each : Models(provider)) {
      if (!Matches(each.find("match"), model)) continue;
      return {&each, *TextOf(provider, "id") + "/" + *TextOf(each, "id")};
    }
    const Value* others = provider.find("fallback_model_providers");
    if (!fallbacks || others == nullptr || others->if_array() == nullptr) return {};
    for (const Value& other : *others->if_array()) {
      if (other.if_string() == nullptr) continue;
      Found found = FindIn(*other.if_string(), model, false);
      if (found.model != nullptr) return found;
    }
    return {};
  }

  Value root_;
  const Value::Array* providers_ = nullptr;
};

const Catalogue& TheCatalogue() {
  static const Catalogue* catalogue = new Catalogue;
  return *catalogue;
}

int64_t ReadDate(const std::string& text) {
  int year = 0, month = 0, day = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%d", &year, &month, &day) != 3) return 0;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return date.ok() ? std::chrono::sys_days(date).time_since_epoch().count() * kDayNanos : 0;
}

int64_t ReadTimeOfDay(const std::string& text) {
  int hours = 0, minutes = 0, seconds = 0;
  std::sscanf(text.c_str(), "%d:%d:%d", &hours, &minutes, &seconds);
  return (int64_t{hours} * 3600 + minutes * 60 + seconds) * 1000000000;
}

bool Holds(const Value* constraint, int64_t now) {
  if (constraint == nullptr || constraint->is_null()) return true;
  if (const std::string* date = TextOf(*constraint, "start_date")) return now >= ReadDate(*date);
  const std::string* from = TextOf(*constraint, "start_time");
  const std::string* to = TextOf(*constraint, "end_time");
  if (from == nullptr || to == nullptr) return true;
  const int64_t start = ReadTimeOfDay(*from), end = ReadTimeOfDay(*to), of_day = now % kDayNanos;
  return end < start ? of_day >= start || of_day < end : of_day >= start && of_day < end;
}

// The prices that hold now: of a list the last one that does.
const Value* PricesOf(const Value& model, int64_t now) {
  const Value* prices = model.find("prices");
  const Value::Array* list = prices != nullptr ? prices->if_array() : nullptr;
  if (list == nullptr) return prices;
  for (size_t i = list->size(); i-- > 0;) {
    if (Holds((*list)[i].find("constraint"), now)) return (*list)[i].find("prices");
  }
  return list->empty() ? nullptr : list->front().find("prices");
}

std::optional<double> UnitPrice(const Value& prices, std::string_view key, double input_tokens) {
  const Value* price = prices.find(key);
  if (price == nullptr || price->if_map() == nullptr) return NumberOf(price);
  std::optional<double> result = NumberOf(price->find("base"));
  const Value* tiers = price->find("tiers");
  if (tiers == nullptr || tiers->if_array() == nullptr) return result;
  double reached = -1;
  for (const Value& tier : *tiers->if_array()) {
    const double start = NumberOf(tier.find("start")).value_or(0);
    if (input_tokens > start && start > reached) {
      result = NumberOf(tier.find("price"));
      reached = start;
    }
  }
  return result;
}

// Names are few, and looking one up walks thousands of rules.
Found FindCached(std::string_view provider, std::string_view model) {
  static std::mutex mutex;
  static auto* cache = new std::map<std::pair<std::string, std::string>, Found>;
  std::pair<std::string, std::string> key(provider, model);
  {
    std::lock_guard lock(mutex);
    if (const auto found = cache->find(key); found != cache->end()) return found->second;
  }
  Found found = TheCatalogue().Find(provider, model);
  std::lock_guard lock(mutex);
  if (cache->size() >= kMaxCached) cache->clear();
  cache->emplace(std::move(key), found);
  return found;
}

}  // namespace

size_t PricedModels() { return TheCatalogue().models(); }

Price PriceAt(std::string_view model, std::string_view provider, int64_t input_tokens,
              int64_t unix_nanos) {
  Price price;
  price.input = price.cache_read = price.cache_write = kDefaultInput;
  price.output = kDefaultOutput;
  price.is_default = true;
  price.row = "default";
  const Found found = FindCached(provider, model);
  const Value* prices = found.model != nullptr ? PricesOf(*found.model, unix_nanos) : nullptr;
  if (prices == nullptr) return price;
  const auto tokens = static_cast<double>(input_tokens);
  price.is_default = false;
  price.row = found.row;
  price.input = UnitPrice(*prices, "input_mtok", tokens).value_or(0);
  price.output = UnitPrice(*prices, "output_mtok", tokens).value_or(0);
  price.cache_read = UnitPrice(*prices, "cache_read_mtok", tokens).value_or(price.input);
  price.cache_write = UnitPrice(*prices, "cache_write_mtok", tokens).value_or(price.input);
  return price;
}

}  // namespace observatory::detail
