#pragma once

#include <vector>

#include "model/run.h"
#include "runs/owners.h"
#include "runs/run_tree.h"

// Which agent called upon which, and how that is known. Internal to runs/.
//
//   parent     an agent span below another agent's
//   message    the same with a CONSUMER span between them, or a CONSUMER linked to a PRODUCER
//   attribute  a delegation span or agent.delegate.* without an agent span of the callee below
//   tool       a hand-off or delegation tool without an agent span of the callee below
//   link       any other span link
// A call that is seen in several ways counts once, under the first of these that holds. Callers in
// other traces are known by what the link says, else as "trace:<hex>".

namespace ao::runs {

// Sorted. The rarest edges of a run with more are added up in one from "(other)" to "(other)".
constexpr size_t kMaxEdges = 1000;

std::vector<model::AgentEdge> FindEdges(const RunTree& tree, const Owners& owners,
                                        const Interner& interner);

}  // namespace ao::runs
