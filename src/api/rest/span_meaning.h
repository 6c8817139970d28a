#pragma once

#include "base/json_writer.h"
#include "model/canonical.h"
#include "semconv/explain.h"
#include "semconv/messages.h"

// What a span means, as members of the JSON object that `json` is writing.

namespace ao::api {

void WriteCanonical(const model::Canonical& canonical, JsonWriter& json);  // canonical
void WriteConversation(const semconv::Conversation& conversation,
                       JsonWriter& json);  // messages, documents
void WriteExplanation(const semconv::Explanation& explanation, JsonWriter& json);  // explain

}  // namespace ao::api
