#include "api/rest/run_query.h"

#include <fmt/core.h>

#include "api/time_text.h"
#include "search/parser.h"

namespace ao::api {
namespace {

template <typename T>
Status CheckBounds(std::string_view name, const storage::Bounds<T>& bounds) {
  if (!bounds.min || !bounds.max || *bounds.min <= *bounds.max) return OkStatus();
  return InvalidArgument(
      fmt::format("cannot filter by {}: min_{} is greater than max_{}", name, name, name));
}

}  // namespace

Result<storage::RunQuery> RunQueryOf(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::RunQuery query;
  query.project = call.project;
  AO_ASSIGN_OR_RETURN(query.range, RangeOf(a));
  query.agent = a.string("agent");
  query.service = a.string("service");
  query.environment = a.string("environment");
  query.session = a.string("session");
  query.user = a.string("user");
  query.model = a.string("model");
  query.tool = a.string("tool");
  query.query_type = a.string("query_type");
  query.status = a.string("status");
  query.duration = {a.integer("min_duration"), a.integer("max_duration")};
  query.cost = {a.number("min_cost"), a.number("max_cost")};
  query.tokens = {a.integer("min_tokens"), a.integer("max_tokens")};
  query.steps = {a.integer("min_steps"), a.integer("max_steps")};
  AO_TRY(CheckBounds("duration", query.duration));
  AO_TRY(CheckBounds("cost", query.cost));
  AO_TRY(CheckBounds("tokens", query.tokens));
  AO_TRY(CheckBounds("steps", query.steps));
  query.text = a.string("q");
  const Nanos now = context.clock.Now();
  AO_ASSIGN_OR_RETURN(query.filter,
                      search::ParseQuery(a.text("query"), {[now](std::string_view text) {
                                           return ParseTime(text, now);
                                         }}));
  return query;
}

std::vector<Parameter> RunFilters() {
  return {
      kSince,
      kUntil,
      {"agent", Type::kText, "agent at the root; a last * matches any suffix, here and below"},
      {"status", Type::kChoice, "error: has one; live: still arriving; ok: settled without error",
       "ok|error|live"},
      {"service", Type::kText, "service.name"},
      {"environment", Type::kText, "deployment environment"},
      {"session", Type::kText, "session id"},
      {"user", Type::kText, "user id"},
      {"model", Type::kText, "a model it called"},
      {"tool", Type::kText, "a tool it called"},
      {"query_type", Type::kText, "agent.query_type"},
      {"min_duration", Type::kDuration, "at least this long"},
      {"max_duration", Type::kDuration, "at most this long"},
      {"min_cost", Type::kNumber, "at least this many USD"},
      {"max_cost", Type::kNumber, "at most this many USD"},
      {"min_tokens", Type::kInteger, "at least this many tokens"},
      {"max_tokens", Type::kInteger, "at most this many tokens"},
      {"min_steps", Type::kInteger, "at least this many LLM calls"},
      {"max_steps", Type::kInteger, "at most this many LLM calls"},
      {"query", Type::kText,
       "a condition in the search language (docs/search.md): agent:researcher cost>0.10"},
      {"q", Type::kText, "text in the root name, the previews or the error message"},
  };
}

}  // namespace ao::api
