#include "runs/owners.h"

namespace ao::runs {

using model::Op;

Owners FindOwners(const RunTree& tree) {
  Owners owners;
  owners.agent_span.assign(tree.size(), kNone);
  owners.agent.assign(tree.size(), 0);
  owners.tool.assign(tree.size(), 0);
  for (const uint32_t i : tree.top_down()) {
    const SpanState& span = tree.span(i);
    const uint32_t parent = tree.parent(i), above = tree.above(i);
    if (above != kNone) owners.tool[i] = owners.tool[above];
    if (span.op == Op::kTool && span.tool != 0) owners.tool[i] = span.tool;
    if (span.op == Op::kAgent) {
      owners.agent_span[i] = i;
    } else if (parent != kNone) {
      owners.agent_span[i] = owners.agent_span[parent];
    }
    if (const uint32_t agent = owners.agent_span[i]; agent != kNone) {
      owners.agent[i] = AgentName(tree.span(agent));
    } else if (span.agent != 0 && span.op != Op::kDelegate) {
      owners.agent[i] = span.agent;  // a delegation names the agent that it calls
    } else if (above != kNone) {
      owners.agent[i] = owners.agent[above];
    }
  }
  return owners;
}

}  // namespace ao::runs
