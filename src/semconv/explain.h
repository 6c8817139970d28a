#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/canonical.h"
#include "model/telemetry.h"

// Why the canonical columns of a span are what they are: which rule of which dialect filled each
// field, from which attribute, and what else was there. Made on request, by the same code that
// fills the columns. Pure; thread-safe. Strings are owned.

namespace ao::semconv {

// An attribute that could have filled a field.
struct Candidate {
  std::string_view dialect;
  std::string attribute;
  int rank = 0;              // the lowest wins
  std::string value;         // its beginning
  std::string_view outcome;  // "used", "outranked" or "unusable" (of the wrong kind, or empty)
};

struct FieldExplanation {
  std::string_view field;
  std::vector<Candidate> candidates;  // best rank first
  std::string inferred;               // how a rule changed or made the value; empty when none did
};

struct Explanation {
  model::Dialect dialect = model::Dialect::kNone;
  int mapping_version = 0;
  std::vector<FieldExplanation> fields;  // those with candidates or a rule, as in the tables
  std::vector<std::string> unmapped;     // agent-like attributes that no table knows
};

Explanation Explain(const model::Resource& resource, const model::Scope& scope,
                    const model::Span& span);

}  // namespace ao::semconv
