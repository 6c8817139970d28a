#include "model-server/chat.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model-server/tokens.h"

namespace ao::model_server {
namespace {

constexpr int64_t kTokensAroundMessage = 3;
constexpr int64_t kMaxChoices = 128;
constexpr size_t kMaxStops = 4;

using cli::Json;

Status Bad(std::string_view parameter, std::string_view reason) {
  return InvalidArgument(fmt::format("cannot answer: {} {}", parameter, reason),
                         std::string(parameter));
}

std::string TextOf(const Json& content) {
  if (content.type() == Json::Type::kString) return content.text();
  std::string text;
  for (const Json& part : content.items()) text += part["text"].text();
  return text;
}

std::string Written(const Json& json) {
  JsonWriter writer;
  json.Write(&writer);
  return writer.Take();
}

// Ids of the calls that the next tool messages may answer.
class OpenCalls {
 public:
  Status Check(const Json& message, const std::string& where) {
    const std::string& role = message["role"].text();
    if (role == "assistant") ids_.clear();
    for (const Json& call : message["tool_calls"].items()) ids_.push_back(call["id"].text());
    if (role != "tool") return OkStatus();
    const std::string& id = message["tool_call_id"].text();
    if (std::find(ids_.begin(), ids_.end(), id) != ids_.end()) return OkStatus();
    return Bad(where, fmt::format("answers tool call '{}', which no assistant message made", id));
  }

 private:
  std::vector<std::string> ids_;
};

Status ReadMessages(const Json& list, ChatRequest* request) {
  static constexpr std::array kRoles = {"system",    "developer", "user",
                                        "assistant", "tool",      "function"};
  if (list.type() != Json::Type::kArray || list.size() == 0) {
    return Bad("messages", "must be a list of at least one message");
  }
  OpenCalls calls;
  for (size_t i = 0; i < list.size(); ++i) {
    const Json& item = list.at(i);
    const std::string where = fmt::format("messages[{}]", i);
    Message message{.role = item["role"].text(), .text = TextOf(item["content"])};
    if (std::find(kRoles.begin(), kRoles.end(), message.role) == kRoles.end()) {
      return Bad(where + ".role", fmt::format("is '{}', which is no role", message.role));
    }
    AO_TRY(calls.Check(item, where));
    for (const Json& call : item["tool_calls"].items()) {
      const Json& function = call["function"];
      message.tool_calls.emplace_back(function["name"].text(), function["arguments"].text());
    }
    request->messages.push_back(std::move(message));
  }
  return OkStatus();
}

Status ReadTools(const Json& body, ChatRequest* request) {
  for (size_t i = 0; i < body["tools"].size(); ++i) {
    const Json& function = body["tools"].at(i)["function"];
    if (function["name"].text().empty()) {
      return Bad(fmt::format("tools[{}].function.name", i), "is missing");
    }
    request->tools.push_back({function["name"].text(), function["parameters"]});
  }
  const Json& choice = body["tool_choice"];
  request->tool_choice =
      choice.type() == Json::Type::kObject ? choice["function"]["name"].text() : choice.text();
  if (request->tool_choice.empty()) request->tool_choice = "auto";
  request->parallel_tool_calls =
      body["parallel_tool_calls"].is_null() || body["parallel_tool_calls"].boolean();
  return OkStatus();
}

Status ReadLimits(const Json& body, ChatRequest* request) {
  const int64_t choices = body["n"].is_null() ? 1 : body["n"].integer();
  if (choices < 1 || choices > kMaxChoices) {
    return Bad("n", fmt::format("must be from 1 to {}", kMaxChoices));
  }
  request->choices = static_cast<int>(choices);
  const std::string limit =
      body["max_completion_tokens"].is_null() ? "max_tokens" : "max_completion_tokens";
  request->max_tokens = body[limit].integer();
  if (!body[limit].is_null() && request->max_tokens < 1) return Bad(limit, "must be at least 1");
  const Json& stop = body["stop"];
  if (stop.type() == Json::Type::kString) request->stop.push_back(stop.text());
  for (const Json& item : stop.items()) request->stop.push_back(item.text());
  std::erase(request->stop, "");
  if (request->stop.size() > kMaxStops) {
    return Bad("stop", fmt::format("has more than {} texts", kMaxStops));
  }
  return OkStatus();
}

Status ReadFormat(const Json& format, ChatRequest* request) {
  const std::string& type = format["type"].text();
  if (type.empty() || type == "text") return OkStatus();
  if (type == "json_object") {
    request->format = Format::kJsonObject;
  } else if (type == "json_schema") {
    request->format = Format::kJsonSchema;
    request->schema = format["json_schema"]["schema"];
  } else {
    return Bad("response_format.type", fmt::format("is '{}', which is unknown", type));
  }
  return OkStatus();
}

void Summarise(const Json& body, ChatRequest* request) {
  int64_t tokens = body["tools"].is_null() ? 0 : CountTokens(Written(body["tools"]));
  for (const Message& message : request->messages) {
    request->conversation += message.role + ": " + message.text + "\n";
    tokens += kTokensAroundMessage + CountTokens(message.text);
    for (const auto& [name, arguments] : message.tool_calls) {
      request->conversation += "call " + name + ": " + arguments + "\n";
      tokens += CountTokens(name) + CountTokens(arguments);
    }
  }
  request->prompt_tokens = tokens;
}

}  // namespace

int ChatRequest::assistant_messages() const {
  return static_cast<int>(std::count_if(messages.begin(), messages.end(),
                                        [](const Message& m) { return m.role == "assistant"; }));
}

const std::string& ChatRequest::First(const std::string& role) const {
  static const std::string nothing;
  for (const Message& message : messages) {
    if (message.role == role) return message.text;
  }
  return nothing;
}

Result<ChatRequest> ParseChatRequest(const Json& body) {
  if (body.type() != Json::Type::kObject) return Bad("the body", "must be a JSON object");
  ChatRequest request;
  request.model = body["model"].text();
  if (request.model.empty()) return Bad("model", "is missing");
  AO_TRY(ReadMessages(body["messages"], &request));
  AO_TRY(ReadTools(body, &request));
  AO_TRY(ReadLimits(body, &request));
  AO_TRY(ReadFormat(body["response_format"], &request));
  request.stream = body["stream"].boolean();
  request.include_usage = body["stream_options"]["include_usage"].boolean();
  request.seed = body["seed"].integer();
  Summarise(body, &request);
  return request;
}

int64_t Answer::completion_tokens() const {
  if (usage) return usage->second;
  int64_t tokens = CountTokens(text) + CountTokens(refusal);
  for (const ToolCall& call : tool_calls) {
    tokens += CountTokens(call.name) + CountTokens(call.arguments);
  }
  return tokens;
}

}  // namespace ao::model_server
