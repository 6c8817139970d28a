#pragma once

#include <string>

#include "api/context.h"
#include "base/json_writer.h"
#include "cost/pricer.h"
#include "model/telemetry.h"

// How the cost of a span came about.

namespace ao::api {

// The member "cost" of a span, when it has a cost: what is stored, and the arithmetic done again
// from what the span says with the prices of now.
Status WriteSpanCost(Context& context, const std::string& project, const model::Resource* resource,
                     const model::Scope* scope, const model::Span& span, JsonWriter& json);

// The member "steps".
void WriteSteps(const std::vector<cost::Step>& steps, JsonWriter& json);

}  // namespace ao::api
