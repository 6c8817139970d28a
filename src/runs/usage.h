#pragma once

#include <cstdint>
#include <vector>

#include "model/run.h"
#include "runs/owners.h"
#include "runs/run_tree.h"

// What a run used, each model call once. Internal to runs/.
//
// Model calls are LLM, embedding and rerank spans. Several spans are one call when they have the
// same response id; when one lies around just the other; or when one lies around another with the
// same token counts (two instrumentations of one request). A model call with calls of its kind
// below is a wrapper: it is no call, and its tokens count only when no call below has any. Calls
// behind a tool are not below: they are work of their own. Any other span that reports tokens (an
// agent's total) counts only when nothing below it has any. Of the spans of one call the innermost
// counts, or one with more token kinds if it is surely the same call.
// The same rules hold for cost by itself: a call's cost is the client's where it sent one.

namespace ao::runs {

struct Usage {
  std::vector<model::UsagePart> parts;  // sorted; at most kMaxParts
  int64_t llm_calls = 0;
};

// The smallest parts of a run with more are added up in one whose texts are "(other)".
constexpr size_t kMaxParts = 256;

Usage CountUsage(const RunTree& tree, const Owners& owners, const Interner& interner);

}  // namespace ao::runs
