#include "semconv/message_json.h"

#include <optional>
#include <utility>

#include <simdjson.h>

#include "semconv/aliases.h"

namespace ao::semconv {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr size_t kMaxJson = 64 << 20;
constexpr int kMaxNesting = 12;

std::string_view StringAt(object o, std::string_view key) {
  std::string_view value;
  return o[key].get(value) == simdjson::SUCCESS ? value : std::string_view();
}

std::string_view FirstString(object o, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const auto value = StringAt(o, key); !value.empty()) return value;
  }
  return {};
}

std::optional<element> FirstOf(object o, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    element value;
    if (o[key].get(value) == simdjson::SUCCESS && !value.is_null()) return value;
  }
  return std::nullopt;
}

bool Has(object o, std::string_view key) { return o[key].error() == simdjson::SUCCESS; }

std::string Minified(element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
}

std::string RoleName(std::string_view role) {
  if (role == "human" || role == "HumanMessage") return "user";
  if (role == "ai" || role == "model" || role == "AIMessage" || role == "AIMessageChunk") {
    return "assistant";
  }
  if (role == "function" || role == "ToolMessage") return "tool";
  if (role == "developer" || role == "SystemMessage") return "system";
  return std::string(role);
}

class Reader {
 public:
  Reader(std::string_view role, std::vector<Message>* out) : role_(role), out_(*out) {}

  // One message, a list of them, or something around them. False when it is neither.
  bool Read(element value, int nesting) {
    if (nesting > kMaxNesting) return false;
    array list;
    object members;
    if (value.get(list) == simdjson::SUCCESS) return ReadList(list, nesting);
    if (value.get(members) == simdjson::SUCCESS) return ReadObject(members, nesting);
    return false;
  }

 private:
  bool ReadList(array list, int nesting) {
    // ["user", "text"] is a message of LangChain.
    std::string_view first, second;
    if (list.size() == 2 && list.at(0).get(first) == simdjson::SUCCESS &&
        list.at(1).get(second) == simdjson::SUCCESS && IsRole(first)) {
      Begin(RoleName(first)).parts.push_back(TextPart(second));
      return true;
    }
    bool any = false;
    for (const element item : list) {
      object part;
      std::string_view text;
      if (item.get(part) == simdjson::SUCCESS && IsLoosePart(part)) {
        AddPart(part, Loose());
        any = true;
      } else if (item.get(text) == simdjson::SUCCESS) {
        Begin(std::string(role_)).parts.push_back(TextPart(text));
        any = true;
      } else {
        any = Read(item, nesting + 1) || any;
        loose_ = kNone;
      }
    }
    return any;
  }

  static bool IsRole(std::string_view role) {
    return role == "user" || role == "human" || role == "system" || role == "assistant" ||
           role == "ai" || role == "tool" || role == "developer";
  }

  // Parts without a message around them: lists of tool calls, output items of OpenAI's responses.
  static bool IsLoosePart(object part) {
    if (Has(part, "role") || Has(part, "message") || Has(part, "kwargs")) return false;
    const std::string_view type = StringAt(part, "type");
    return Has(part, "toolName") || type == "function_call" || type == "function_call_output" ||
           type == "tool_call" || type == "tool-call" || type == "reasoning" || type == "text" ||
           (Has(part, "function") && Has(part, "id"));
  }

  bool ReadObject(object o, int nesting) {
    if (const auto inner = FirstOf(o, {"message"}); inner && inner->is_object()) {
      const size_t before = out_.size();
      if (!Read(*inner, nesting + 1)) return false;
      TakeFinish(o, before);
      return true;
    }
    if (const auto wrapped = FirstOf(o, {"kwargs", "data"}); wrapped && wrapped->is_object()) {
      const std::string role = RoleOf(o);
      const size_t before = out_.size();
      if (!Read(*wrapped, nesting + 1)) return false;
      if (!role.empty() && out_.size() > before) out_[before].role = role;
      return true;
    }
    if (ReadWrapper(o, nesting)) return true;
    if (!IsMessage(o)) return false;
    ReadMessage(o);
    return true;
  }

