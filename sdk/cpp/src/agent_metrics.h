#pragma once

#include <cstdint>

#include "observatory/metrics.h"

namespace observatory::detail {

class Core;

// The metrics of agents, by the names that alert rules rely on.
struct AgentMetrics {
  Core* core;
  Histogram duration_ms, steps;
  Counter tokens, tool_calls, errors;
};

// Of the global configuration. Lives for ever.
const AgentMetrics& TheAgentMetrics() noexcept;
// Of the global configuration's clock.
int64_t SteadyNow() noexcept;

}  // namespace observatory::detail
