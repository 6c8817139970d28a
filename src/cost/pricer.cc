#include "cost/pricer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "base/hash_map.h"
#include "cost/price_json.h"

namespace ao::cost {
namespace {

constexpr std::string_view kTierNames[] = {"batch", "flex", "priority"};
constexpr size_t kTierCount = std::size(kTierNames);
constexpr size_t kStandardTier = kTierCount;

// Providers as OpenTelemetry and client libraries name them, where the catalogue's own rules do
// not recognise the name or take it for another provider.
constexpr std::pair<std::string_view, std::string_view> kProviderAliases[] = {
    {"azure.ai.openai", "azure"},  {"azure.ai.inference", "azure"},
    {"az.ai.openai", "azure"},     {"az.ai.inference", "azure"},
    {"azure_openai", "azure"},     {"azure-openai", "azure"},
    {"gcp.gen_ai", "google"},      {"x_ai", "x-ai"},
    {"fireworks_ai", "fireworks"}, {"fireworks-ai", "fireworks"},
    {"togetherai", "together"},
};

std::string_view AliasOf(std::string_view provider) {
  for (const auto& [name, id] : kProviderAliases) {
    if (provider == name) return id;
  }
  return provider;
}

// The index in kTierNames, kStandardTier for what needs no price of its own, or nothing.
std::optional<size_t> TierIndex(std::string_view tier) {
  if (tier.empty()) return kStandardTier;
  const std::string name = Lower(tier);
  for (const std::string_view standard : {"default", "standard", "auto", "on_demand"}) {
    if (name == standard) return kStandardTier;
  }
  for (size_t i = 0; i < kTierCount; ++i) {
    if (name == kTierNames[i]) return i;
  }
  return std::nullopt;
}

// The tier's price of a unit, from the catalogue's.
double TierPrice(const ServiceTier& tier, Unit unit, double price, double* start) {
  if (tier.factor) {
    return (tier.only & SetOf(unit)) != 0 ? price * *tier.factor : price;
  }
  for (const UnitPrice& own : tier.prices) {
    if (own.unit == unit) {
      *start = 0;
      return own.base;
    }
  }
  return price;
}

const PriceList& DefaultPrices() {
  static const PriceList prices = {
      {.unit = Unit::kInput, .base = kDefaultInputPrice, .tiers = {}},
      {.unit = Unit::kOutput, .base = kDefaultOutputPrice, .tiers = {}},
  };
  return prices;
}

double Positive(const std::optional<int64_t>& tokens) {
  return tokens && *tokens > 0 ? static_cast<double>(*tokens) : 0;
}

}  // namespace

CallUsage UsageOf(const model::Canonical& canonical) {
  CallUsage call;
  Usage& usage = call.usage;
  double input = Positive(canonical.input_tokens), output = Positive(canonical.output_tokens);
  const double total = Positive(canonical.total_tokens);
  if (!canonical.input_tokens && total > output && canonical.output_tokens) {
    input = total - output;
  } else if (canonical.input_tokens && total > input && !canonical.output_tokens) {
    output = total - input;
  } else if (!canonical.input_tokens && !canonical.output_tokens && total > 0) {
    call.assumed_split = canonical.op == model::Op::kLlm;
    input = call.assumed_split ? total * 0.75 : total;
    output = total - input;
  }
  usage[Unit::kInput] = input;
  usage[Unit::kOutput] = output;
  usage[Unit::kCacheRead] = Positive(canonical.cache_read_tokens);
  usage[Unit::kCacheWrite] = Positive(canonical.cache_write_tokens);
  usage[Unit::kCacheWrite1h] = Positive(canonical.cache_write_1h_tokens);
  usage[Unit::kInputAudio] = Positive(canonical.input_audio_tokens);
  usage[Unit::kOutputAudio] = Positive(canonical.output_audio_tokens);
  usage[Unit::kReasoning] = Positive(canonical.reasoning_tokens);
  usage[Unit::kWebSearches] = Positive(canonical.web_searches);
  return call;
}

PriceQuery QueryOf(std::string_view project, const model::Canonical& canonical, Nanos when) {
  return {.project = project,
          .provider = canonical.provider,
          .model_answered = canonical.model_answered,
          .model_requested = canonical.model_requested,
          .service_tier = canonical.service_tier,
          .when = when};
}

struct PriceBook::OverrideRow {
  const Override* price = nullptr;
  MatchRule model;
  Nanos from = 0;
  std::string row;
};

// What the names of a call mean.
struct PriceBook::Resolution {
  const PricedModel* model = nullptr;
  Recognised how = Recognised::kNot;
  std::array<const ServiceTier*, kTierCount> tiers{};
  std::shared_ptr<const std::vector<const OverrideRow*>> overrides;  // by precedence; null: none
};

// Resolutions of recent names. Bounded: clients choose the names.
struct PriceBook::Cache {
  static constexpr size_t kShards = 16, kMaxEntries = 512;  // entries per shard
  struct Entry {
    std::string project, provider, answered, requested;
    Resolution resolution;
  };
  struct Shard {
    std::mutex mutex;
    HashMap<uint64_t, Entry> entries;
  };
  std::array<Shard, kShards> shards;
};

PriceBook::PriceBook(std::shared_ptr<const Catalogue> catalogue,
                     std::shared_ptr<const Supplement> supplement, std::vector<Override> overrides)
    : catalogue_(std::move(catalogue)),
      supplement_(std::move(supplement)),
      overrides_(std::move(overrides)),
      cache_(std::make_unique<Cache>()) {
  // What is more particular comes first, then what holds from a later day.
  const auto rank = [](const Override& o) {
    return std::tuple(o.project.empty(), o.from_file, o.provider.empty(), o.model.ends_with('*'),
                      -static_cast<int64_t>(o.model.size()));
  };
  std::stable_sort(overrides_.begin(), overrides_.end(), [&](const auto& a, const auto& b) {
    return std::pair(rank(a), std::string_view(b.from)) <
           std::pair(rank(b), std::string_view(a.from));
  });
  for (const Override& o : overrides_) {
    const Nanos from = o.from.empty() ? 0 : ReadDate(o.from).value_or(0);
    override_rows_.push_back({&o, MatchRule::Pattern(o.model), from, o.Row()});
  }
}

PriceBook::~PriceBook() = default;

Result<std::shared_ptr<const PriceBook>> Pricer::EmbeddedBook() {
  AO_ASSIGN_OR_RETURN(Catalogue catalogue, Catalogue::Parse(Catalogue::EmbeddedJson()));
  AO_ASSIGN_OR_RETURN(Supplement supplement, Supplement::Parse(Supplement::EmbeddedJson()));
  return std::shared_ptr<const PriceBook>(std::make_shared<PriceBook>(
      std::make_shared<const Catalogue>(std::move(catalogue)),
      std::make_shared<const Supplement>(std::move(supplement)), std::vector<Override>()));
}

// By the provider's name, whole and then without its last dotted part ("groq.chat").
PriceBook::Found PriceBook::FindInProvider(std::string_view provider,
                                           std::string_view model) const {
  for (std::string_view name = provider; !name.empty();) {
    if (const Provider* found = catalogue_->FindProvider(AliasOf(name))) {
      const PricedModel* priced = catalogue_->FindModel(*found, model);
      return {priced, priced != nullptr ? Recognised::kProvider : Recognised::kNot};
    }
    const size_t dot = name.rfind('.');
    if (dot == name.npos) break;
    name = name.substr(0, dot);
  }
  return {};
}

PriceBook::Found PriceBook::Find(std::string_view provider_name,
                                 std::string_view model_name) const {
  if (model_name.empty() || model_name.size() > kMaxNameBytes) return {};
  const std::string provider = Lower(provider_name.substr(0, kMaxNameBytes));
  const std::string model = Lower(model_name);
  if (const Found found = FindInProvider(provider, model); found.model != nullptr) return found;
  // "openai/gpt-4o", as gateways write it.
  if (const size_t slash = model.find('/'); slash != model.npos) {
    const std::string_view prefix = std::string_view(model).substr(0, slash);
    if (const Found found = FindInProvider(prefix, std::string_view(model).substr(slash + 1));
        found.model != nullptr) {
      return {found.model, Recognised::kPrefix};
    }
  }
  if (const Provider* maker = catalogue_->ProviderOfModel(model)) {
    if (const PricedModel* priced = catalogue_->FindModel(*maker, model)) {
      return {priced, Recognised::kModel};
    }
  }
  return {};
}

PriceBook::Resolution PriceBook::Resolve(const PriceQuery& query) const {
  Resolution resolution;
  Found found = Find(query.provider, query.model_answered);
  if (found.model == nullptr) found = Find(query.provider, query.model_requested);
  resolution.model = found.model;
  resolution.how = found.how;
  if (found.model != nullptr) {
    for (size_t i = 0; i < kTierCount; ++i) {
      resolution.tiers[i] = supplement_->FindTier(kTierNames[i], found.model->row);
    }
  }
  if (override_rows_.empty()) return resolution;
  const std::string provider = Lower(query.provider), answered = Lower(query.model_answered),
                    requested = Lower(query.model_requested);
  const Provider* known = catalogue_->FindProvider(AliasOf(provider));
  auto rows = std::make_shared<std::vector<const OverrideRow*>>();
  for (const OverrideRow& row : override_rows_) {
    const Override& o = *row.price;
    if (!o.project.empty() && o.project != query.project) continue;
    if (!o.provider.empty() && o.provider != provider &&
        (known == nullptr || o.provider != known->id)) {
      continue;
    }
    if (row.model.Matches(answered) || row.model.Matches(requested)) rows->push_back(&row);
  }
  if (!rows->empty()) resolution.overrides = std::move(rows);
  return resolution;
}

PriceBook::Resolution PriceBook::Cached(const PriceQuery& query) const {
  const std::string_view project = override_rows_.empty() ? std::string_view() : query.project;
  const uint64_t key = Hash64(
      query.model_answered, Hash64(query.model_requested, Hash64(query.provider, Hash64(project))));
  Cache::Shard& shard = cache_->shards[(key >> 60) % Cache::kShards];
  {
    std::lock_guard lock(shard.mutex);
    const auto at = shard.entries.find(key);
    if (at != shard.entries.end()) {
      const Cache::Entry& entry = at->second;
      if (entry.answered == query.model_answered && entry.requested == query.model_requested &&
          entry.provider == query.provider && entry.project == project) {
        return entry.resolution;
      }
    }
  }
  Resolution resolution = Resolve(query);
  std::lock_guard lock(shard.mutex);
  if (shard.entries.size() >= Cache::kMaxEntries) shard.entries.clear();
  shard.entries.insert_or_assign(
      key, Cache::Entry{std::string(project), std::string(query.provider),
                        std::string(query.model_answered), std::string(query.model_requested),
                        resolution});
  return resolution;
}

template <typename Sink>
CostResult PriceBook::Compute(const PriceQuery& query, const Resolution& resolution,
                              const Usage& usage, const Sink& sink) const {
  CostResult result;
  const PriceList* prices = &DefaultPrices();
  const ServiceTier* tier = nullptr;
  result.row = kDefaultRow;
  if (resolution.model != nullptr) {
    const DatedPrices& dated = resolution.model->At(query.when);
    prices = &dated.prices;
    result.row = dated.row;
    result.source = model::CostSource::kCatalogue;
    const auto index = TierIndex(query.service_tier);
    if (index && *index != kStandardTier) tier = resolution.tiers[*index];
  }
  if (resolution.overrides != nullptr) {
    for (const OverrideRow* row : *resolution.overrides) {
      if (!row->price->from.empty() && query.when < row->from) continue;
      prices = &row->price->prices;
      result.row = row->row;
      result.source = model::CostSource::kOverride;
      tier = nullptr;
      break;
    }
  }
  if (tier != nullptr) result.tier = tier->name;

  std::array<Unit, kUnitCount> units;
  std::array<double, kUnitCount> amounts;
  const size_t count = std::min(prices->size(), kUnitCount);
  for (size_t i = 0; i < count; ++i) units[i] = (*prices)[i].unit;
  LeafAmounts(usage, units.data(), count, amounts.data());
  const double input = usage[Unit::kInput];
  for (size_t i = 0; i < count; ++i) {
    const double amount = units[i] == Unit::kRequests ? 1 : amounts[i];
    if (!(amount > 0)) continue;
    Step step{.unit = units[i], .amount = amount};
    step.price = (*prices)[i].At(input, &step.tier_start);
    if (tier != nullptr) step.price = TierPrice(*tier, step.unit, step.price, &step.tier_start);
    step.usd = step.price * amount / InfoOf(step.unit).per;
    result.usd += step.usd;
    sink(step);
  }
  return result;
}

CostResult PriceBook::Price(const PriceQuery& query, const Usage& usage) const {
  return Compute(query, Cached(query), usage, [](const Step&) {});
}

Explanation PriceBook::Explain(const PriceQuery& query, const Usage& usage) const {
  Explanation out;
  const Resolution resolution = Resolve(query);
  const CostResult result =
      Compute(query, resolution, usage, [&](const Step& step) { out.steps.push_back(step); });
  std::stable_sort(out.steps.begin(), out.steps.end(),
                   [](const Step& a, const Step& b) { return a.unit < b.unit; });
  out.usd = result.usd;
  out.source = result.source;
  out.row = result.row;
  out.tier = result.tier;
  const auto index = TierIndex(query.service_tier);
  out.tier_unpriced = (!index || *index != kStandardTier) && result.tier.empty() &&
                      result.source == model::CostSource::kCatalogue;
  out.recognised = resolution.how;
  return out;
}

}  // namespace ao::cost
