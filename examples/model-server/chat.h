#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "cli/json.h"

// A chat completion as data: what was asked, and what is answered. No HTTP here.

namespace ao::model_server {

struct Message {
  std::string role;
  std::string text;                                                  // of all text parts
  std::vector<std::pair<std::string, std::string>> tool_calls = {};  // name, arguments
};

struct Tool {
  std::string name;
  cli::Json parameters;  // JSON schema
};

enum class Format : uint8_t { kText, kJsonObject, kJsonSchema };

struct ChatRequest {
  std::string model;
  std::vector<Message> messages;
  std::vector<Tool> tools;
  std::string tool_choice;  // "auto", "none", "required", or the name of a tool
  bool parallel_tool_calls = true;
  bool stream = false;
  bool include_usage = false;
  int choices = 1;
  int64_t max_tokens = 0;  // 0: no limit
  int64_t seed = 0;
  std::vector<std::string> stop;
  Format format = Format::kText;
  cli::Json schema;  // of kJsonSchema

  std::string conversation;  // "role: text" of all messages, one below the other
  int64_t prompt_tokens = 0;

  int assistant_messages() const;
  // The text of the first message of a role, or empty.
  const std::string& First(const std::string& role) const;
};

// The parameter at fault travels with the status: its hint is the parameter's name.
Result<ChatRequest> ParseChatRequest(const cli::Json& body);

struct ToolCall {
  std::string name;
  std::string arguments;  // JSON text, unless a fault broke it
};

// One choice of the answer.
struct Answer {
  std::string text;
  std::string refusal;
  std::vector<ToolCall> tool_calls;
  std::string finish_reason = "stop";
  // A scripted failure of the provider instead of an answer.
  int error_status = 0;
  std::string error_type, error_message;
  // Scripted usage (prompt, completion) instead of counted.
  std::optional<std::pair<int64_t, int64_t>> usage;

  int64_t completion_tokens() const;
};

}  // namespace ao::model_server
