#include "api/rest/span_meaning.h"

#include <optional>
#include <string_view>

namespace ao::api {
namespace {

void WritePart(const semconv::MessagePart& part, JsonWriter& json) {
  using semconv::PartKind;
  json.BeginObject().Field("type", semconv::kPartKindNames[static_cast<size_t>(part.kind)]);
  switch (part.kind) {
    case PartKind::kToolCall:
      json.FieldIfSet("id", part.id).Field("name", part.name).Field("arguments", part.arguments);
      json.Field("paired", part.paired);
      break;
    case PartKind::kToolResult:
      json.FieldIfSet("id", part.id).FieldIfSet("name", part.name).Field("result", part.text);
      json.Field("paired", part.paired);
      break;
    case PartKind::kReference:
      json.FieldIfSet("uri", part.uri).Field("media_type", part.media_type);
      break;
    default: json.Field("text", part.text);
  }
  json.EndObject();
}

void WriteMessages(std::string_view key, const std::vector<semconv::Message>& messages,
                   JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const semconv::Message& message : messages) {
    json.BeginObject().Field("role", message.role).FieldIfSet("name", message.name);
    json.Key("parts").BeginArray();
    for (const semconv::MessagePart& part : message.parts) WritePart(part, json);
    json.EndArray().FieldIfSet("finish_reason", message.finish_reason).EndObject();
  }
  json.EndArray();
}

template <typename T>
void Set(std::string_view key, const std::optional<T>& value, JsonWriter& json) {
  if (value) json.Field(key, *value);
}

}  // namespace

void WriteCanonical(const model::Canonical& k, JsonWriter& json) {
  json.Key("canonical").BeginObject().Field("op", model::OpName(k.op));
  json.FieldIfSet("dialect", model::DialectName(k.dialect));
  json.FieldIfSet("agent", k.agent_name).FieldIfSet("agent_role", k.agent_role);
  json.FieldIfSet("model_requested", k.model_requested);
  json.FieldIfSet("model_answered", k.model_answered).FieldIfSet("provider", k.provider);
  json.FieldIfSet("response_id", k.response_id).FieldIfSet("tool", k.tool_name);
  json.FieldIfSet("tool_call_id", k.tool_call_id).FieldIfSet("finish_reason", k.finish_reason);
  json.FieldIfSet("session", k.session).FieldIfSet("user", k.user);
  json.FieldIfSet("query_type", k.query_type).FieldIfSet("outcome", k.outcome);
  json.FieldIfSet("prompt_name", k.prompt_name).FieldIfSet("prompt_version", k.prompt_version);
  json.FieldIfSet("error_type", k.error_type);
  Set("input_tokens", k.input_tokens, json);
  Set("output_tokens", k.output_tokens, json);
  Set("total_tokens", k.total_tokens, json);
  Set("cache_read_tokens", k.cache_read_tokens, json);
  Set("cache_write_tokens", k.cache_write_tokens, json);
  Set("reasoning_tokens", k.reasoning_tokens, json);
  if (k.tokens_estimated) json.Field("tokens_estimated", true);
  Set("cost_usd", k.cost_usd, json);
  Set("time_to_first_token_ns", k.time_to_first_token, json);
  Set("retrieval_count", k.retrieval_count, json);
  Set("retrieval_top_score", k.retrieval_top_score, json);
  if (k.fallback) json.Field("fallback", true);
  if (k.parse_error) json.Field("parse_error", true);
  json.EndObject();
}

void WriteConversation(const semconv::Conversation& conversation, JsonWriter& json) {
  json.Key("messages").BeginObject();
  WriteMessages("input", conversation.input, json);
  WriteMessages("output", conversation.output, json);
  if (conversation.from_logs) json.Field("from_logs", true);
  json.EndObject().Key("documents").BeginArray();
  for (const semconv::Document& document : conversation.documents) {
    json.BeginObject().FieldIfSet("id", document.id);
    Set("score", document.score, json);
    json.FieldIfSet("content", document.content).FieldIfSet("metadata", document.metadata);
    json.FieldIfSet("version", document.version).EndObject();
  }
  json.EndArray();
  if (conversation.documents_inferred) json.Field("documents_inferred", true);
}

void WriteExplanation(const semconv::Explanation& explanation, JsonWriter& json) {
  json.Key("explain").BeginObject();
  json.Field("dialect", model::DialectName(explanation.dialect));
  json.Field("mapping_version", explanation.mapping_version).Key("fields").BeginArray();
  for (const semconv::FieldExplanation& field : explanation.fields) {
    json.BeginObject().Field("field", field.field).Key("candidates").BeginArray();
    for (const semconv::Candidate& candidate : field.candidates) {
      json.BeginObject().FieldIfSet("dialect", candidate.dialect);
      json.Field("attribute", candidate.attribute).Field("rank", candidate.rank);
      json.FieldIfSet("value", candidate.value).Field("outcome", candidate.outcome).EndObject();
    }
    json.EndArray().FieldIfSet("inferred", field.inferred).EndObject();
  }
  json.EndArray().Key("unmapped").BeginArray();
  for (const std::string& key : explanation.unmapped) json.Value(key);
  json.EndArray().EndObject();
}

}  // namespace ao::api
