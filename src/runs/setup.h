#pragma once

#include "storage/rows.h"

// What a model call shows of how its agent was set up. Internal to runs/. Pure; thread-safe.

namespace ao::runs {

// A hash of the call's system instructions and tool definitions, and of its prompt's name and
// version; 0 when it shows none. Only from what is stored with the span itself, so that it is the
// same whenever it is computed: the attributes gen_ai.system_instructions, a flattened first
// message with the role system, gen_ai.tool.definitions, llm.tools.*, llm.request.functions.*,
// ai.prompt.tools and mlflow.chat.tools. A system message inside a list of messages is not seen.
uint64_t SetupHash(const storage::SpanRow& row);

// The JSON value that `text` begins with; the rest of `text` when it is cut off. Exposed for tests.
std::string_view FirstJsonValue(std::string_view text);

}  // namespace ao::runs