  // {"messages": [...]}, {"choices": [...]} and the like, with system texts beside them.
  bool ReadWrapper(object o, int nesting) {
    const size_t before = out_.size();
    if (const auto system = FirstOf(o, {"system", "instructions"})) AddSystem(*system);
    object config;
    if (o["config"].get(config) == simdjson::SUCCESS) {
      if (const auto system = FirstOf(config, {"system_instruction", "systemInstruction"})) {
        AddSystem(*system);
      }
    }
    for (const std::string_view key :
         {"messages", "contents", "choices", "candidates", "generations", "output", "outputs",
          "input", "update", "response"}) {
      element list;
      if (o[key].get(list) != simdjson::SUCCESS || Has(o, "role")) continue;
      std::string_view text;
      if (list.get(text) == simdjson::SUCCESS) {
        if (text.empty() || Has(o, "type")) continue;
        Begin(std::string(role_)).parts.push_back(TextPart(text));
        return true;
      }
      const size_t begin = out_.size();
      loose_ = kNone;
      if (Read(list, nesting + 1) && out_.size() > begin) {
        TakeFinish(o, begin);
        return true;
      }
    }
    // Gemini: {"content": {"role", "parts"}, "finish_reason"}.
    object content;
    if (o["content"].get(content) == simdjson::SUCCESS && Has(content, "parts")) {
      ReadMessage(content);
      TakeFinish(o, out_.size() - 1);
      return true;
    }
    if (const auto prompt = StringAt(o, "prompt"); !prompt.empty() && !Has(o, "role")) {
      Begin("user").parts.push_back(TextPart(prompt));
      return true;
    }
    if (out_.size() > before && !IsMessage(o)) return true;  // only system texts
    out_.resize(before);
    return false;
  }

  static bool IsMessage(object o) {
    return Has(o, "role") || Has(o, "content") || Has(o, "parts") || Has(o, "tool_calls") ||
           (Has(o, "text") && (Has(o, "type") || Has(o, "generation_info")));
  }

  static std::string RoleOf(object o) {
    if (const auto role = StringAt(o, "role"); !role.empty()) return RoleName(role);
    const std::string_view type = StringAt(o, "type");
    if (IsRole(type)) return RoleName(type);
    array id;  // LangChain: ["langchain", "schema", "messages", "SystemMessage"]
    if (o["id"].get(id) == simdjson::SUCCESS && id.size() > 0) {
      std::string_view name;
      if (id.at(id.size() - 1).get(name) == simdjson::SUCCESS && name.ends_with("Message")) {
        return RoleName(name);
      }
    }
    return {};
  }

  void ReadMessage(object o) {
    std::string role = RoleOf(o);
    if (role.empty()) role = Has(o, "tool_call_id") ? "tool" : std::string(role_);
    Message& message = Begin(std::move(role));
    message.name = StringAt(o, "name");
    TakeFinish(o, out_.size() - 1);
    for (const std::string_view key : {"reasoning_content", "reasoning"}) {
      if (const auto text = StringAt(o, key); !text.empty()) {
        message.parts.push_back({.kind = PartKind::kReasoning, .text = std::string(text)});
      }
    }
    if (message.role == "tool" && !HoldsParts(o)) {
      AddToolResult(o, &message);
    } else {
      for (const std::string_view key : {"content", "parts", "text"}) {
        element content;
        if (o[key].get(content) != simdjson::SUCCESS) continue;
        AddContent(content, &message);
        if (!message.parts.empty()) break;
      }
    }
    for (const std::string_view key : {"tool_calls", "toolCalls", "toolInvocations"}) {
      array calls;
      if (o[key].get(calls) != simdjson::SUCCESS) continue;
      for (const element call : calls) {
        object part;
        if (call.get(part) == simdjson::SUCCESS) AddToolCall(part, &message);
      }
    }
    object call;
    if (o["function_call"].get(call) == simdjson::SUCCESS) AddToolCall(call, &message);
  }

  // The content is a list of typed parts, one of them a result.
  static bool HoldsParts(object o) {
    for (const std::string_view key : {"content", "parts"}) {
      array list;
      if (o[key].get(list) != simdjson::SUCCESS) continue;
      for (const element item : list) {
        object part;
        if (item.get(part) != simdjson::SUCCESS) continue;
        if (StringAt(part, "type").find("tool") != std::string_view::npos ||
            Has(part, "functionResponse") || Has(part, "function_response")) {
          return true;
        }
      }
    }
    return false;
  }

