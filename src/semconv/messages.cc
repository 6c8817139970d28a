#include "semconv/messages.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "semconv/flat_messages.h"
#include "semconv/json_fields.h"
#include "semconv/message_json.h"

namespace ao::semconv {
namespace {

using model::Op;
using model::Value;
using Messages = std::vector<Message>;

constexpr std::string_view kDetails = "gen_ai.client.inference.operation.details";

std::string TextOf(const Value* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->as_string());
  std::string text;
  if (value->kind() != model::ValueKind::kEmpty) AppendPlainJson(*value, &text);
  return text;
}

std::string TextOf(model::Attributes attributes, std::string_view key) {
  return TextOf(model::Find(attributes, key));
}

// The role that a message event of conventions up to 1.36 is named after.
std::string_view RoleOfEvent(std::string_view name) {
  if (name == "gen_ai.choice") return "assistant";
  if (!name.starts_with("gen_ai.") || !name.ends_with(".message")) return {};
  return name.substr(7, name.size() - 7 - 8);
}

// The attributes of a span event as one JSON object; its structures are JSON in strings.
std::string FieldsOf(model::Attributes attributes) {
  JsonWriter json;
  json.BeginObject();
  for (const model::KeyValue& kv : attributes) {
    const std::string text = TextOf(&kv.value);
    const bool is_structure =
        !kv.value.is_string() || ((kv.key == "tool_calls" || kv.key == "message") && IsJson(text));
    json.Key(kv.key);
    if (is_structure && !text.empty()) {
      json.Raw(text);
    } else {
      json.Value(text);
    }
  }
  json.EndObject();
  return json.text();
}

// `fields` is the JSON of the event's body or attributes.
void AddMessageEvent(std::string_view name, const std::string& fields, Conversation* out) {
  const std::string_view role = RoleOfEvent(name);
  if (role.empty()) return;
  Messages& list = name == "gen_ai.choice" ? out->output : out->input;
  const size_t before = list.size();
  ReadMessages(fields, role, &list);
  for (size_t i = before; i < list.size(); ++i) {
    if (role != "tool") continue;  // {"id", "content"} is the result of that call
    list[i].role = "tool";
  }
}

void AddEvent(std::string_view name, model::Attributes attributes, const Value* body,
              Conversation* out) {
  if (name == kDetails) {
    ReadMessages(TextOf(attributes, "gen_ai.system_instructions"), "system", &out->input);
    ReadMessages(TextOf(attributes, "gen_ai.input.messages"), "user", &out->input);
    ReadMessages(TextOf(attributes, "gen_ai.output.messages"), "assistant", &out->output);
  } else if (name == "gen_ai.content.prompt") {
    ReadMessages(TextOf(attributes, "gen_ai.prompt"), "user", &out->input);
  } else if (name == "gen_ai.content.completion") {
    ReadMessages(TextOf(attributes, "gen_ai.completion"), "assistant", &out->output);
  } else if (!RoleOfEvent(name).empty()) {
    std::string fields = TextOf(body);
    if (fields.empty()) fields = TextOf(Find(attributes, "gen_ai.event.content"));
    if (fields.empty()) fields = FieldsOf(attributes);
    AddMessageEvent(name, fields, out);
  }
}

// Some send results as the user's words.
void NameToolMessages(Messages* messages) {
  for (Message& message : *messages) {
    const bool only_results =
        !message.parts.empty() &&
        std::all_of(message.parts.begin(), message.parts.end(),
                    [](const MessagePart& p) { return p.kind == PartKind::kToolResult; });
    if (only_results) message.role = "tool";
  }
}

// Tool calls and their results find each other by id, else in order.
void PairToolCalls(Conversation* out) {
  std::map<std::string, MessagePart*> calls;
  std::vector<MessagePart*> nameless;  // calls without an id, oldest first
  size_t next = 0;
  for (Messages* list : {&out->input, &out->output}) {
    for (Message& message : *list) {
      for (MessagePart& part : message.parts) {
        if (part.kind == PartKind::kToolCall) {
          if (part.id.empty()) {
            nameless.push_back(&part);
          } else {
            calls[part.id] = &part;
          }
        } else if (part.kind == PartKind::kToolResult) {
          MessagePart* call = nullptr;
          if (const auto found = calls.find(part.id); !part.id.empty() && found != calls.end()) {
            call = found->second;
          } else if (part.id.empty() && next < nameless.size()) {
            call = nameless[next++];
          }
          if (call == nullptr) continue;
          call->paired = part.paired = true;
          if (part.name.empty()) part.name = call->name;
        }
      }
    }
  }
}

bool HasText(const Messages& messages) {
  return std::any_of(messages.begin(), messages.end(),
                     [](const Message& m) { return !m.parts.empty(); });
}

bool IsPlainText(const Messages& messages) {
  return messages.size() == 1 && messages[0].parts.size() == 1 &&
         messages[0].parts[0].kind == PartKind::kText;
}

void AddSystemInstructions(const model::Span& span, Messages* input) {
  const std::string text = TextOf(span.attributes, "gen_ai.system_instructions");
  const bool has_system = std::any_of(input->begin(), input->end(),
                                      [](const Message& m) { return m.role == "system"; });
  if (text.empty() || has_system) return;
  Messages system;
  ReadMessages(text, "system", &system);
  input->insert(input->begin(), std::make_move_iterator(system.begin()),
                std::make_move_iterator(system.end()));
}

// Answers of the Vercel AI SDK come in several attributes.
void AddVercelAnswer(const model::Span& span, Messages* output) {
  const auto find = [&](std::string_view key) { return TextOf(span.attributes, key); };
  Message message{.role = "assistant"};
  if (std::string text = find("ai.response.reasoning"); !text.empty()) {
    message.parts.push_back({.kind = PartKind::kReasoning, .text = std::move(text)});
  }
  for (const std::string_view key : {"ai.response.text", "ai.response.object"}) {
    if (std::string text = find(key); !text.empty()) message.parts.push_back({.text = text});
  }
  Messages calls;
  ReadMessages(find("ai.response.toolCalls"), "assistant", &calls);
  for (Message& m : calls) {
    for (MessagePart& part : m.parts) message.parts.push_back(std::move(part));
  }
  if (!message.parts.empty()) output->push_back(std::move(message));
}

// A tool span: the call and its result.
void ReadTool(const model::Canonical& canonical, Conversation* out) {
  if (!canonical.tool_arguments.empty()) {
    MessagePart call{.kind = PartKind::kToolCall};
    call.id = canonical.tool_call_id;
    call.name = canonical.tool_name;
    call.arguments = canonical.tool_arguments;
    out->input.push_back({.role = "assistant", .parts = {std::move(call)}});
  }
  if (!canonical.tool_result.empty()) {
    MessagePart result{.kind = PartKind::kToolResult};
    result.id = canonical.tool_call_id;
    result.name = canonical.tool_name;
    result.text = canonical.tool_result;
    out->output.push_back({.role = "tool", .parts = {std::move(result)}});
  }
}

void ReadDocumentsOf(const model::Span& span, const model::Canonical& canonical, FlatLists* flat,
                     Conversation* out) {
  out->documents = std::move(flat->documents);
  for (const std::string_view key : {"gen_ai.retrieval.documents", "retrieval.documents"}) {
    if (out->documents.empty()) {
      ReadDocumentList(TextOf(span.attributes, key), false, &out->documents);
    }
  }
  if (out->documents.empty()) {
    for (const model::Event& event : span.events) {
      if (event.name != "db.query.result") continue;
      Document document;
      document.id = TextOf(event.attributes, "db.query.result.id");
      document.content = TextOf(event.attributes, "db.query.result.document");
      document.metadata = TextOf(event.attributes, "db.query.result.metadata");
      const Value* score = model::Find(event.attributes, "db.query.result.score");
      if (score != nullptr && score->is_number()) document.score = score->number();
      out->documents.push_back(std::move(document));
    }
  }
  const bool may_return_documents =
      canonical.op == Op::kRetrieval || canonical.op == Op::kTool || canonical.op == Op::kRerank;
  if (out->documents.empty() && may_return_documents) {
    ReadDocumentList(canonical.output, canonical.op == Op::kTool, &out->documents);
    out->documents_inferred = !out->documents.empty() && canonical.op == Op::kTool;
  }
}

}  // namespace

