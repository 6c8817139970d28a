#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "api/json.h"
#include "api/rest/families.h"
#include "api/rest/run_query.h"

// The runs that match by each value that they have, and their calls by model.

namespace ao::api {
namespace {

constexpr std::string_view kFacetsOfRuns = "status,agent,service,environment,model,tool";

// "agent,model": fields that there are, each once.
Result<std::vector<std::string>> FieldsOf(std::string_view text) {
  std::vector<std::string> fields;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view field = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto* known =
        std::find(std::begin(storage::kRunFacets), std::end(storage::kRunFacets), field);
    if (known == std::end(storage::kRunFacets)) {
      std::string names;
      for (const std::string_view name : storage::kRunFacets) {
        names.append(names.empty() ? "" : ", ").append(name);
      }
      return InvalidArgument(
          fmt::format("cannot count values of {}: there is no such field", Quoted(field)),
          "fields are " + names);
    }
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.emplace_back(field);
  }
  return fields;
}

Result<net::HttpResponse> GetFacets(Context& context, const Call& call) {
  storage::FacetQuery query;
  AO_ASSIGN_OR_RETURN(query.runs, RunQueryOf(context, call));
  AO_ASSIGN_OR_RETURN(query.fields, FieldsOf(call.arguments.text("fields")));
  query.limit = *call.arguments.integer("limit");
  AO_ASSIGN_OR_RETURN(const storage::RunFacets facets, context.store.statistics().Facets(query));
  JsonWriter json;
  json.BeginObject();
  WriteTime("since", query.runs.range.since, json);
  WriteTime("until", query.runs.range.until, json);
  json.Field("runs", facets.runs).Key("facets").BeginArray();
  for (const storage::RunFacets::Field& field : facets.fields) {
    json.BeginObject().Field("field", field.field).Field("distinct", field.distinct);
    json.Key("values").BeginArray();
    for (const storage::RunFacets::Value& value : field.values) {
      json.BeginObject().Field("value", value.value).Field("runs", value.runs);
      json.Field("errors", value.errors).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

void WriteMilliseconds(std::string_view name, const storage::Quantiles& q, JsonWriter& json) {
  json.Key(name).BeginObject().Field("p50", q.p50 / 1e6).Field("p95", q.p95 / 1e6);
  json.Field("p99", q.p99 / 1e6).EndObject();
}

Result<net::HttpResponse> GetModels(Context& context, const Call& call) {
  storage::ModelQuery query;
  AO_ASSIGN_OR_RETURN(query.runs, RunQueryOf(context, call));
  query.models = *call.arguments.integer("models");
  AO_ASSIGN_OR_RETURN(const auto models, context.store.statistics().Models(query));
  JsonWriter json;
  json.BeginObject();
  WriteTime("since", query.runs.range.since, json);
  WriteTime("until", query.runs.range.until, json);
  json.Key("models").BeginArray();
  for (const storage::ModelCalls& model : models) {
    json.BeginObject().Field("model", model.model).Field("calls", model.calls);
    json.Field("errors", model.errors);
    WriteMilliseconds("duration_ms", model.duration, json);
    if (model.timed_tokens > 0) {
      WriteMilliseconds("time_to_first_token_ms", model.first_token, json);
    } else {
      json.Key("time_to_first_token_ms").Null();
    }
    json.EndObject();
  }
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> BreakdownEndpoints() {
  std::vector<Parameter> facets = RunFilters();
  facets.push_back({"fields",
                    Type::kText,
                    "fields with commas between them: status, agent, service, environment, model, "
                    "tool, user, session, name, query_type, outcome",
                    {},
                    kFacetsOfRuns});
  facets.push_back(Limit("12"));
  std::vector<Parameter> models = RunFilters();
  models.push_back({"models", Type::kInteger, "those with most calls", {}, "12", 1, 100});
  return {
      {.method = "GET",
       .pattern = "/api/v1/stats/facets",
       .summary = "Which values of some fields the runs have, and how many runs each",
       .parameters = std::move(facets),
       .response =
           "{since, until, runs, facets: [{field, distinct, values: [{value, runs, errors}]}]}, "
           "most runs first; distinct counts the values that were left out, too. A run has every "
           "agent, model and tool that took part in it.",
       .handler = &GetFacets},
      {.method = "GET",
       .pattern = "/api/v1/stats/models",
       .summary = "How long calls to each model took, and how many failed",
       .parameters = std::move(models),
       .response = "{since, until, models: [{model, calls, errors, duration_ms: {p50, p95, p99}, "
                   "time_to_first_token_ms}]}: the calls of the runs that match, most calls first. "
                   "time_to_first_token_ms is null where no call said it.",
       .handler = &GetModels},
  };
}

}  // namespace ao::api
