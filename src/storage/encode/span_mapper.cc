#include "storage/encode/span_mapper.h"

#include "semconv/canonicalize.h"

namespace ao::storage {

void SpanMapper::Map(std::string_view project, const model::Resource& resource,
                     const model::Scope& scope, const model::Span& span, Arena* arena,
                     SpanRow* row) {
  semconv::Canonicalize(resource, scope, span, arena, &row->canonical);
  Price(project, arena, row);
}

// The client's cost, else what the prices say.
void SpanMapper::Price(std::string_view project, Arena* arena, SpanRow* row) {
  model::Canonical& k = row->canonical;
  if (k.cost_usd) {
    k.cost_source = model::CostSource::kClient;
    return;
  }
  if (prices_ == nullptr || !cost::IsPriced(k.op)) return;
  const cost::CallUsage call = cost::UsageOf(k);
  if (call.usage.empty()) return;
  const cost::CostResult cost = prices_->Price(cost::QueryOf(project, k, row->start), call.usage);
  k.cost_usd = cost.usd;
  k.cost_source = cost.source;
  scratch_.assign(cost.row);
  if (!cost.tier.empty()) scratch_.append("+").append(cost.tier);
  if (call.assumed_split) scratch_.append("+").append(cost::kAssumedSplit);
  k.price = arena->Copy(scratch_);
}

}  // namespace ao::storage
