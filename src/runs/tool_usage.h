#pragma once

#include <vector>

#include "model/run.h"
#include "runs/owners.h"
#include "runs/run_tree.h"

// Which tools a run called. Internal to runs/.

namespace ao::runs {

// The smallest of more than this many uses are added up in one whose texts are "(other)".
constexpr size_t kMaxToolUses = 256;

// Tool spans that are calls of their own: one that is merely wrapped around an inner span, which
// another instrumentation made for the same call (the same tool call id, or the same name right
// above), is one call with it. Sorted by tool and agent.
std::vector<model::ToolUse> CountTools(const RunTree& tree, const Owners& owners,
                                       const Interner& interner);

}  // namespace ao::runs
