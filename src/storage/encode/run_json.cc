#include "storage/encode/run_json.h"

#include <algorithm>
#include <iterator>

#include "base/json_writer.h"
#include "storage/encode/json_dom.h"

namespace ao::storage {
namespace {

using json::Element;
using model::AgentEdge;
using model::UsagePart;

struct TextMember {
  std::string_view name;
  std::string UsagePart::*member;
};
constexpr TextMember kUsageTexts[] = {{"agent", &UsagePart::agent},
                                      {"service", &UsagePart::service},
                                      {"provider", &UsagePart::provider},
                                      {"model", &UsagePart::model},
                                      {"tool", &UsagePart::tool}};
struct CountMember {
  std::string_view name;
  int64_t UsagePart::*member;
};
constexpr CountMember kUsageCounts[] = {{"calls", &UsagePart::calls},
                                        {"input_tokens", &UsagePart::input_tokens},
                                        {"output_tokens", &UsagePart::output_tokens},
                                        {"total_tokens", &UsagePart::total_tokens},
                                        {"cache_read_tokens", &UsagePart::cache_read_tokens},
                                        {"cache_write_tokens", &UsagePart::cache_write_tokens},
                                        {"reasoning_tokens", &UsagePart::reasoning_tokens},
                                        {"estimated_tokens", &UsagePart::estimated_tokens}};

struct VersionMember {
  std::string_view name;
  std::string model::AgentVersion::*member;
};
constexpr VersionMember kVersionTexts[] = {
    {"agent", &model::AgentVersion::agent},
    {"service_version", &model::AgentVersion::service_version},
    {"model", &model::AgentVersion::model},
    {"setup", &model::AgentVersion::setup},
    {"id", &model::AgentVersion::id}};

template <typename Enum, size_t N>
Result<Enum> ToName(Element element, std::string_view what, const std::string_view (&names)[N]) {
  AO_ASSIGN_OR_RETURN(const auto text, json::ToText(element, what));
  const auto at = std::find(std::begin(names), std::end(names), text);
  if (at == std::end(names)) return json::Malformed(what);
  return static_cast<Enum>(at - std::begin(names));
}

// Reads the members of one object by name.
class Members {
 public:
  static Result<Members> Of(Element element) {
    AO_ASSIGN_OR_RETURN(const auto object, json::ToObject(element, "list of a run"));
    return Members(object);
  }
  Result<Element> Get(std::string_view name) const {
    Element element;
    if (object_.at_key(name).get(element) != simdjson::SUCCESS) return json::Malformed(name);
    return element;
  }
  Status Read(std::string_view name, std::string* out) const {
    AO_ASSIGN_OR_RETURN(const auto element, Get(name));
    AO_ASSIGN_OR_RETURN(*out, json::ToText(element, name));
    return OkStatus();
  }
  Status Read(std::string_view name, int64_t* out) const {
    AO_ASSIGN_OR_RETURN(const auto element, Get(name));
    AO_ASSIGN_OR_RETURN(*out, json::ToInt(element, name));
    return OkStatus();
  }
  Status Read(std::string_view name, double* out) const {
    AO_ASSIGN_OR_RETURN(const auto element, Get(name));
    AO_ASSIGN_OR_RETURN(*out, json::ToDouble(element, name));
    return OkStatus();
  }

 private:
  explicit Members(simdjson::dom::object object) : object_(object) {}
  simdjson::dom::object object_;
};

Status ReadUsage(const Members& in, UsagePart* part) {
  for (const auto& [name, member] : kUsageTexts) AO_TRY(in.Read(name, &(part->*member)));
  for (const auto& [name, member] : kUsageCounts) AO_TRY(in.Read(name, &(part->*member)));
  AO_TRY(in.Read("cost_usd", &part->cost_usd));
  AO_ASSIGN_OR_RETURN(const auto source, in.Get("cost_source"));
  AO_ASSIGN_OR_RETURN(part->cost_source,
                      (ToName<model::CostSource>(source, "cost_source", model::kCostSourceNames)));
  return OkStatus();
}

Status ReadEdge(const Members& in, AgentEdge* edge) {
  AO_TRY(in.Read("from", &edge->from));
  AO_TRY(in.Read("to", &edge->to));
  AO_ASSIGN_OR_RETURN(const auto evidence, in.Get("evidence"));
  AO_ASSIGN_OR_RETURN(edge->evidence, (ToName<model::EdgeEvidence>(evidence, "evidence",
                                                                   model::kEdgeEvidenceNames)));
  AO_ASSIGN_OR_RETURN(const auto handoff, in.Get("handoff"));
  if (handoff.get(edge->handoff) != simdjson::SUCCESS) return json::Malformed("handoff");
  AO_TRY(in.Read("calls", &edge->calls));
  return in.Read("errors", &edge->errors);
}

Status ReadVersion(const Members& in, model::AgentVersion* version) {
  for (const auto& [name, member] : kVersionTexts) AO_TRY(in.Read(name, &(version->*member)));
  return OkStatus();
}

template <typename T>
Result<std::vector<T>> DecodeList(std::string_view text, Status (*read)(const Members&, T*)) {
  std::vector<T> list;
  if (text.empty()) return list;
  AO_ASSIGN_OR_RETURN(const auto root, json::ParseJson(text));
  AO_ASSIGN_OR_RETURN(const auto array, json::ToArray(root, "list of a run"));
  for (const Element element : array) {
    AO_ASSIGN_OR_RETURN(const auto members, Members::Of(element));
    AO_TRY(read(members, &list.emplace_back()));
  }
  return list;
}

}  // namespace

std::string EncodeUsage(std::span<const UsagePart> usage) {
  if (usage.empty()) return {};
  JsonWriter json;
  json.BeginArray();
  for (const UsagePart& part : usage) {
    json.BeginObject();
    for (const auto& [name, member] : kUsageTexts) json.Field(name, part.*member);
    for (const auto& [name, member] : kUsageCounts) json.Field(name, part.*member);
    json.Field("cost_usd", part.cost_usd);
    json.Field("cost_source", model::kCostSourceNames[static_cast<size_t>(part.cost_source)]);
    json.EndObject();
  }
  return std::string(json.EndArray().text());
}

std::string EncodeEdges(std::span<const AgentEdge> edges) {
  if (edges.empty()) return {};
  JsonWriter json;
  json.BeginArray();
  for (const AgentEdge& edge : edges) {
    json.BeginObject().Field("from", edge.from).Field("to", edge.to);
    json.Field("evidence", model::kEdgeEvidenceNames[static_cast<size_t>(edge.evidence)]);
    json.Field("handoff", edge.handoff).Field("calls", edge.calls).Field("errors", edge.errors);
    json.EndObject();
  }
  return std::string(json.EndArray().text());
}

std::string EncodeVersions(std::span<const model::AgentVersion> versions) {
  if (versions.empty()) return {};
  JsonWriter json;
  json.BeginArray();
  for (const model::AgentVersion& version : versions) {
    json.BeginObject();
    for (const auto& [name, member] : kVersionTexts) json.Field(name, version.*member);
    json.EndObject();
  }
  return std::string(json.EndArray().text());
}

Result<std::vector<model::AgentVersion>> DecodeVersions(std::string_view json) {
  return DecodeList<model::AgentVersion>(json, ReadVersion);
}

Result<std::vector<UsagePart>> DecodeUsage(std::string_view json) {
  return DecodeList<UsagePart>(json, ReadUsage);
}

Result<std::vector<AgentEdge>> DecodeEdges(std::string_view json) {
  return DecodeList<AgentEdge>(json, ReadEdge);
}

}  // namespace ao::storage
