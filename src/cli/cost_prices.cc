#include <fmt/format.h>

#include "base/file.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/list_output.h"

namespace ao::cli {
namespace {

constexpr const char* kPrices = "/api/v1/cost/prices";

int PrintJson(const Json& answer, Io& io) {
  JsonWriter json;
  answer.Write(&json);
  io.out << json.text() << "\n";
  return kExitOk;
}

std::string Version(const Json& catalogue) {
  return fmt::format("{} {}{}, {} models",
                     catalogue["source"].text().empty() ? "a file" : catalogue["source"].text(),
                     catalogue["version"].text(),
                     catalogue["embedded"].boolean() ? "" : " (replaced)",
                     catalogue["models"].integer());
}

// "input_mtok 2.5, output_mtok 10"; a tiered price is "2.5/5".
std::string PriceText(const Json& prices) {
  std::string text;
  for (size_t i = 0; i < prices.size(); ++i) {
    const Json& price = prices.items()[i];
    std::string value = price["base"].is_null() ? price.Display() : price["base"].Display();
    for (const Json& tier : price["tiers"].items()) {
      value += fmt::format(" ({} above {})", tier["price"].Display(),
                           ShortNumber(tier["start"].number()));
    }
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", prices.keys()[i], value);
  }
  return text;
}

int ListPrices(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto answer = api->Get(kPrices);
  if (!answer.ok()) return ReportError(io, answer.status());
  if (invocation.On("json")) return PrintJson(*answer, io);
  Table table({{"model", "MODEL", false, true},
               {"provider", "PROVIDER", false, false, true},
               {"from", "FROM", false, false, true},
               {"origin", "SET BY"},
               {"prices", "PRICES", false, true}});
  for (const Json& price : (*answer)["prices"].items()) {
    table.Add({{price["model"].text()},
               {price["provider"].text()},
               {price["from"].text()},
               {price["origin"].text()},
               {PriceText(price["prices"])}});
  }
  if (table.size() > 0 || !io.out_is_tty) table.Print(io);
  if (io.out_is_tty) {
    io.err << fmt::format("{}; catalogue: {}\n",
                          table.size() == 0 ? "no prices were set"
                                            : Counted(static_cast<int64_t>(table.size()), "price"),
                          Version((*answer)["catalogue"]));
  }
  return kExitOk;
}

// {"input_mtok": 2.5, ...} from the flags.
Result<std::string> BodyOf(const Invocation& invocation) {
  JsonWriter json;
  json.BeginObject().Field("model", invocation.Argument("model"));
  json.FieldIfSet("provider", invocation.Get("provider"));
  json.FieldIfSet("from", invocation.Get("from"));
  json.Key("prices").BeginObject();
  bool any = false;
  const auto add = [&](std::string_view key, const std::string& value) -> Status {
    const auto number = Json::Parse(value);
    if (!number.ok() ||
        (number->type() != Json::Type::kDouble && number->type() != Json::Type::kInteger)) {
      return InvalidArgument(fmt::format("cannot set price {}: '{}' is not a number", key, value));
    }
    json.Field(key, number->number());
    any = true;
    return OkStatus();
  };
  for (const auto& [flag, key] : {std::pair{"input", "input_mtok"},
                                  {"output", "output_mtok"},
                                  {"cache-read", "cache_read_mtok"},
                                  {"cache-write", "cache_write_mtok"}}) {
    if (invocation.Has(flag)) AO_TRY(add(key, invocation.Get(flag)));
  }
  for (const std::string& pair : invocation.All("price")) {
    const size_t equals = pair.find('=');
    if (equals == pair.npos) {
      return InvalidArgument(fmt::format("cannot set price '{}': it is not key=number", pair),
                             "for example --price web_searches_kcount=10");
    }
    AO_TRY(add(pair.substr(0, equals), pair.substr(equals + 1)));
  }
  if (!any) {
    return InvalidArgument("cannot set price: none is given",
                           "for example --input 2.5 --output 10");
  }
  return std::string(json.EndObject().EndObject().text());
}

int SetPrice(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  auto body = BodyOf(invocation);
  if (!body.ok()) return ReportError(io, body.status());
  const auto answer = api->Put(kPrices, std::move(body).value());
  if (!answer.ok()) return ReportError(io, answer.status());
  if (invocation.On("json")) return PrintJson(*answer, io);
  io.err << fmt::format("set {}: {}; it holds for what comes from now on\n",
                        (*answer)["row"].text(), PriceText((*answer)["prices"]));
  return kExitOk;
}

int RemovePrice(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto answer = api->Delete(kPrices, {{"model", invocation.Argument("model")},
                                            {"provider", invocation.Get("provider")},
                                            {"from", invocation.Get("from")}});
  if (!answer.ok()) return ReportError(io, answer.status());
  if (invocation.On("json")) return PrintJson(*answer, io);
  io.err << fmt::format("removed the price of {}\n", invocation.Argument("model"));
  return kExitOk;
}

int UpdateCatalogue(const Invocation& invocation, Io& io) {
  const std::string file = invocation.Argument("file");
  if (file.empty() == !invocation.On("reset")) {
    return ReportError(io, InvalidArgument("cannot update prices: give a file, or --reset"));
  }
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  Result<Json> answer = Json();
  if (file.empty()) {
    answer = api->Delete("/api/v1/cost/catalogue");
  } else {
    auto text = ReadFile(PosixFileSystem(), file);
    if (!text.ok()) return ReportError(io, text.status());
    answer = api->Put("/api/v1/cost/catalogue", std::move(text).value());
  }
  if (!answer.ok()) return ReportError(io, answer.status());
  if (invocation.On("json")) return PrintJson(*answer, io);
  io.err << fmt::format("the catalogue is now {}\n", Version((*answer)["catalogue"]));
  return kExitOk;
}

int ShowModel(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto answer = api->Get("/api/v1/cost/models", {{"model", invocation.Argument("model")},
                                                       {"provider", invocation.Get("provider")},
                                                       {"at", invocation.Get("at")}});
  if (!answer.ok()) return ReportError(io, answer.status());
  if (invocation.On("json")) return PrintJson(*answer, io);
  const Json& model = *answer;
  Table table({{"field", "FIELD"}, {"value", "VALUE", false, true}});
  const auto row = [&](std::string name, std::string value) {
    if (!value.empty() && value != "0") table.Add({{std::move(name)}, {std::move(value)}});
  };
  row("price row", model["row"].text());
  row("source", model["source"].text());
  row("recognised by", model["recognised_by"].text());
  const Json& prices = model["prices"];
  for (size_t i = 0; i < prices.size(); ++i) {
    const Json& price = prices.items()[i];
    std::string value = price["base"].is_null() ? price.Display() : price["base"].Display();
    for (const Json& tier : price["tiers"].items()) {
      value += fmt::format("; {} above {} input tokens", tier["price"].Display(),
                           tier["start"].Display());
    }
    row(prices.keys()[i], value);
  }
  for (const Json& tier : model["tiers"].items()) {
    row("tier " + tier["tier"].text(),
        fmt::format("{} (as of {}, {})",
                    tier["factor"].is_null() ? PriceText(tier["prices"])
                                             : "times " + tier["factor"].Display(),
                    tier["as_of"].text(), tier["source"].text()));
  }
  row("context window", model["context_window"].Display());
  row("output limit", model["output_limit"].Display());
  table.Print(io);
  return kExitOk;
}

Flag ProviderFlag() {
  return {.name = "provider", .value = "<name>", .doc = "Only calls to this provider"};
}
Flag FromFlag() {
  return {.name = "from", .value = "<day>", .doc = "It holds from this day (UTC), 2026-01-31"};
}

Command SetCommand() {
  const std::string per = "USD per million tokens of ";
  return {
      .path = "cost prices set",
      .summary = "Set the price of a model for the project",
      .details = "It comes before the catalogue for calls that arrive from now on.",
      .examples = {{"observatory cost prices set my-model --input 0.5 --output 1.5",
                    "A model of your own"},
                   {"observatory cost prices set 'gpt-4o*' --provider azure --input 2 --output 8 "
                    "--from 2026-02-01",
                    "A contract that begins in February"}},
      .flags = {{.name = "input", .value = "<usd>", .doc = per + "input"},
                {.name = "output", .value = "<usd>", .doc = per + "output"},
                {.name = "cache-read", .value = "<usd>", .doc = per + "input from the cache"},
                {.name = "cache-write", .value = "<usd>", .doc = per + "input to the cache"},
                {.name = "price",
                 .value = "<key=usd>",
                 .doc = "Any other price of docs/cost.md, web_searches_kcount=10",
                 .repeatable = true},
                ProviderFlag(),
                FromFlag()},
      .positionals = {{"model", "Name of the model; a last * matches any suffix"}},
      .run = SetPrice,
      .uses_server = true,
      .group = "Operate"};
}

}  // namespace

std::vector<Command> PriceCommands() {
  return {
      {.path = "cost prices list",
       .summary = "List the prices that were set",
       .examples = {{"observatory cost prices list", "And which catalogue is used"}},
       .run = ListPrices,
       .uses_server = true,
       .group = "Operate"},
      {.path = "cost prices show",
       .summary = "Show what a model costs, and why",
       .examples = {{"observatory cost prices show gpt-4o", "Prices, tiers, limits"},
                    {"observatory cost prices show gpt-4o --provider azure --at 2025-01-01",
                     "At another provider and time"}},
       .flags = {ProviderFlag(), {.name = "at", .value = "<time>", .doc = "At this time"}},
       .positionals = {{"model", "Name of the model, as spans have it"}},
       .run = ShowModel,
       .uses_server = true,
       .group = "Operate"},
      SetCommand(),
      {.path = "cost prices remove",
       .summary = "Remove a price that was set",
       .examples = {{"observatory cost prices remove my-model", "Back to the catalogue"}},
       .flags = {ProviderFlag(), FromFlag()},
       .positionals = {{"model", "Name of the model, as it was set"}},
       .run = RemovePrice,
       .uses_server = true,
       .group = "Operate"},
      {.path = "cost prices update",
       .summary = "Replace the price catalogue of the server",
       .details = "The file is checked first, kept in the data directory, and used at once. It has "
                  "the form that docs/cost.md describes.",
       .examples = {{"observatory cost prices update catalogue.json", "A newer one"},
                    {"observatory cost prices update --reset", "Back to the one in the program"}},
       .flags = {{.name = "reset", .doc = "Use the catalogue inside the program again"}},
       .positionals = {{"file", "The new catalogue", false}},
       .run = UpdateCatalogue,
       .uses_server = true,
       .group = "Operate"}};
}

}  // namespace ao::cli
