#include "cases/langfuse_export.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/hash.h"
#include "base/json_writer.h"
#include "semconv/json_fields.h"

namespace ao::cases {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string_view TextAt(object o, std::string_view key) {
  std::string_view text;
  return o[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::string Plain(element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
}

class SpanWriter {
 public:
  SpanWriter(object trace, JsonWriter& json) : trace_(trace), json_(json) {}

  void Write(object o) {
    const std::string_view trace_id = TextAt(trace_, "id");
    json_.BeginObject();
    json_.Field("traceId", fmt::format("{:016x}{:016x}", Hash64(trace_id), Hash64(trace_id, 1)));
    json_.Field("spanId", fmt::format("{:016x}", Hash64(TextAt(o, "id"))));
    if (const auto parent = TextAt(o, "parentObservationId"); !parent.empty()) {
      json_.Field("parentSpanId", fmt::format("{:016x}", Hash64(parent)));
    }
    json_.Field("name", TextAt(o, "name"));
    json_.Field("startTimeUnixNano", TimeAt(o, "startTime"));
    json_.Field("endTimeUnixNano", TimeAt(o, "endTime"));
    json_.Key("attributes").BeginArray();
    WriteOriginal(o);
    WriteOwn(o);
    json_.EndArray().EndObject();
  }

 private:
  static std::string TimeAt(object o, std::string_view key) {
    return std::to_string(semconv::ReadIsoTime(TextAt(o, key)).value_or(0));
  }

  // The export keeps every value as text; numbers were numbers.
  void WriteOriginal(object o) {
    object metadata, attributes;
    if (o["metadata"].get(metadata) != simdjson::SUCCESS) return;
    if (metadata["attributes"].get(attributes) != simdjson::SUCCESS) return;
    for (const auto member : attributes) Attribute(member.key, Plain(member.value));
  }

  void WriteOwn(object o) {
    std::string type(TextAt(o, "type"));
    for (char& c : type) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    Attribute("langfuse.observation.type", type);
    Attribute("langfuse.observation.model.name", std::string(TextAt(o, "model")));
    for (const auto& [key, attribute] :
         {std::pair("input", "langfuse.observation.input"),
          std::pair("output", "langfuse.observation.output"),
          std::pair("usageDetails", "langfuse.observation.usage_details"),
          std::pair("costDetails", "langfuse.observation.cost_details")}) {
      element value;
      if (o[key].get(value) != simdjson::SUCCESS || value.is_null()) continue;
      const std::string text = Plain(value);
      if (text != "{}") Attribute(attribute, text);
    }
    Attribute("langfuse.session.id", std::string(TextAt(trace_, "sessionId")));
    Attribute("langfuse.user.id", std::string(TextAt(trace_, "userId")));
  }

  void Attribute(std::string_view key, const std::string& text) {
    if (text.empty()) return;
    const bool is_count = text.find_first_not_of("0123456789") == text.npos && text.size() < 16;
    json_.BeginObject().Field("key", key).Key("value").BeginObject();
    json_.Field(is_count ? "intValue" : "stringValue", text);
    json_.EndObject().EndObject();
  }

  object trace_;
  JsonWriter& json_;
};

}  // namespace

Result<std::string> OtlpOfLangfuseExport(std::string_view text) {
  simdjson::dom::parser parser;
  element root;
  object trace;
  array observations;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS ||
      root["trace"].get(trace) != simdjson::SUCCESS ||
      root["observations"].get(observations) != simdjson::SUCCESS) {
    return InvalidArgument("cannot read the export: it is not {trace, observations}");
  }
  JsonWriter json;
  json.BeginObject().Key("resourceSpans").BeginArray().BeginObject();
  json.Key("resource").BeginObject().Key("attributes").BeginArray().BeginObject();
  json.Field("key", "service.name").Key("value").BeginObject().Field("stringValue", "exported");
  json.EndObject().EndObject().EndArray().EndObject();
  json.Key("scopeSpans").BeginArray().BeginObject().Key("spans").BeginArray();
  SpanWriter writer(trace, json);
  for (const element item : observations) {
    object observation;
    if (item.get(observation) == simdjson::SUCCESS) writer.Write(observation);
  }
  json.EndArray().EndObject().EndArray().EndObject().EndArray().EndObject();
  return json.text();
}

}  // namespace ao::cases
