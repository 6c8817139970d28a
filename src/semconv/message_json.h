#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "semconv/messages.h"

// Messages from the JSON of any client. Internal to semconv/. Knows the shapes of OpenTelemetry
// (parts), OpenAI (chat and responses), Anthropic, Gemini, Vercel, LangChain, and the wrappers that
// frameworks put around them.

namespace ao::semconv {

// Appends the messages of `text`, which is JSON or plain text; plain text is one message of
// `role`, which is also the role of messages that do not say theirs.
void ReadMessages(std::string_view text, std::string_view role, std::vector<Message>* out);

bool IsJson(std::string_view text);

// Appends the documents of a JSON list, or of {"documents": [...]}. Only what looks like documents
// when `strict`.
void ReadDocumentList(std::string_view json, bool strict, std::vector<Document>* out);

}  // namespace ao::semconv
