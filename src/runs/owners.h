#pragma once

#include <cstdint>
#include <vector>

#include "runs/run_tree.h"

// Whose work a span is. Internal to runs/.

namespace ao::runs {

// By span index; names are interned, 0: none.
struct Owners {
  // The nearest agent span around the span, or the span itself; kNone. Agents above a missing
  // parent are not known and do not count.
  std::vector<uint32_t> agent_span;
  // The name of that agent (an agent without a name has its service's); without one the span's own
  // claim, then what holds for the root of the run.
  std::vector<uint32_t> agent;
  std::vector<uint32_t> tool;  // name of the nearest tool around the span, or of itself
};

Owners FindOwners(const RunTree& tree);

// The name of an agent span.
inline uint32_t AgentName(const SpanState& span) {
  return span.agent != 0 ? span.agent : span.service;
}

}  // namespace ao::runs
