#include "api/json.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "api/run_parts.h"
#include "api/time_text.h"
#include "base/encoding.h"
#include "base/utf8.h"

namespace ao::api {
namespace {

double Millis(Nanos duration) { return static_cast<double>(duration) / 1e6; }

void WriteStrings(const std::vector<std::string>& strings, JsonWriter& json) {
  json.BeginArray();
  for (const std::string& s : strings) json.Value(s);
  json.EndArray();
}

using model::Run;

constexpr RunField kRunFields[] = {
    {"trace_id", "string", "32 hex digits",
     [](const Run& r, JsonWriter& j) { j.Value(r.trace_id.ToHex()); }},
    {"root_name", "string",
     "name of the root span (of the earliest span while the root is missing)",
     [](const Run& r, JsonWriter& j) { j.Value(r.root_name); }},
    {"service", "string", "service.name", [](const Run& r, JsonWriter& j) { j.Value(r.service); }},
    {"environment", "string", "deployment environment",
     [](const Run& r, JsonWriter& j) { j.Value(r.environment); }},
    {"agent", "string", "the agent at the root",
     [](const Run& r, JsonWriter& j) { j.Value(r.agent); }},
    {"session", "string", "conversation the run belongs to",
     [](const Run& r, JsonWriter& j) { j.Value(r.session); }},
    {"user", "string", "end user", [](const Run& r, JsonWriter& j) { j.Value(r.user); }},
    {"query_type", "string", "agent.query_type",
     [](const Run& r, JsonWriter& j) { j.Value(r.query_type); }},
    {"outcome", "string", "the decision the run came to",
     [](const Run& r, JsonWriter& j) { j.Value(r.outcome); }},
    {"start", "string", "RFC 3339, UTC, nanoseconds",
     [](const Run& r, JsonWriter& j) { j.Value(FormatTime(r.start)); }},
    {"start_unix_nano", "integer", "the same as a number",
     [](const Run& r, JsonWriter& j) { j.Value(r.start); }},
    {"duration_ms", "number", "last end minus first start",
     [](const Run& r, JsonWriter& j) { j.Value(Millis(r.duration)); }},
    {"status", "string", "error once there is one, else live until it is settled, else ok",
     [](const Run& r, JsonWriter& j) { j.Value(RunStatus(r)); }},
    {"error_message", "string", "of the root's error, else of the first one",
     [](const Run& r, JsonWriter& j) { j.Value(r.error_message); }},
    {"steps", "integer", "LLM calls", [](const Run& r, JsonWriter& j) { j.Value(r.steps); }},
    {"tool_calls", "integer", "tool calls",
     [](const Run& r, JsonWriter& j) { j.Value(r.tool_calls); }},
    {"retrievals", "integer", "retrievals",
     [](const Run& r, JsonWriter& j) { j.Value(r.retrievals); }},
    {"spans", "integer", "spans received", [](const Run& r, JsonWriter& j) { j.Value(r.spans); }},
    {"errors", "integer", "spans with status ERROR",
     [](const Run& r, JsonWriter& j) { j.Value(r.errors); }},
    {"tokens", "object", "input, output and total",
     [](const Run& r, JsonWriter& j) {
       j.BeginObject()
           .Field("input", r.input_tokens)
           .Field("output", r.output_tokens)
           .Field("total", r.total_tokens)
           .EndObject();
     }},
    {"cost_usd", "number", "cost in USD", [](const Run& r, JsonWriter& j) { j.Value(r.cost_usd); }},
    {"models", "array", "distinct models, sorted",
     [](const Run& r, JsonWriter& j) { WriteStrings(r.models, j); }},
    {"tools", "array", "distinct tools, sorted",
     [](const Run& r, JsonWriter& j) { WriteStrings(r.tools, j); }},
    {"agents", "array", "distinct agents, sorted",
     [](const Run& r, JsonWriter& j) { WriteStrings(r.agents, j); }},
    {"input_preview", "string", "the first 200 characters of the input",
     [](const Run& r, JsonWriter& j) { j.Value(r.input_preview); }},
    {"output_preview", "string", "the first 200 characters of the output",
     [](const Run& r, JsonWriter& j) { j.Value(r.output_preview); }},
    {"completeness", "string", "live, complete or incomplete",
     [](const Run& r, JsonWriter& j) {
       j.Value(model::kCompletenessNames[static_cast<size_t>(r.completeness)]);
     }},
    {"missing_parents", "integer", "spans whose parent never arrived",
     [](const Run& r, JsonWriter& j) { j.Value(r.missing_parents); }},
    {"clock_skewed", "integer", "spans whose times were adjusted or lie outside their parent",
     [](const Run& r, JsonWriter& j) { j.Value(r.clock_skewed); }},
};

constexpr RunField kRunDetails[] = {
    {"usage", "array",
     "tokens and cost by agent, service, provider, model and tool; every model call counts in one "
     "part, so the parts add up to the run's totals. cost_source is that of the least certain call",
     [](const Run& r, JsonWriter& j) { WriteUsage(r.usage, j); }},
    {"versions", "array",
     "how each agent was set up, by its first model call: service_version, model, setup (a hash of "
     "system instructions, tool definitions and prompt, empty when unknown), id (a hash of all)",
     [](const Run& r, JsonWriter& j) { WriteVersions(r.versions, j); }},
    {"edges", "array",
     "which agent called upon which, how often, with how many errors, whether control moved over "
     "for good (handoff), and the evidence: parent, link, tool, attribute or message",
     [](const Run& r, JsonWriter& j) { WriteEdges(r.edges, j); }},
    {"tool_usage", "array",
     "calls, errors and time by tool and agent; a call that two instrumentations show counts once",
     [](const Run& r, JsonWriter& j) { WriteToolUsage(r.tool_usage, j); }},
};

void WriteTagged(std::string_view tag, std::string_view text, JsonWriter& json) {
  json.BeginObject().Field(tag, text).EndObject();
}

bool NeedsPairs(model::Attributes attributes) {
  std::vector<std::string_view> keys;
  keys.reserve(attributes.size());
  for (const model::KeyValue& kv : attributes) {
    if (kv.key.starts_with('$')) return true;
    keys.push_back(kv.key);
  }
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

}  // namespace

std::span<const RunField> RunFields() { return kRunFields; }

void WriteRun(const model::Run& run, JsonWriter& json) {
  json.BeginObject();
  for (const RunField& field : kRunFields) {
    json.Key(field.name);
    field.write(run, json);
  }
  json.EndObject();
}

std::span<const RunField> RunDetails() { return kRunDetails; }

void WriteRunWithDetails(const model::Run& run, JsonWriter& json) {
  json.BeginObject();
  for (const auto& fields : {RunFields(), RunDetails()}) {
    for (const RunField& field : fields) {
      json.Key(field.name);
      field.write(run, json);
    }
  }
  json.EndObject();
}

std::string_view RunStatus(const model::Run& run) {
  if (run.error) return "error";
  return run.completeness == model::Completeness::kLive ? "live" : "ok";
}

void WriteValue(const model::Value& value, JsonWriter& json) {
  switch (value.kind()) {
    case model::ValueKind::kEmpty: json.Null(); return;
    case model::ValueKind::kBool: json.Value(value.as_bool()); return;
    case model::ValueKind::kInt: json.Value(value.as_int()); return;
    case model::ValueKind::kDouble:
      if (std::isfinite(value.as_double())) {
        json.Value(value.as_double());
      } else {
        json.BeginObject().Field("$double", value.as_double()).EndObject();
      }
      return;
    case model::ValueKind::kString:
      if (IsValidUtf8(value.as_string())) {
        json.Value(value.as_string());
      } else {
        WriteTagged("$string", EncodeBase64(value.as_string()), json);
      }
      return;
    case model::ValueKind::kBytes:
      WriteTagged("$bytes", EncodeBase64(value.as_string()), json);
      return;
    case model::ValueKind::kArray:
      json.BeginArray();
      for (const model::Value& element : value.as_array()) WriteValue(element, json);
      json.EndArray();
      return;
    case model::ValueKind::kMap: WriteAttributes(value.as_map(), json); return;
  }
}

void WriteAttributes(model::Attributes attributes, JsonWriter& json) {
  json.BeginObject();
  if (NeedsPairs(attributes)) {
    json.Key("$map").BeginArray();
    for (const model::KeyValue& kv : attributes) {
      json.BeginArray().Value(kv.key);
      WriteValue(kv.value, json);
      json.EndArray();
    }
    json.EndArray();
  } else {
    for (const model::KeyValue& kv : attributes) {
      json.Key(kv.key);
      WriteValue(kv.value, json);
    }
  }
  json.EndObject();
}

void WriteTime(std::string_view name, int64_t unix_nanos, JsonWriter& json) {
  const std::string number_name = std::string(name) + "_unix_nano";
  if (unix_nanos == 0) {
    json.Key(name).Null().Key(number_name).Null();
  } else {
    json.Field(name, FormatTime(unix_nanos)).Field(number_name, unix_nanos);
  }
}

void WriteCursor(std::string_view next_cursor, JsonWriter& json) {
  json.Key("next_cursor");
  if (next_cursor.empty()) {
    json.Null();
  } else {
    json.Value(next_cursor);
  }
}

std::string_view StatusName(model::StatusCode status) {
  return status == model::StatusCode::kOk      ? "ok"
         : status == model::StatusCode::kError ? "error"
                                               : "unset";
}

std::string_view KindName(model::SpanKind kind) {
  constexpr std::string_view kNames[] = {"unspecified", "internal", "server",
                                         "client",      "producer", "consumer"};
  const auto index = static_cast<size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : kNames[0];
}

net::HttpResponse JsonResponse(JsonWriter json, int status) {
  net::HttpResponse response;
  response.status = status;
  response.body = json.Take();
  response.body.push_back('\n');
  return response;
}

}  // namespace ao::api
