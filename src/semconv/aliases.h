#pragma once

#include <string_view>

// One spelling for what dialects spell differently. Internal to semconv/.

namespace ao::semconv {

// OpenTelemetry's provider name ("openai", "aws.bedrock") of any known spelling ("OpenAI",
// "openai.chat", "amazon-bedrock"); an unknown one unchanged, and
// nothing for a framework that names itself.
std::string_view CanonicalProvider(std::string_view provider);

// "stop", "length", "content_filter", "tool_call" or "error"; an unknown one unchanged.
std::string_view CanonicalFinishReason(std::string_view reason);

// ASCII only.
bool EqualIgnoringCase(std::string_view a, std::string_view b);

}  // namespace ao::semconv