  void AddContent(element content, Message* message) {
    std::string_view text;
    array parts;
    object part;
    if (content.get(text) == simdjson::SUCCESS) {
      if (!text.empty()) message->parts.push_back(TextPart(text));
    } else if (content.get(parts) == simdjson::SUCCESS) {
      for (const element item : parts) {
        if (item.get(text) == simdjson::SUCCESS) {
          message->parts.push_back(TextPart(text));
        } else if (item.get(part) == simdjson::SUCCESS) {
          AddPart(part, message);
        }
      }
    } else if (content.get(part) == simdjson::SUCCESS) {
      AddPart(part, message);
    }
  }

  void AddPart(object part, Message* message) {
    const std::string_view type = StringAt(part, "type");
    if (type == "reasoning" || type == "thinking" || type == "redacted_thinking") {
      std::string text(FirstString(part, {"content", "text", "thinking"}));
      array summary;
      if (text.empty() && part["summary"].get(summary) == simdjson::SUCCESS) {
        for (const element item : summary) {
          object piece;
          if (item.get(piece) == simdjson::SUCCESS) text += StringAt(piece, "text");
        }
      }
      message->parts.push_back({.kind = PartKind::kReasoning, .text = std::move(text)});
    } else if (type == "message") {
      element content;
      if (part["content"].get(content) == simdjson::SUCCESS) AddContent(content, message);
    } else if (IsToolResult(part, type)) {
      AddToolResult(part, message);
    } else if (IsToolCall(part, type)) {
      AddToolCall(part, message);
    } else if (!AddReference(part, type, message)) {
      const std::string_view text = FirstString(part, {"text", "content", "refusal"});
      if (!text.empty()) {
        MessagePart added = TextPart(text);
        bool thought = false;  // Gemini marks reasoning so
        if (part["thought"].get(thought) == simdjson::SUCCESS && thought) {
          added.kind = PartKind::kReasoning;
        }
        message->parts.push_back(std::move(added));
      } else if (type != "text" && !Has(part, "text")) {
        message->parts.push_back({.kind = PartKind::kOther, .text = simdjson::minify(part)});
      }
    }
  }

  static bool IsToolResult(object part, std::string_view type) {
    return type == "tool_call_response" || type == "tool_result" || type == "tool-result" ||
           type == "server_tool_call_response" || type == "function_call_output" ||
           Has(part, "functionResponse") || Has(part, "function_response");
  }
  static bool IsToolCall(object part, std::string_view type) {
    return type == "tool_call" || type == "tool_use" || type == "tool-call" ||
           type == "server_tool_call" || type == "server_tool_use" || type == "function_call" ||
           type == "function" || Has(part, "functionCall") || Has(part, "function_call") ||
           Has(part, "toolName");
  }

  void AddToolCall(object call, Message* message) {
    MessagePart part{.kind = PartKind::kToolCall};
    part.id = FirstString(call, {"id", "toolCallId", "call_id", "tool_call_id"});
    if (const auto id = StringAt(call, "call_id"); !id.empty()) part.id = id;
    for (const std::string_view key :
         {"function", "function_call", "functionCall", "server_tool_call"}) {
      object function;
      if (call[key].get(function) == simdjson::SUCCESS) call = function;
    }
    if (part.id.empty()) part.id = StringAt(call, "id");
    part.name = FirstString(call, {"name", "toolName", "tool_name"});
    if (const auto arguments = FirstOf(call, {"arguments", "args", "input", "parameters"})) {
      part.arguments = Minified(*arguments);
    }
    message->parts.push_back(std::move(part));
  }

  void AddToolResult(object result, Message* message) {
    MessagePart part{.kind = PartKind::kToolResult};
    for (const std::string_view key : {"functionResponse", "function_response"}) {
      object inner;
      if (result[key].get(inner) == simdjson::SUCCESS) result = inner;
    }
    part.id = FirstString(result, {"tool_call_id", "tool_use_id", "toolCallId", "call_id", "id"});
    part.name = FirstString(result, {"name", "toolName", "tool_name"});
    if (const auto value = FirstOf(
            result, {"response", "result", "output", "content", "server_tool_call_response"})) {
      part.text = ResultText(*value);
    }
    message->parts.push_back(std::move(part));
  }

