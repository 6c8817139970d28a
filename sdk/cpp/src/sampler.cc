#include "observatory/sampler.h"

#include <utility>

#include "core.h"
#include "trace_state.h"

namespace observatory {
namespace {

class Constant final : public Sampler {
 public:
  explicit Constant(bool record) : record_(record) {}
  bool record() const { return record_; }
  SamplingDecision should_sample(const SamplingInput&) const noexcept override {
    return {.record = record_};
  }

 private:
  const bool record_;
};

class Probability final : public Sampler {
 public:
  explicit Probability(double ratio) : threshold_(detail::ThresholdOf(ratio)) {}
  SamplingDecision should_sample(const SamplingInput& input) const noexcept override {
    const std::string_view state = input.parent.trace_state();
    const bool record = detail::RandomnessOf(state, input.trace_id.low) >= threshold_;
    const std::string_view ot = detail::TraceStateMember(state, "ot");
    // Most spans that are left out have nothing to take back.
    if (!record && detail::OtField(ot, "th").empty()) return {.record = false};
    std::string changed = detail::WithThreshold(
        ot, record ? std::optional<uint64_t>(threshold_) : std::optional<uint64_t>());
    return {.record = record, .trace_state = detail::WithTraceStateMember(state, "ot", changed)};
  }

 private:
  const uint64_t threshold_;
};

class ParentBased final : public Sampler {
 public:
  explicit ParentBased(std::shared_ptr<Sampler> root) : root_(std::move(root)) {}
  const Sampler& root() const { return *root_; }
  SamplingDecision should_sample(const SamplingInput& input) const noexcept override {
    if (input.parent.valid()) return {.record = input.parent.sampled()};
    return root_->should_sample(input);
  }

 private:
  const std::shared_ptr<Sampler> root_;
};

}  // namespace

namespace detail {

// The samplers that need not be asked.
Core::Sampling SamplingOf(const Sampler& sampler) {
  if (const auto* constant = dynamic_cast<const Constant*>(&sampler)) {
    return constant->record() ? Core::Sampling::kAlways : Core::Sampling::kNever;
  }
  if (const auto* parent = dynamic_cast<const ParentBased*>(&sampler)) {
    if (SamplingOf(parent->root()) == Core::Sampling::kAlways) return Core::Sampling::kParent;
  }
  return Core::Sampling::kAsk;
}

}  // namespace detail

Sampler::~Sampler() = default;

std::shared_ptr<Sampler> always_on() { return std::make_shared<Constant>(true); }
std::shared_ptr<Sampler> always_off() { return std::make_shared<Constant>(false); }
std::shared_ptr<Sampler> probability(double ratio) {
  if (!(ratio > 0)) return always_off();
  return std::make_shared<Probability>(ratio);
}
std::shared_ptr<Sampler> parent_based(std::shared_ptr<Sampler> root) {
  return std::make_shared<ParentBased>(root != nullptr ? std::move(root) : always_on());
}

TraceSampler::TraceSampler(TraceSamplerOptions options)
    : options_(options), threshold_(detail::ThresholdOf(options.ratio)) {}

TraceSampler::Reason TraceSampler::decide(const TraceFacts& facts) const noexcept {
  if (facts.error) return Reason::kError;
  if (facts.steps > options_.max_steps) return Reason::kSteps;
  const uint64_t randomness = facts.trace_id.low & (detail::kRandomRange - 1);
  return randomness >= threshold_ ? Reason::kShare : Reason::kDropped;
}

}  // namespace observatory
