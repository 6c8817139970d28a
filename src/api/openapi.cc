#include "api/openapi.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "api/json.h"
#include "base/json_writer.h"

namespace ao::api {
namespace {

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// "get_api_v1_traces_id": unique, and a usable name in generated clients.
std::string OperationId(const Endpoint& endpoint) {
  std::string id = LowerCase(endpoint.method);
  bool gap = true;  // a separator is due before the next letter
  for (const char c : endpoint.pattern) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      gap = true;
      continue;
    }
    if (gap) id.push_back('_');
    gap = false;
    id.push_back(c);
  }
  return id;
}

void WriteChoices(std::string_view choices, JsonWriter& json) {
  json.Key("enum").BeginArray();
  while (true) {
    const size_t bar = choices.find('|');
    json.Value(choices.substr(0, bar));
    if (bar == std::string_view::npos) break;
    choices.remove_prefix(bar + 1);
  }
  json.EndArray();
}

void WriteParameterSchema(const Parameter& parameter, JsonWriter& json) {
  json.BeginObject();
  switch (parameter.type) {
    case Type::kInteger:
      json.Field("type", "integer").Field("minimum", parameter.min);
      if (parameter.max != std::numeric_limits<int64_t>::max()) {
        json.Field("maximum", parameter.max);
      }
      if (!parameter.fallback.empty()) json.Key("default").Raw(parameter.fallback);
      break;
    case Type::kNumber: json.Field("type", "number"); break;
    case Type::kTraceId: json.Field("type", "string").Field("pattern", "^[0-9a-fA-F]{32}$"); break;
    case Type::kSpanId: json.Field("type", "string").Field("pattern", "^[0-9a-fA-F]{16}$"); break;
    case Type::kChoice:
      json.Field("type", "string");
      WriteChoices(parameter.choices, json);
      json.FieldIfSet("default", parameter.fallback);
      break;
    case Type::kTime:
    case Type::kDuration:
    case Type::kText: json.Field("type", "string").FieldIfSet("default", parameter.fallback); break;
  }
  json.EndObject();
}

void WriteParameters(const Endpoint& endpoint, JsonWriter& json) {
  json.Key("parameters").BeginArray();
  for (const Parameter& parameter : endpoint.parameters) {
    const bool in_path = IsPathParameter(endpoint, parameter.name);
    std::string doc(parameter.doc);
    if (parameter.type == Type::kTime) {
      doc += " (RFC 3339, Unix seconds, ms or ns, or an age such as 1h)";
    } else if (parameter.type == Type::kDuration) {
      doc += " (milliseconds, or with a unit: 1.5s)";
    }
    json.BeginObject()
        .Field("name", parameter.name)
        .Field("in", in_path ? "path" : "query")
        .Field("required", in_path)
        .Field("description", doc)
        .Key("schema");
    WriteParameterSchema(parameter, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteResponses(const Endpoint& endpoint, JsonWriter& json) {
  json.Key("responses").BeginObject().Key("200").BeginObject();
  json.Field("description", endpoint.response).Key("content").BeginObject();
  json.Key(endpoint.content_type).BeginObject().Key("schema").BeginObject();
  json.Field("type", endpoint.content_type == "application/json" ? "object" : "string");
  json.EndObject().EndObject().EndObject().EndObject();
  json.Key("default").BeginObject().Field("description", "What went wrong");
  json.Key("content").BeginObject().Key("application/json").BeginObject();
  json.Key("schema").BeginObject().Field("$ref", "#/components/schemas/Error").EndObject();
  json.EndObject().EndObject().EndObject().EndObject();
}

void WriteOperation(const Endpoint& endpoint, JsonWriter& json) {
  json.Key(LowerCase(endpoint.method)).BeginObject();
  json.Field("operationId", OperationId(endpoint)).Field("summary", endpoint.summary);
  WriteParameters(endpoint, json);
  if (!endpoint.body.empty()) {
    json.Key("requestBody").BeginObject().Field("description", endpoint.body);
    json.Field("required", true).Key("content").BeginObject();
    json.Key("application/json").BeginObject().EndObject().EndObject().EndObject();
  }
  WriteResponses(endpoint, json);
  if (endpoint.access == net::Access::kPublic) json.Key("security").BeginArray().EndArray();
  json.EndObject();
}

void WriteSchemas(JsonWriter& json) {
  json.Key("components").BeginObject().Key("schemas").BeginObject();
  json.Key("Error").BeginObject().Field("type", "object").Key("properties").BeginObject();
  json.Key("error").BeginObject().Field("type", "object").Key("properties").BeginObject();
  for (const std::string_view name : {"code", "message", "hint"}) {
    json.Key(name).BeginObject().Field("type", "string").EndObject();
  }
  json.EndObject().EndObject().EndObject().EndObject();
  json.Key("Run").BeginObject().Field("type", "object").Key("properties").BeginObject();
  for (const RunField& field : RunFields()) {
    json.Key(field.name).BeginObject().Field("type", field.type).Field("description", field.doc);
    if (field.type == "array") {
      json.Key("items").BeginObject().Field("type", "string").EndObject();
    }
    json.EndObject();
  }
  json.EndObject().EndObject().EndObject();
  json.Key("securitySchemes").BeginObject().Key("key").BeginObject();
  json.Field("type", "http").Field("scheme", "bearer").EndObject().EndObject();
  json.EndObject();
}

}  // namespace

std::string DescribeApi(const std::vector<Endpoint>& endpoints, std::string_view version) {
  JsonWriter json;
  json.BeginObject().Field("openapi", "3.0.3").Key("info").BeginObject();
  json.Field("title", "Agent Observatory").Field("version", version).EndObject();
  json.Key("security").BeginArray().BeginObject().Key("key").BeginArray().EndArray();
  json.EndObject().EndArray().Key("paths").BeginObject();
  // Methods of one path stand together, in the order of the path's first mention.
  std::vector<std::string_view> written;
  for (const Endpoint& first : endpoints) {
    if (std::find(written.begin(), written.end(), first.pattern) != written.end()) continue;
    written.push_back(first.pattern);
    json.Key(first.pattern).BeginObject();
    for (const Endpoint& endpoint : endpoints) {
      if (endpoint.pattern == first.pattern) WriteOperation(endpoint, json);
    }
    json.EndObject();
  }
  json.EndObject();
  WriteSchemas(json);
  json.EndObject();
  return json.Take();
}

}  // namespace ao::api