  // Texts of content blocks and {"type": "text", "value": ..} as text, all else as JSON.
  static std::string ResultText(element value) {
    object typed;
    array blocks;
    if (value.get(typed) == simdjson::SUCCESS) {
      element inner;
      if (Has(typed, "type") && typed["value"].get(inner) == simdjson::SUCCESS) {
        return Minified(inner);
      }
    } else if (value.get(blocks) == simdjson::SUCCESS) {
      std::string text;
      for (const element item : blocks) {
        object block;
        if (item.get(block) != simdjson::SUCCESS || StringAt(block, "text").empty()) {
          return simdjson::minify(value);
        }
        text.append(text.empty() ? "" : "\n").append(StringAt(block, "text"));
      }
      return text;
    }
    return Minified(value);
  }

  // Images, files and sounds: where they are, never their bytes.
  static bool AddReference(object part, std::string_view type, Message* message) {
    MessagePart reference{.kind = PartKind::kReference};
    reference.media_type =
        FirstString(part, {"mime_type", "mimeType", "mediaType", "media_type", "modality"});
    object inner;
    for (const std::string_view key : {"image_url", "source", "inlineData", "inline_data",
                                       "fileData", "file_data", "file", "input_audio", "image"}) {
      if (part[key].get(inner) != simdjson::SUCCESS) continue;
      if (reference.media_type.empty()) {
        reference.media_type =
            FirstString(inner, {"media_type", "mimeType", "mime_type", "format"});
      }
      reference.uri =
          FirstString(inner, {"url", "uri", "fileUri", "file_uri", "file_id", "filename"});
      if (reference.media_type.empty()) reference.media_type = key.substr(0, key.find('_'));
    }
    if (reference.uri.empty()) {
      reference.uri =
          FirstString(part, {"uri", "url", "file_id", "image_url", "image", "filename"});
    }
    const bool known = type == "blob" || type == "uri" || type == "file" || type == "image" ||
                       type == "image_url" || type == "input_image" || type == "input_file" ||
                       type == "input_audio" || type == "document" || type == "audio";
    if (!known && reference.uri.empty() && !Has(part, "inlineData") && !Has(part, "inline_data")) {
      return false;
    }
    if (reference.uri.starts_with("data:")) {
      const std::string_view uri = reference.uri;
      if (reference.media_type.empty() || reference.media_type == "image") {
        reference.media_type = uri.substr(5, uri.find_first_of(";,") - 5);
      }
      reference.uri.clear();
    }
    if (reference.media_type.empty()) reference.media_type = type.substr(0, type.find('_'));
    message->parts.push_back(std::move(reference));
    return true;
  }

  void AddSystem(element value) {
    Message message{.role = "system"};
    object o;
    if (value.get(o) == simdjson::SUCCESS && Has(o, "parts")) {
      element parts;
      if (o["parts"].get(parts) == simdjson::SUCCESS) AddContent(parts, &message);
    } else {
      AddContent(value, &message);
    }
    if (!message.parts.empty()) out_.push_back(std::move(message));
  }

  void TakeFinish(object o, size_t from) {
    std::string_view reason =
        FirstString(o, {"finish_reason", "finishReason", "stop_reason", "stopReason"});
    for (const std::string_view key : {"generation_info", "response_metadata"}) {
      object info;
      if (reason.empty() && o[key].get(info) == simdjson::SUCCESS) {
        reason = FirstString(info, {"finish_reason", "stop_reason"});
      }
    }
    if (reason.empty() || from >= out_.size()) return;
    out_.back().finish_reason = CanonicalFinishReason(reason);
  }

