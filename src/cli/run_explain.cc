#include "cli/run_explain.h"

#include <fmt/format.h>

#include "cli/format.h"

namespace ao::cli {
namespace {

std::string CandidateText(const Json& candidate) {
  const std::string dialect = Printable(candidate["dialect"].text());
  std::string text =
      fmt::format("{}{}{} (rank {})", dialect, dialect.empty() ? "" : " ",
                  Printable(candidate["attribute"].text()), candidate["rank"].integer());
  const std::string value = Printable(candidate["value"].text());
  if (!value.empty()) text += ": " + value;
  return text;
}

void PrintField(const Json& field, Io& io) {
  const std::string name = field["field"].text();
  size_t width = static_cast<size_t>(std::max(io.width, 60));
  std::string head = fmt::format("  {:<20} ", name);
  for (const Json& candidate : field["candidates"].items()) {
    const std::string& outcome = candidate["outcome"].text();
    const std::string mark = outcome == "used" ? "" : outcome + ": ";
    io.out << Fit(head + mark + CandidateText(candidate), width, io.unicode) << "\n";
    head = std::string(head.size(), ' ');
  }
  if (const std::string inferred = Printable(field["inferred"].text()); !inferred.empty()) {
    io.out << Fit(head + "rule: " + inferred, width, io.unicode) << "\n";
  }
}

void PrintSpan(const Json& span, Io& io) {
  const Json& explain = span["explain"];
  io.out << fmt::format("{}  {}  {}\n",
                        Paint(Printable(span["name"].text()), Colour::kBold, io.colour),
                        span["canonical"]["op"].text(), explain["dialect"].text());
  for (const Json& field : explain["fields"].items()) PrintField(field, io);
  for (const Json& key : explain["unmapped"].items()) {
    io.out << "  unmapped             " << Printable(key.text()) << "\n";
  }
  io.out << "\n";
}

}  // namespace

Status ExplainRun(ApiClient& api, const std::string& trace_id, const Json& trace, bool as_json,
                  Io& io) {
  for (const Json& id : trace["columns"]["span_id"].items()) {
    AO_ASSIGN_OR_RETURN(const Json span,
                        api.Get("/api/v1/traces/" + PercentEncode(trace_id) + "/spans/" +
                                PercentEncode(id.text()) + "?explain=1"));
    if (!as_json) {
      PrintSpan(span, io);
      continue;
    }
    JsonWriter json;
    json.BeginObject().Field("span_id", id.text()).Field("name", span["name"].text());
    json.Key("explain");
    span["explain"].Write(&json);
    json.EndObject();
    io.out << json.text() << "\n";
  }
  return OkStatus();
}

}  // namespace ao::cli
