#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/canonical.h"
#include "model/telemetry.h"

// What was said to a model and what it said, and what a retrieval found, in one form for every
// dialect. Made when somebody reads a span, from its attributes, which stay as they were sent.
// Pure; thread-safe; never fails: what cannot be read as messages is one text. Strings are owned.

namespace ao::semconv {

enum class PartKind : uint8_t { kText, kReasoning, kToolCall, kToolResult, kReference, kOther };
constexpr std::string_view kPartKindNames[] = {"text",        "reasoning", "tool_call",
                                               "tool_result", "reference", "other"};

struct MessagePart {
  PartKind kind = PartKind::kText;
  std::string text = {};        // text, reasoning, a tool's result; JSON of what is not known
  std::string id = {};          // of the tool call, also in its result
  std::string name = {};        // of the tool
  std::string arguments = {};   // of a tool call, as sent: usually JSON
  std::string uri = {};         // kReference: where it is, or its id; never the bytes themselves
  std::string media_type = {};  // kReference: "image/png", or "image" when no more is known
  bool paired = false;  // a call whose result, or a result whose call, is in the conversation
};

struct Message {
  std::string role = {};  // "system", "user", "assistant" or "tool"; others as sent
  std::string name = {};
  std::vector<MessagePart> parts = {};
  std::string finish_reason = {};  // as in canonical columns; only of output messages
};

struct Document {
  std::string id = {};
  std::optional<double> score = {};
  std::string content = {};
  std::string metadata = {};  // JSON, or empty
  std::string version = {};   // or a timestamp, as sent
};

struct Conversation {
  std::vector<Message> input, output;
  std::vector<Document> documents;
  // The documents were recognised in the span's output; nothing says that they are some.
  bool documents_inferred = false;
  bool from_logs = false;  // the messages came as log records of the span
};

// `canonical` is what Canonicalize makes of `span`. `logs` are log records of the same span, for
// conventions up to 1.36, which put messages there; may be empty.
Conversation ReadConversation(const model::Span& span, const model::Canonical& canonical,
                              std::span<const model::LogRecord> logs);

}  // namespace ao::semconv
