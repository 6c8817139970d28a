#pragma once

#include <string>

#include "model/run.h"
#include "storage/rows.h"

// Recognises spans that hand work to another agent by what they say about themselves: hand-off and
// delegation tools (transfer_to_billing, handoff_to_x, "Delegate work to coworker"), delegation
// spans (agent.delegate.<name>) and the attributes agent.delegate.* and gen_ai.handoff.to_agent.
// Internal to runs/. Pure; thread-safe.

namespace ao::runs {

struct Delegation {
  std::string target;  // the agent's name; empty: the span delegates nothing
  model::EdgeEvidence evidence = model::EdgeEvidence::kTool;
  bool handoff = false;  // control moves over for good
};

Delegation DelegationOf(const storage::SpanRow& row);

// Whether `target`, as a tool or span calls an agent, is the agent called `name`: letters and
// digits agree, whatever their case and what stands between them, and "agent" at the end is free.
bool NamesAgent(std::string_view target, std::string_view name);

}  // namespace ao::runs
