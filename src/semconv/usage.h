#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include "model/canonical.h"
#include "model/telemetry.h"
#include "semconv/mapper.h"

// The token columns and cost that a span itself says; what a run used is counted elsewhere, with
// each call once. Internal to semconv/.

namespace ao::semconv {

constexpr int64_t kBytesPerToken = 4;

// Emitters that report input without its cached part: known by scope, or by a cached part that is
// larger than the whole.
template <typename Observer>
void IncludeCached(bool exclusive, Observer& observer, model::Canonical* out) {
  const double cached = static_cast<double>(out->cache_read_tokens.value_or(0)) +
                        static_cast<double>(out->cache_write_tokens.value_or(0));
  if (!out->input_tokens || !(cached > 0) || cached >= kMaxExact) return;
  const auto input = static_cast<double>(*out->input_tokens);
  if (std::abs(input) >= kMaxExact) return;
  if (!exclusive && cached <= input) return;
  *out->input_tokens += static_cast<int64_t>(cached);
  observer.Inferred("input_tokens", exclusive ? "this emitter leaves cached tokens out; added"
                                              : "more cached tokens than input: added");
}

// Streams often end without usage. A call that failed used nothing that anybody knows of.
template <typename Observer>
void EstimateTokens(const model::Span& span, Observer& observer, model::Canonical* out) {
  if (span.status == model::StatusCode::kError) return;
  if (out->input.empty() && out->output.empty()) return;
  const auto estimate = [](std::string_view text) {
    return (static_cast<int64_t>(text.size()) + kBytesPerToken - 1) / kBytesPerToken;
  };
  if (!out->input.empty()) out->input_tokens = estimate(out->input);
  if (!out->output.empty()) out->output_tokens = estimate(out->output);
  out->tokens_estimated = true;
  observer.Inferred("input_tokens", "estimated: no usage was sent, 4 bytes are one token");
  observer.Inferred("output_tokens", "estimated: no usage was sent, 4 bytes are one token");
}

// `out` has its operation, input and output. `events_count`: an event says the usage of the call.
template <typename Observer>
void FillUsage(Mapper<Observer>& mapper, Observer& observer, const model::Span& span,
               const Registry::Scope* scope, bool events_count, model::Canonical* out) {
  const bool is_llm = out->op == model::Op::kLlm;
  if (is_llm && model::FindString(span.attributes, "gen_ai.operation.name") == "fetch_response") {
    observer.Inferred("input_tokens", "fetching a stored answer uses nothing");
    return;
  }
  if (events_count) {
    observer.Inferred("input_tokens", "the event of the same call says them");
    return;
  }
  out->input_tokens = mapper.Integer(Field::kInputTokens);
  out->output_tokens = mapper.Integer(Field::kOutputTokens);
  out->total_tokens = mapper.Integer(Field::kTotalTokens);
  out->cache_read_tokens = mapper.Integer(Field::kCacheRead);
  out->cache_write_tokens = mapper.Integer(Field::kCacheWrite);
  out->reasoning_tokens = mapper.Integer(Field::kReasoning);
  out->cache_write_1h_tokens = mapper.Integer(Field::kCacheWrite1h);
  out->input_audio_tokens = mapper.Integer(Field::kInputAudio);
  out->output_audio_tokens = mapper.Integer(Field::kOutputAudio);
  out->web_searches = mapper.Integer(Field::kWebSearches);
  out->service_tier = mapper.Text(Field::kServiceTier);
  out->cost_usd = mapper.Number(Field::kCost);
  IncludeCached(scope != nullptr && scope->row.exclusive_input, observer, out);
  const bool none = !out->input_tokens && !out->output_tokens && !out->total_tokens;
  if (is_llm && none) EstimateTokens(span, observer, out);
}

}  // namespace ao::semconv
