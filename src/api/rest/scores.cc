#include <cmath>

#include <fmt/core.h>

#include "api/json.h"
#include "api/json_body.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "api/time_text.h"

namespace ao::api {
namespace {

using storage::Score;
using storage::ScoreKind;

constexpr std::string_view kKindNames[] = {"thumbs", "numeric", "categorical", "text"};
constexpr size_t kMaxNameBytes = 200;
constexpr size_t kMaxTextBytes = 64 << 10;

void WriteScore(const Score& score, JsonWriter& json) {
  json.BeginObject().Field("id", score.id);
  WriteId("trace_id", score.trace_id, json);
  WriteId("span_id", score.span_id, json);
  json.Field("session", score.session).Field("name", score.name);
  json.Field("kind", kKindNames[static_cast<size_t>(score.kind)]).Key("value");
  if (score.kind == ScoreKind::kThumbs) {
    json.Value(score.number != 0);
  } else if (score.kind == ScoreKind::kNumeric) {
    json.Value(score.number);
  } else {
    json.Value(score.text);
  }
  json.Field("comment", score.comment).Field("source", score.source);
  WriteTime("time", score.time, json);
  json.EndObject();
}

std::optional<double> NumberOf(const JsonScalar& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

std::optional<bool> ThumbOf(const JsonScalar& value) {
  if (const auto* thumb = std::get_if<bool>(&value)) return *thumb;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (*text == "up") return true;
    if (*text == "down") return false;
  }
  const auto number = NumberOf(value);
  if (number && (*number == 0 || *number == 1)) return *number == 1;
  return std::nullopt;
}

// What a value without a kind most plainly is.
ScoreKind NaturalKind(const JsonScalar& value) {
  if (std::holds_alternative<bool>(value)) return ScoreKind::kThumbs;
  if (const auto* text = std::get_if<std::string>(&value)) {
    return *text == "up" || *text == "down" ? ScoreKind::kThumbs : ScoreKind::kCategorical;
  }
  return ScoreKind::kNumeric;
}

Result<ScoreKind> KindOf(const JsonBody& body, const JsonScalar& value) {
  AO_ASSIGN_OR_RETURN(const std::string name, body.Text("kind"));
  if (name.empty()) return NaturalKind(value);
  for (size_t i = 0; i < std::size(kKindNames); ++i) {
    if (kKindNames[i] == name) return static_cast<ScoreKind>(i);
  }
  return InvalidArgument(
      fmt::format("cannot read member \"kind\": {} is not one of thumbs, "
                  "numeric, categorical, text",
                  Quoted(name)));
}

Status ReadValue(const JsonBody& body, Score* score) {
  const JsonScalar* value = body.Find("value");
  if (value == nullptr) {
    return InvalidArgument("cannot score: there is no value",
                           "value is true or false (thumbs), a number or a text");
  }
  AO_ASSIGN_OR_RETURN(score->kind, KindOf(body, *value));
  switch (score->kind) {
    case ScoreKind::kThumbs: {
      const auto thumb = ThumbOf(*value);
      if (!thumb) {
        return InvalidArgument("cannot read member \"value\": thumbs are true, false, up or down");
      }
      score->number = *thumb ? 1 : 0;
      return OkStatus();
    }
    case ScoreKind::kNumeric: {
      const auto number = NumberOf(*value);
      if (!number || !std::isfinite(*number)) {
        return InvalidArgument("cannot read member \"value\": a numeric score needs a number");
      }
      score->number = *number;
      return OkStatus();
    }
    case ScoreKind::kCategorical:
    case ScoreKind::kText: break;
  }
  AO_ASSIGN_OR_RETURN(score->text, body.Text("value"));
  return score->text.empty() ? InvalidArgument("cannot read member \"value\": it is empty")
                             : OkStatus();
}

template <typename Id>
Status ReadId(const JsonBody& body, std::string_view member, Id* id) {
  AO_ASSIGN_OR_RETURN(const std::string hex, body.Text(member));
  if (hex.empty()) return OkStatus();
  const auto parsed = Id::FromHex(hex);
  if (!parsed || parsed->empty()) {
    return InvalidArgument(fmt::format("cannot read member \"{}\": {} is not {} hex digits", member,
                                       Quoted(hex), 2 * sizeof(Id)));
  }
  *id = *parsed;
  return OkStatus();
}

Status ReadTarget(const JsonBody& body, Score* score) {
  AO_TRY(ReadId(body, "trace_id", &score->trace_id));
  AO_TRY(ReadId(body, "span_id", &score->span_id));
  AO_ASSIGN_OR_RETURN(score->session, body.Text("session"));
  if (score->trace_id.empty() && score->session.empty()) {
    return InvalidArgument("cannot score: neither trace_id nor session is given");
  }
  if (!score->span_id.empty() && score->trace_id.empty()) {
    return InvalidArgument("cannot score a span: its trace_id is not given");
  }
  return OkStatus();
}

Status ReadTimeOfScore(const JsonBody& body, Nanos now, Score* score) {
  score->time = now;
  const JsonScalar* value = body.Find("time");
  if (value == nullptr) return OkStatus();
  std::string text;
  if (const auto* whole = std::get_if<int64_t>(value)) {
    text = fmt::format("{}", *whole);
  } else if (const auto* number = std::get_if<double>(value)) {
    text = fmt::format("{:.9f}", *number);
  } else {
    AO_ASSIGN_OR_RETURN(text, body.Text("time"));
  }
  const Result<Nanos> time = ParseTime(text, now);
  if (!time.ok()) return time.status().WithContext("cannot read member \"time\"");
  score->time = *time;
  return OkStatus();
}

Status CheckSize(std::string_view member, std::string_view text, size_t limit) {
  if (text.size() <= limit) return OkStatus();
  return InvalidArgument(fmt::format("cannot read member \"{}\": {} bytes are more than {}", member,
                                     text.size(), limit));
}

Result<Score> ScoreOf(const Call& call, Nanos now) {
  AO_ASSIGN_OR_RETURN(
      const JsonBody body,
      JsonBody::Parse(call.request.body, {"id", "trace_id", "span_id", "session", "name", "kind",
                                          "value", "comment", "source", "time"}));
  Score score;
  score.project = call.project;
  AO_TRY(ReadTarget(body, &score));
  AO_ASSIGN_OR_RETURN(score.id, body.Text("id"));
  AO_ASSIGN_OR_RETURN(score.name, body.Text("name"));
  AO_ASSIGN_OR_RETURN(score.comment, body.Text("comment"));
  AO_ASSIGN_OR_RETURN(score.source, body.Text("source"));
  if (score.name.empty()) {
    return InvalidArgument("cannot score: there is no name", "for example \"name\": \"helpful\"");
  }
  AO_TRY(ReadValue(body, &score));
  AO_TRY(ReadTimeOfScore(body, now, &score));
  AO_TRY(CheckSize("id", score.id, kMaxNameBytes));
  AO_TRY(CheckSize("name", score.name, kMaxNameBytes));
  AO_TRY(CheckSize("source", score.source, kMaxNameBytes));
  AO_TRY(CheckSize("value", score.text, kMaxTextBytes));
  AO_TRY(CheckSize("comment", score.comment, kMaxTextBytes));
  if (score.source.empty()) score.source = "api";
  return score;
}

Result<net::HttpResponse> PutScore(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(Score score, ScoreOf(call, context.clock.Now()));
  AO_ASSIGN_OR_RETURN(const Score stored, context.store.PutScore(std::move(score)));
  JsonWriter json;
  WriteScore(stored, json);
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> ListScores(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::ScoreQuery query;
  query.project = call.project;
  query.trace_id = a.trace_id("trace_id");
  query.span_id = a.span_id("span_id");
  query.session = a.string("session");
  query.name = a.string("name");
  AO_ASSIGN_OR_RETURN(query.range, RangeOf(a));
  query.limit = *a.integer("limit");
  query.cursor = a.string("cursor");
  AO_ASSIGN_OR_RETURN(const storage::ScorePage page, context.store.ListScores(query));
  JsonWriter json;
  json.BeginObject().Key("scores").BeginArray();
  for (const Score& score : page.scores) WriteScore(score, json);
  json.EndArray();
  WriteCursor(page.next_cursor, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> ScoreEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/scores",
       .summary = "List scores, the newest first",
       .parameters = {kTraceIdFilter,
                      kSpanIdFilter,
                      {"session", Type::kText, "only of this session"},
                      {"name", Type::kText, "only of this name"},
                      kSince,
                      kUntil,
                      Limit("100"),
                      kCursor},
       .response = "{scores: [score], next_cursor}",
       .handler = &ListScores},
      {.method = "POST",
       .pattern = "/api/v1/scores",
       .access = net::Access::kIngest,
       .summary = "Score a trace, a span or a session; the same id replaces the score",
       .parameters = {},
       .response = "The score as stored.",
       .handler = &PutScore,
       .body = "{name, value, trace_id and/or session, span_id?, kind? (thumbs, numeric, "
               "categorical, text), comment?, source?, time?, id?}"},
  };
}

}  // namespace ao::api
