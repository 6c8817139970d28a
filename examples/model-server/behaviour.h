#pragma once

#include <cstdint>

#include "model-server/chat.h"
#include "model-server/script.h"

// What the model answers: as scripted, or, where no rule fits, made up from the request's hash:
// none to two tool calls with arguments that satisfy their schema, then a text. The same seed,
// request and choice always give the same answer. Thread-safe, no state.

namespace ao::model_server {

uint64_t HashRequest(const ChatRequest& request, uint64_t seed, int choice);

// With tool_choice, response_format, stop and max_tokens of the request obeyed.
Answer Respond(const ChatRequest& request, const Script& script, uint64_t hash);

// Cuts at the first stop text and at max_tokens (finish_reason "length").
void ApplyLimits(const ChatRequest& request, Answer* answer);

// Keeps the first `tokens` tokens of the text, or of the last tool call's arguments.
void Truncate(int64_t tokens, Answer* answer);

}  // namespace ao::model_server
