#include "agent_metrics.h"

#include <time.h>

#include <atomic>

#include "core.h"

namespace observatory::detail {

const AgentMetrics& TheAgentMetrics() noexcept {
  static std::atomic<const AgentMetrics*> current{nullptr};
  Core* core = Core::Global();
  const AgentMetrics* metrics = current.load(std::memory_order_acquire);
  if (metrics != nullptr && metrics->core == core) return *metrics;
  const Meter agents = meter("observatory.agent");
  metrics = new AgentMetrics{
      core,
      agents.histogram("agent.run.duration_ms",
                       {.description = "Duration of agent runs",
                        .unit = "ms",
                        .boundaries = {10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 15000,
                                       30000, 60000, 120000, 300000, 600000}}),
      agents.histogram("agent.run.steps", {.description = "Calls of models per run",
                                           .unit = "{step}",
                                           .boundaries = {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20,
                                                          30, 50}}),
      agents.counter("agent.tokens.total", {.description = "Tokens used", .unit = "{token}"}),
      agents.counter("agent.tool_calls.total", {.description = "Calls of tools", .unit = "{call}"}),
      agents.counter("agent.errors.total", {.description = "Failed runs", .unit = "{error}"}),
  };
  current.store(metrics, std::memory_order_release);
  return *metrics;
}

int64_t SteadyNow() noexcept {
  if (const Core* core = Core::Global()) return core->SteadyNanos();
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1000000000} + now.tv_nsec;
}

}  // namespace observatory::detail
