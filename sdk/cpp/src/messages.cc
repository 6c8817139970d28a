#include "messages.h"

#include <optional>
#include <utility>

#include "json.h"

namespace observatory::detail {
namespace {

Value TextPart(std::string_view text) {
  return Value::map({{"type", "text"}, {"content", text}});
}

std::string TextOf(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && value->if_string() != nullptr ? *value->if_string() : std::string();
}

// {id, function: {name, arguments}} or {id, name, arguments}.
Value ToolCallPart(const Value& call) {
  const Value* function = call.find("function");
  const Value& named = function != nullptr ? *function : call;
  const Value* arguments = named.find("arguments");
  Value parsed = arguments != nullptr ? *arguments : Value();
  if (parsed.if_string() != nullptr) {
    if (auto json = ParseJson(*parsed.if_string())) parsed = std::move(*json);
  }
  return Value::map({{"type", "tool_call"},
                     {"id", TextOf(call, "id")},
                     {"name", TextOf(named, "name")},
                     {"arguments", std::move(parsed)}});
}

void AddContent(const Value& content, Value::Array* parts) {
  if (const auto* text = content.if_string()) {
    if (!text->empty()) parts->push_back(TextPart(*text));
  } else if (const auto* list = content.if_array()) {
    for (const Value& part : *list) {
      const std::string own = TextOf(part, "text");
      parts->push_back(TextOf(part, "type") == "text" && !own.empty() ? TextPart(own) : part);
    }
  } else if (!content.is_null()) {
    parts->push_back(content);
  }
}

Value Message(const Value& message, std::string_view default_role,
              std::string_view finish_reason) {
  Value::Map out;
  std::string role = TextOf(message, "role");
  if (role.empty()) role = default_role;
  out.emplace_back("role", role);
  Value::Array parts;
  if (const Value* given = message.find("parts"); given != nullptr && given->if_array() != nullptr) {
    parts = *given->if_array();
  } else if (message.if_map() == nullptr) {
    AddContent(message, &parts);
  } else {
    const Value* content = message.find("content");
    const std::string answers = TextOf(message, "tool_call_id");
    if (!answers.empty()) {
      parts.push_back(Value::map({{"type", "tool_call_response"},
                                  {"id", answers},
                                  {"response", content != nullptr ? *content : Value()}}));
    } else if (content != nullptr) {
      AddContent(*content, &parts);
    }
    const Value* calls = message.find("tool_calls");
    if (calls != nullptr && calls->if_array() != nullptr) {
      for (const Value& call : *calls->if_array()) parts.push_back(ToolCallPart(call));
    }
  }
  out.emplace_back("parts", Value(std::move(parts)));
  if (!finish_reason.empty()) out.emplace_back("finish_reason", finish_reason);
  return Value(std::move(out));
}

}  // namespace

std::string MessagesJson(const Value& value, std::string_view role,
                         std::string_view finish_reason) {
  Value::Array out;
  if (const auto* list = value.if_array()) {
    for (const Value& message : *list) out.push_back(Message(message, role, finish_reason));
  } else {
    out.push_back(Message(value, role, finish_reason));
  }
  return Value(std::move(out)).to_json();
}

std::string TextOrJson(const Value& value) {
  return value.if_string() != nullptr ? *value.if_string() : value.to_json();
}

}  // namespace observatory::detail