Conversation ReadConversation(const model::Span& span, const model::Canonical& canonical,
                              std::span<const model::LogRecord> logs) {
  Conversation out;
  FlatLists flat = ReadFlatLists(span.attributes);
  ReadDocumentsOf(span, canonical, &flat, &out);
  if (canonical.op == Op::kTool) {
    ReadTool(canonical, &out);
    PairToolCalls(&out);
    return out;
  }
  // What users set by hand in Langfuse's attributes goes before what was instrumented.
  if (HasText(flat.input) &&
      model::Find(span.attributes, "langfuse.observation.input") == nullptr) {
    out.input = std::move(flat.input);
  } else if (!canonical.input.empty()) {
    ReadMessages(canonical.input, "user", &out.input);
  }
  if (HasText(flat.output) &&
      model::Find(span.attributes, "langfuse.observation.output") == nullptr) {
    out.output = std::move(flat.output);
  } else if (canonical.dialect == model::Dialect::kVercel && canonical.op != Op::kAgent) {
    AddVercelAnswer(span, &out.output);
  }
  if (out.output.empty() && !canonical.output.empty()) {
    ReadMessages(canonical.output, "assistant", &out.output);
  }
  Conversation events;
  for (const model::Event& event : span.events)
    AddEvent(event.name, event.attributes, nullptr, &events);
  const bool from_spans = HasText(events.input) || HasText(events.output);
  if (!from_spans) {
    for (const model::LogRecord& log : logs) {
      const std::string_view name =
          log.event_name.empty() ? model::FindString(log.attributes, "event.name") : log.event_name;
      AddEvent(name, log.attributes, &log.body, &events);
    }
  }
  // Events have whole messages; of several, columns keep one.
  if (HasText(events.input) && (!HasText(out.input) || IsPlainText(out.input) || from_spans)) {
    out.input = std::move(events.input);
    out.from_logs = !from_spans;
  }
  if (HasText(events.output) && (!HasText(out.output) || IsPlainText(out.output) || from_spans)) {
    out.output = std::move(events.output);
    out.from_logs = !from_spans;
  }
  AddSystemInstructions(span, &out.input);
  if (out.output.size() == 1 && out.output[0].finish_reason.empty() && canonical.op == Op::kLlm) {
    out.output[0].finish_reason = canonical.finish_reason;
  }
  NameToolMessages(&out.input);
  PairToolCalls(&out);
  return out;
}

}  // namespace ao::semconv