  Message& Begin(std::string role) {
    loose_ = kNone;
    out_.push_back({.role = std::move(role)});
    return out_.back();
  }
  // The message that loose parts are gathered in.
  Message* Loose() {
    if (loose_ == kNone) {
      Begin(std::string(role_));
      loose_ = out_.size() - 1;
    }
    return &out_[loose_];
  }
  static MessagePart TextPart(std::string_view text) {
    return {.kind = PartKind::kText, .text = std::string(text)};
  }

  static constexpr size_t kNone = static_cast<size_t>(-1);
  const std::string_view role_;
  std::vector<Message>& out_;
  size_t loose_ = kNone;
};

bool ReadDocument(element item, bool strict, std::vector<Document>* out) {
  object o, inner;
  std::string_view text;
  if (item.get(text) == simdjson::SUCCESS && !strict) {
    out->push_back({.content = std::string(text)});
    return true;
  }
  if (item.get(o) != simdjson::SUCCESS) return false;
  bool has_inner = false;
  for (const std::string_view key : {"document", "node", "kwargs"}) {
    has_inner = has_inner || o[key].get(inner) == simdjson::SUCCESS;
  }
  Document document;
  const auto take = [&](object from) {
    if (const auto id = FirstOf(from, {"id", "document_id", "doc_id", "id_"});
        id && !id->is_array() && document.id.empty()) {
      document.id = Minified(*id);
    }
    if (const auto score = FirstOf(from, {"score", "relevance_score", "similarity"}); score) {
      double number = 0;
      if (score->get(number) == simdjson::SUCCESS) document.score = number;
    }
    if (document.content.empty()) {
      document.content =
          FirstString(from, {"content", "page_content", "pageContent", "text", "document"});
    }
    element metadata;
    if (from["metadata"].get(metadata) == simdjson::SUCCESS && !metadata.is_null()) {
      document.metadata = Minified(metadata);
      object members;
      if (metadata.get(members) == simdjson::SUCCESS && document.version.empty()) {
        document.version =
            FirstString(members, {"version", "timestamp", "updated_at", "last_modified", "date"});
      }
    }
    if (const auto version = FirstOf(from, {"version", "timestamp", "updated_at"}); version) {
      document.version = Minified(*version);
    }
  };
  take(o);
  if (has_inner) take(inner);
  if (document.content.empty() && (strict || document.id.empty())) return false;
  if (strict && !document.score && document.metadata.empty() && document.id.empty()) return false;
  out->push_back(std::move(document));
  return true;
}

}  // namespace

bool IsJson(std::string_view text) {
  simdjson::dom::parser parser;
  return text.size() <= kMaxJson &&
         parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

void ReadMessages(std::string_view text, std::string_view role, std::vector<Message>* out) {
  if (text.empty()) return;
  const size_t before = out->size();
  if ((text.front() == '{' || text.front() == '[' || text.front() == '"') &&
      text.size() <= kMaxJson) {
    simdjson::dom::parser parser;
    element root;
    if (parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS) {
      if (Reader(role, out).Read(root, 0)) return;
      out->resize(before);
      array empty;
      if (root.get(empty) == simdjson::SUCCESS && empty.size() == 0) return;
      std::string_view plain;
      if (root.get(plain) == simdjson::SUCCESS) {
        out->push_back({.role = std::string(role),
                        .parts = {{.kind = PartKind::kText, .text = std::string(plain)}}});
        return;
      }
    }
  }
  out->push_back(
      {.role = std::string(role), .parts = {{.kind = PartKind::kText, .text = std::string(text)}}});
}

void ReadDocumentList(std::string_view json, bool strict, std::vector<Document>* out) {
  if (json.empty() || json.size() > kMaxJson || (json.front() != '[' && json.front() != '{'))
    return;
  simdjson::dom::parser parser;
  element root;
  array list;
  object o;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return;
  if (root.get(o) == simdjson::SUCCESS) {
    bool found = false;
    for (const std::string_view key : {"documents", "output", "results", "nodes"}) {
      found = found || o[key].get(list) == simdjson::SUCCESS;
    }
    if (!found) return;
  } else if (root.get(list) != simdjson::SUCCESS) {
    return;
  }
  const size_t before = out->size();
  for (const element item : list) {
    if (!ReadDocument(item, strict, out) && strict) {
      out->resize(before);
      return;
    }
  }
}

}  // namespace ao::semconv
