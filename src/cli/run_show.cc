#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/format.h"
#include "cli/list_output.h"
#include "cli/run_explain.h"
#include "cli/waterfall.h"

namespace ao::cli {
namespace {

void PrintHead(const Json& run, Io& io) {
  const std::string& status = run["status"].text();
  const Colour colour = StatusColour(status);
  const auto duration = static_cast<Nanos>(run["duration_ms"].number() * kMillisecond);
  io.out << fmt::format("{}  {}  {}\n",
                        Paint(Printable(run["root_name"].text()), Colour::kBold, io.colour),
                        Paint(status, colour, io.colour), ShortDuration(duration));
  io.out << fmt::format("trace {}  started {} ({})\n", run["trace_id"].text(),
                        IsoTime(run["start_unix_nano"].integer()),
                        RelativeTime(run["start_unix_nano"].integer(), io.clock.Now()));
  std::string facts = fmt::format("{}, {}, {}", Counted(run["spans"].integer(), "span"),
                                  Counted(run["steps"].integer(), "LLM call"),
                                  Counted(run["tool_calls"].integer(), "tool call"));
  if (const Json& tokens = run["tokens"]; tokens["total"].integer() > 0) {
    facts += ", " + Counted(tokens["total"].integer(), "token");
    if (tokens["input"].integer() + tokens["output"].integer() > 0) {
      facts +=
          fmt::format(" ({} in, {} out)", tokens["input"].integer(), tokens["output"].integer());
    }
  }
  if (run["cost_usd"].number() > 0) facts += ", " + ShortCost(run["cost_usd"].number());
  io.out << facts << "\n";
  std::string origin;
  for (const std::string name : {"service", "agent", "session", "user", "outcome"}) {
    const std::string value = Printable(run[name].text());
    if (value.empty()) continue;
    origin += fmt::format("{}{} {}", origin.empty() ? "" : "  ", name, value);
  }
  if (!origin.empty()) io.out << origin << "\n";
  const size_t width = static_cast<size_t>(std::max(io.width, 40));
  for (const std::string name : {"input", "output"}) {
    const std::string preview = Printable(run[name + "_preview"].text());
    if (!preview.empty()) io.out << Fit(name + ": " + preview, width, io.unicode) << "\n";
  }
  if (run["completeness"].text() == "incomplete") {
    io.out << "note: spans are missing, a parent never arrived\n";
  }
  io.out << "\n";
}

void PrintTabs(const std::vector<WaterfallSpan>& spans, Io& io) {
  Table table({{"depth", ""},
               {"span_id", ""},
               {"start_ns", ""},
               {"duration_ns", ""},
               {"op", ""},
               {"name", ""},
               {"detail", ""},
               {"input_tokens", ""},
               {"output_tokens", ""},
               {"cost_usd", ""},
               {"error", ""}});
  for (const TreeRow& row : TreeOrder(spans)) {
    const WaterfallSpan& span = spans[row.row];
    table.Add({{std::to_string(row.more.size())},
               {span.id},
               {std::to_string(span.start)},
               {std::to_string(span.duration)},
               {span.op},
               {span.name},
               {span.detail},
               {std::to_string(span.input_tokens)},
               {std::to_string(span.output_tokens)},
               {fmt::format("{}", span.cost_usd)},
               {span.error}});
  }
  table.Print(io);
}

constexpr int kCallsLookedAt = 3;

// The conversation as the last LLM call saw it, which has what came before. Empty when none of the
// last calls has messages.
std::string Conversation(ApiClient& api, const std::string& trace,
                         const std::vector<WaterfallSpan>& spans,
                         const ConversationOptions& options) {
  std::vector<const WaterfallSpan*> calls;
  for (const WaterfallSpan& span : spans) {
    if (span.op == "llm") calls.push_back(&span);
  }
  std::stable_sort(calls.begin(), calls.end(),
                   [](const auto* a, const auto* b) { return a->start > b->start; });
  if (calls.size() > kCallsLookedAt) calls.resize(kCallsLookedAt);
  for (const WaterfallSpan* call : calls) {
    const auto span = api.Get("/api/v1/traces/" + trace + "/spans/" + call->id);
    if (!span.ok()) continue;
    std::string text = RenderConversation(*span, options);
    if (!text.empty()) return text;
  }
  return {};
}

void PrintPriceNote(const std::vector<WaterfallSpan>& spans, Io& io) {
  std::set<std::string> unknown;
  for (const WaterfallSpan& span : spans) {
    if (span.default_price) unknown.insert(Printable(span.detail));
  }
  if (unknown.empty()) return;
  io.out << fmt::format(
      "$? is the default price: no price is known for {} (observatory cost prices set)\n",
      fmt::join(unknown, ", "));
}

int ShowRun(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto id = ResolveTraceId(*api, invocation.Argument("trace_id"));
  if (!id.ok()) return ReportError(io, id.status());
  const auto trace = api->Get("/api/v1/traces/" + PercentEncode(*id));
  if (!trace.ok()) return ReportError(io, trace.status());
  if (invocation.On("explain")) {
    const Status explained = ExplainRun(*api, *id, *trace, invocation.On("json"), io);
    return explained.ok() ? kExitOk : ReportError(io, explained);
  }
  if (invocation.On("json")) {
    JsonWriter json;
    trace->Write(&json);
    io.out << json.text() << "\n";
    return kExitOk;
  }
  const std::vector<WaterfallSpan> spans = ReadSpans(*trace);
  const bool unicode = io.unicode && !invocation.On("ascii");
  const bool whole = invocation.On("conversation");
  if (!io.out_is_tty && !invocation.On("tree") && !whole) {
    PrintTabs(spans, io);
    return kExitOk;
  }
  PrintHead((*trace)["run"], io);
  if (!whole) {
    io.out << RenderWaterfall(spans, {io.width, unicode, io.colour});
    PrintPriceNote(spans, io);
  }
  const std::string conversation =
      Conversation(*api, *id, spans, {io.width, unicode, io.colour, whole});
  if (!conversation.empty()) {
    io.out << (whole ? "" : "\n") << conversation;
  } else if (whole) {
    io.err << "no call of this run has its messages stored\n";
  }
  return kExitOk;
}

}  // namespace

Command RunShowCommand() {
  return {
      .path = "run show",
      .summary = "Show a run as a tree with a bar per span, and its conversation",
      .details =
          "Below the tree are the last messages of the conversation, as the last LLM call saw "
          "it; --conversation shows all of it instead of the tree. In a pipe every span is a "
          "tab-separated line, in the order of the tree; "
          "--tree draws it anyway.",
      .examples = {{"observatory run show 4bf92f35", "By the first digits of a recent run"},
                   {"observatory run show 4bf92f3577b34da6a3ce929d0e0e4736 --json | jq .run",
                    "As JSON"},
                   {"observatory run show 4bf92f35 --tree > run.txt", "Into a file"}},
      .flags = {{.name = "conversation", .doc = "Show the whole conversation instead of the tree"},
                {.name = "tree", .doc = "Draw the tree in a pipe too"},
                {.name = "ascii", .doc = "Draw without Unicode"}},
      .positionals = {{"trace_id", "32 hex digits, or the first ones of a recent run"}},
      .run = ShowRun,
      .uses_server = true,
      .group = "Look"};
}

}  // namespace ao::cli
