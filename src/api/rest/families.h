#pragma once

#include <vector>

#include "api/endpoint.h"

// Every endpoint family: one line here, one file beside this one.
#define AO_API_FAMILIES(X) \
  X(RunEndpoints)          \
  X(StatisticsEndpoints)   \
  X(BreakdownEndpoints)    \
  X(TraceEndpoints)        \
  X(SummaryEndpoints)      \
  X(SpanListEndpoints)     \
  X(DeleteEndpoints)       \
  X(LogEndpoints)          \
  X(SessionEndpoints)      \
  X(CostEndpoints)         \
  X(PriceEndpoints)        \
  X(KeyEndpoints)          \
  X(SettingEndpoints)      \
  X(AgentEndpoints)        \
  X(UserEndpoints)         \
  X(SearchEndpoints)       \
  X(ScoreEndpoints)        \
  X(SqlEndpoints)          \
  X(LiveEndpoints)         \
  X(ExportEndpoints)       \
  X(IngestEndpoints)       \
  X(StatusEndpoints)       \
  X(MetricsEndpoints)      \
  X(HealthEndpoints)

namespace ao::api {

#define AO_API_DECLARE(family) std::vector<Endpoint> family();
AO_API_FAMILIES(AO_API_DECLARE)
#undef AO_API_DECLARE

}  // namespace ao::api
