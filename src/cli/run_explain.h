#pragma once

#include <string>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/json.h"

namespace ao::cli {

// Prints for every span of a trace (the answer of /api/v1/traces/{trace_id}) which rule of which
// dialect filled its canonical columns. One request a span.
Status ExplainRun(ApiClient& api, const std::string& trace_id, const Json& trace, bool as_json,
                  Io& io);

}  // namespace ao::cli
