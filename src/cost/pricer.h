#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cost/catalogue.h"
#include "cost/overrides.h"
#include "cost/supplement.h"
#include "model/canonical.h"
#include "model/run.h"

// What a call to a model costs. A PriceBook is one state of all prices, immutable and thread-safe;
// a Pricer holds the current one, which is replaced as a whole when prices change.
//
// A price is looked for in this order: what the user set, the catalogue, the default price. All of
// docs/cost.md holds here; the arithmetic is UnitPrice::At times LeafAmounts over UnitInfo::per.

namespace ao::cost {

// The default price, for models that nothing knows: USD per million tokens.
constexpr double kDefaultInputPrice = 5, kDefaultOutputPrice = 15;
constexpr std::string_view kDefaultRow = "default";

// What a call used, from its canonical columns. When only the total is known, `assumed_split` is
// set and the total is taken as three parts input to one part output (all input for what has no
// output); docs/cost.md says why.
struct CallUsage {
  Usage usage;
  bool assumed_split = false;
};
CallUsage UsageOf(const model::Canonical& canonical);
// In the stored name of a price whose call had an assumed split: "openai/gpt-4o+split".
constexpr std::string_view kAssumedSplit = "split";
// Calls to models carry cost; spans around them repeat it.
constexpr bool IsPriced(model::Op op) {
  return op == model::Op::kLlm || op == model::Op::kEmbedding || op == model::Op::kRerank;
}

struct PriceQuery {
  std::string_view project = {};
  std::string_view provider = {};        // as the span names it
  std::string_view model_answered = {};  // tried first: it is what was billed
  std::string_view model_requested = {};
  std::string_view service_tier = {};  // "batch", "flex", "priority"; others are the standard tier
  Nanos when = 0;
};

// Of a call that began at `when`; its views are those of the arguments.
PriceQuery QueryOf(std::string_view project, const model::Canonical& canonical, Nanos when);

struct CostResult {
  double usd = 0;
  model::CostSource source = model::CostSource::kDefault;
  std::string_view row;   // of the price; lives as long as the book
  std::string_view tier;  // the service tier whose price was used; empty: standard
};

// How a model was recognised.
enum class Recognised : uint8_t { kNot, kProvider, kPrefix, kModel };
constexpr std::string_view kRecognisedNames[] = {"none", "provider and model",
                                                 "provider in the model's name", "model alone"};

struct Step {
  Unit unit = Unit::kInput;
  double amount = 0;      // what is charged in this unit
  double price = 0;       // USD per InfoOf(unit).per
  double tier_start = 0;  // the price holds for calls of more input tokens than this
  double usd = 0;
};
struct Explanation {
  double usd = 0;
  model::CostSource source = model::CostSource::kDefault;
  std::string row;
  std::string tier;            // service tier whose price was used
  bool tier_unpriced = false;  // a tier was asked for that has no price of its own
  Recognised recognised = Recognised::kNot;
  std::vector<Step> steps;
};

class PriceBook {
 public:
  PriceBook(std::shared_ptr<const Catalogue> catalogue,
            std::shared_ptr<const Supplement> supplement, std::vector<Override> overrides);
  ~PriceBook();
  PriceBook(const PriceBook&) = delete;
  PriceBook& operator=(const PriceBook&) = delete;

  CostResult Price(const PriceQuery& query, const Usage& usage) const;
  Explanation Explain(const PriceQuery& query, const Usage& usage) const;

  // What the names mean; null and kNot when the catalogue does not know them. Not cached.
  struct Found {
    const PricedModel* model = nullptr;
    Recognised how = Recognised::kNot;
  };
  Found Find(std::string_view provider, std::string_view model) const;

  const Catalogue& catalogue() const { return *catalogue_; }
  const std::shared_ptr<const Catalogue>& shared_catalogue() const { return catalogue_; }
  const Supplement& supplement() const { return *supplement_; }
  const std::shared_ptr<const Supplement>& shared_supplement() const { return supplement_; }
  const std::vector<Override>& overrides() const { return overrides_; }

 private:
  struct Resolution;
  struct OverrideRow;
  struct Cache;

  Resolution Resolve(const PriceQuery& query) const;
  Resolution Cached(const PriceQuery& query) const;
  Found FindInProvider(std::string_view provider, std::string_view model) const;
  template <typename Sink>
  CostResult Compute(const PriceQuery& query, const Resolution& resolution, const Usage& usage,
                     const Sink& sink) const;

  std::shared_ptr<const Catalogue> catalogue_;
  std::shared_ptr<const Supplement> supplement_;
  std::vector<Override> overrides_;
  std::vector<OverrideRow> override_rows_;  // by precedence
  std::unique_ptr<Cache> cache_;
};

// Thread-safe.
class Pricer {
 public:
  explicit Pricer(std::shared_ptr<const PriceBook> book) : book_(std::move(book)) {}
  // The embedded catalogue, nothing overridden. internal when it cannot be read, which a test
  // rules out.
  static Result<std::shared_ptr<const PriceBook>> EmbeddedBook();

  std::shared_ptr<const PriceBook> book() const {
    std::lock_guard lock(mutex_);
    return book_;
  }
  void Replace(std::shared_ptr<const PriceBook> book) {
    std::lock_guard lock(mutex_);
    book_ = std::move(book);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const PriceBook> book_;
};

}  // namespace ao::cost
