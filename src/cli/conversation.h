#pragma once

#include <string>

#include "cli/json.h"

// The messages of an LLM call as a conversation. Pure: JSON in, text out.

namespace ao::cli {

struct ConversationOptions {
  int width = 100;
  bool unicode = true;
  bool colour = false;
  bool whole = false;  // else the last few messages, cut to a few lines each
};

// From the answer of GET /api/v1/traces/{id}/spans/{span_id}; empty when it has no messages.
std::string RenderConversation(const Json& span, const ConversationOptions& options);

}  // namespace ao::cli
