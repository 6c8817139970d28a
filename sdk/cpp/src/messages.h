#pragma once

#include <string>
#include <string_view>

#include "observatory/value.h"

namespace observatory::detail {

// Messages in the JSON of the OpenTelemetry GenAI conventions: [{role, parts: [...]}]. Takes a
// text (one message of `role`), or messages as chat APIs have them (content, tool_calls,
// tool_call_id), or with parts already.
std::string MessagesJson(const Value& value, std::string_view role,
                         std::string_view finish_reason = {});
// A text as it is, anything else as JSON.
std::string TextOrJson(const Value& value);

}  // namespace observatory::detail
