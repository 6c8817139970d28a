#include "semconv/flat_messages.h"

#include <map>
#include <string>

#include "semconv/aliases.h"
#include "semconv/flat_key.h"
#include "semconv/json_fields.h"
#include "semconv/registry.h"

namespace ao::semconv {
namespace {

using model::Value;

std::string TextOf(const Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  std::string text;
  AppendPlainJson(value, &text);
  return text;
}

// A message under construction: its parts come in any order.
struct Draft {
  std::string role, name, content, finish_reason, tool_call_id;
  std::map<uint32_t, MessagePart> contents, calls;
  MessagePart old_call;  // function_call_*, before there were lists
};

void AddContent(std::string_view rest, const Value& value, MessagePart* part) {
  TakePrefix(&rest, "message_content.");
  if (rest == "type") {
    const std::string type = TextOf(value);
    if (type == "reasoning" || type == "thinking") part->kind = PartKind::kReasoning;
    if (type == "image" || type == "audio" || type == "file") {
      part->kind = PartKind::kReference;
      part->media_type = type;
    }
  } else if (rest == "text" || rest == "content") {
    part->text = TextOf(value);
  } else if (rest == "image.image.url" || rest == "image.url" || rest == "audio.audio.url") {
    part->kind = PartKind::kReference;
    std::string uri = TextOf(value);
    if (part->media_type.empty()) part->media_type = rest.substr(0, rest.find('.'));
    if (!uri.starts_with("data:")) part->uri = std::move(uri);
  } else if (rest == "id") {
    part->id = TextOf(value);
  }
}

void AddCall(std::string_view rest, const Value& value, MessagePart* call) {
  TakePrefix(&rest, "tool_call.");
  TakePrefix(&rest, "function.");
  if (rest == "id") call->id = TextOf(value);
  if (rest == "name") call->name = TextOf(value);
  if (rest == "arguments") call->arguments = TextOf(value);
}

void AddToMessage(std::string_view rest, const Value& value, Draft* draft) {
  for (const std::string_view wrapper : {"message.", "prompt.", "completion."}) {
    TakePrefix(&rest, wrapper);
  }
  uint32_t index = 0;
  if (rest == "role") {
    draft->role = TextOf(value);
  } else if (rest == "content" || rest == "text") {
    draft->content = TextOf(value);
  } else if (rest == "name") {
    draft->name = TextOf(value);
  } else if (rest == "finish_reason") {
    draft->finish_reason = TextOf(value);
  } else if (rest == "tool_call_id") {
    draft->tool_call_id = TextOf(value);
  } else if (rest == "function_call_name") {
    draft->old_call.name = TextOf(value);
  } else if (rest == "function_call_arguments_json") {
    draft->old_call.arguments = TextOf(value);
  } else if (TakePrefix(&rest, "contents.")) {
    if (TakeIndex(&rest, &index)) AddContent(rest, value, &draft->contents[index]);
  } else if (TakePrefix(&rest, "tool_calls.")) {
    if (TakeIndex(&rest, &index)) AddCall(rest, value, &draft->calls[index]);
  }
}

Message Finish(Draft draft, std::string_view default_role) {
  Message message{.role = draft.role.empty() ? std::string(default_role) : draft.role,
                  .name = std::move(draft.name)};
  if (message.role == "human") message.role = "user";
  if (message.role == "ai" || message.role == "model") message.role = "assistant";
  if (!draft.finish_reason.empty()) {
    message.finish_reason = CanonicalFinishReason(draft.finish_reason);
  }
  if (message.role == "tool" || !draft.tool_call_id.empty()) {
    message.role = "tool";
    std::string text = std::move(draft.content);
    for (auto& [index, part] : draft.contents) text += part.text;
    message.parts.push_back({.kind = PartKind::kToolResult,
                             .text = std::move(text),
                             .id = std::move(draft.tool_call_id),
                             .name = message.name});
    return message;
  }
  if (!draft.content.empty()) message.parts.push_back({.text = std::move(draft.content)});
  for (auto& [index, part] : draft.contents) message.parts.push_back(std::move(part));
  if (!draft.old_call.name.empty()) draft.calls.emplace(kMaxIndex, std::move(draft.old_call));
  for (auto& [index, call] : draft.calls) {
    call.kind = PartKind::kToolCall;
    message.parts.push_back(std::move(call));
  }
  return message;
}

void AddToDocument(std::string_view rest, const Value& value, Document* document) {
  TakePrefix(&rest, "document.");
  if (rest == "id") document->id = TextOf(value);
  if (rest == "content") document->content = TextOf(value);
  if (rest == "metadata") document->metadata = TextOf(value);
  if (rest == "version" || rest == "timestamp") document->version = TextOf(value);
  if (rest == "score" && value.is_number()) document->score = value.number();
}

}  // namespace

FlatLists ReadFlatLists(model::Attributes attributes) {
  std::map<uint32_t, Draft> input, output;
  std::map<uint32_t, Document> documents;
  for (const model::KeyValue& kv : attributes) {
    const Registry::Prefix* prefix = Registry::Get().FindPrefix(kv.key);
    if (prefix == nullptr || prefix->row.kind == ListKind::kIgnored) continue;
    std::string_view rest = kv.key.substr(prefix->row.prefix.size());
    uint32_t index = 0;
    if (!TakeIndex(&rest, &index)) continue;
    switch (prefix->row.kind) {
      case ListKind::kInput: AddToMessage(rest, kv.value, &input[index]); break;
      case ListKind::kOutput: AddToMessage(rest, kv.value, &output[index]); break;
      case ListKind::kDocuments: AddToDocument(rest, kv.value, &documents[index]); break;
      case ListKind::kIgnored: break;
    }
  }
  FlatLists lists;
  for (auto& [index, draft] : input) lists.input.push_back(Finish(std::move(draft), "user"));
  for (auto& [index, draft] : output) lists.output.push_back(Finish(std::move(draft), "assistant"));
  for (auto& [index, document] : documents) lists.documents.push_back(std::move(document));
  return lists;
}

}  // namespace ao::semconv
