#include "api/rest/span_cost.h"

#include <algorithm>
#include <cmath>

#include "prices/price_store.h"
#include "semconv/canonicalize.h"

namespace ao::api {
namespace {

using model::CostSource;

std::string PriceName(const cost::Explanation& explanation, bool assumed_split) {
  std::string name = explanation.row;
  if (!explanation.tier.empty()) name.append("+").append(explanation.tier);
  if (assumed_split) name.append("+").append(cost::kAssumedSplit);
  return name;
}

// What the store says of one span.
Result<storage::SpanSummary> StoredSpan(Context& context, const std::string& project,
                                        const model::Span& span) {
  AO_ASSIGN_OR_RETURN(storage::TraceSkeleton trace, context.store.GetTrace(project, span.trace_id));
  for (storage::SpanSummary& stored : trace.spans) {
    if (stored.span_id == span.span_id) return std::move(stored);
  }
  return storage::SpanSummary();
}

// The token counts that are stored, and what is charged beside them as the span says.
model::Canonical WithStoredTokens(model::Canonical canonical, const storage::SpanSummary& stored) {
  canonical.op = stored.op;
  canonical.input_tokens = stored.input_tokens;
  canonical.output_tokens = stored.output_tokens;
  canonical.total_tokens = stored.total_tokens;
  canonical.cache_read_tokens = stored.cache_read_tokens;
  canonical.cache_write_tokens = stored.cache_write_tokens;
  canonical.reasoning_tokens = stored.reasoning_tokens;
  return canonical;
}

bool SameAmount(double a, double b) {
  return std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

}  // namespace

namespace {

// Amounts are whole but where a total was split.
void WriteAmount(std::string_view name, double amount, JsonWriter& json) {
  if (amount == std::floor(amount) && amount < 9e15) {
    json.Field(name, static_cast<int64_t>(amount));
  } else {
    json.Field(name, amount);
  }
}

}  // namespace

void WriteSteps(const std::vector<cost::Step>& steps, JsonWriter& json) {
  json.Key("steps").BeginArray();
  for (const cost::Step& step : steps) {
    const cost::UnitInfo& unit = cost::InfoOf(step.unit);
    json.BeginObject().Field("bucket", unit.name);
    if (unit.per == 1e6) {
      WriteAmount("tokens", step.amount, json);
      json.Field("usd_per_million", step.price);
    } else {
      WriteAmount("count", step.amount, json);
      json.Field("usd_per", step.price).Field("per", unit.per);
    }
    if (step.tier_start > 0) WriteAmount("above_input_tokens", step.tier_start, json);
    json.Field("usd", step.usd).EndObject();
  }
  json.EndArray();
}

Status WriteSpanCost(Context& context, const std::string& project, const model::Resource* resource,
                     const model::Scope* scope, const model::Span& span, JsonWriter& json) {
  static const model::Resource no_resource;
  static const model::Scope no_scope;
  Arena arena;
  model::Canonical canonical;
  semconv::Canonicalize(resource != nullptr ? *resource : no_resource,
                        scope != nullptr ? *scope : no_scope, span, &arena, &canonical);
  if (!cost::IsPriced(canonical.op) && !canonical.cost_usd) return OkStatus();
  AO_ASSIGN_OR_RETURN(const storage::SpanSummary stored, StoredSpan(context, project, span));
  if (!stored.cost_usd) return OkStatus();

  json.Key("cost").BeginObject().Field("usd", *stored.cost_usd);
  json.Field("source", model::kCostSourceNames[static_cast<size_t>(stored.cost_source)]);
  json.Field("price", stored.price);
  json.Field("inclusive", true);  // canonical input tokens include cached ones
  if (stored.cost_source != CostSource::kClient) {
    const cost::CallUsage call = cost::UsageOf(WithStoredTokens(canonical, stored));
    const auto book = context.prices.pricer().book();
    const cost::Explanation now =
        book->Explain(cost::QueryOf(project, canonical, stored.start), call.usage);
    json.Field("tier", now.tier.empty() ? "standard" : now.tier);
    if (now.tier_unpriced) json.Field("unpriced_tier", canonical.service_tier);
    json.Field("recognised_by", cost::kRecognisedNames[static_cast<size_t>(now.recognised)]);
    json.Field("assumed_split", call.assumed_split);
    json.Field("estimated_tokens", canonical.tokens_estimated);
    WriteSteps(now.steps, json);
    const std::string price = PriceName(now, call.assumed_split);
    if (price != stored.price || !SameAmount(now.usd, *stored.cost_usd)) {
      json.Key("current").BeginObject().Field("usd", now.usd).Field("price", price).EndObject();
    }
  }
  json.EndObject();
  return OkStatus();
}

}  // namespace ao::api
