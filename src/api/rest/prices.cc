#include <fmt/core.h>

#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "prices/price_store.h"

namespace ao::api {
namespace {

using cost::Override;

const Parameter kProvider{"provider", Type::kText, "as spans name it"};
const Parameter kModel{"model", Type::kText, "name of a model"};

void WriteOverride(const Override& price, JsonWriter& json) {
  json.BeginObject().Field("model", price.model).Field("provider", price.provider);
  json.Field("from", price.from).Field("row", price.Row());
  json.Field("origin", price.from_file ? "file" : "api");
  json.Key("prices").Raw(price.prices_json).EndObject();
}

void WriteCatalogue(Context& context, const cost::Catalogue& catalogue, JsonWriter& json) {
  json.Key("catalogue").BeginObject().Field("source", catalogue.about().source);
  json.Field("version", catalogue.about().version);
  json.Field("published", catalogue.about().published);
  json.Field("embedded", !context.prices.catalogue_replaced());
  json.Field("models", catalogue.model_count()).EndObject();
}

Result<net::HttpResponse> PricesNow(Context& context, const std::string& project) {
  const auto book = context.prices.pricer().book();
  JsonWriter json;
  json.BeginObject().Key("prices").BeginArray();
  for (const Override& price : context.prices.List(project)) WriteOverride(price, json);
  json.EndArray();
  WriteCatalogue(context, book->catalogue(), json);
  json.Key("default").BeginObject().Field("input_mtok", cost::kDefaultInputPrice);
  json.Field("output_mtok", cost::kDefaultOutputPrice).EndObject().EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> ListPrices(Context& context, const Call& call) {
  return PricesNow(context, call.project);
}

// What is stored keeps its cost: a log that is replayed after a crash is priced anew, so what came
// before the change is sealed. Spans that arrive while the change is made may get either price.
Status SealBefore(Context& context) {
  return context.store.Seal().WithContext("before changing prices");
}

Result<net::HttpResponse> SetPrice(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(Override price, cost::ParseOverride(call.request.body, false));
  price.project = call.project;
  AO_TRY(SealBefore(context));
  AO_TRY(context.prices.Put(price));
  JsonWriter json;
  WriteOverride(price, json);
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> RemovePrice(Context& context, const Call& call) {
  Override price;
  price.project = call.project;
  price.model = cost::Lower(call.arguments.text("model"));
  price.provider = cost::Lower(call.arguments.text("provider"));
  price.from = call.arguments.string("from");
  if (price.model.empty()) {
    return InvalidArgument("cannot remove price: no model is given", "add ?model=NAME");
  }
  AO_TRY(SealBefore(context));
  AO_TRY(context.prices.Remove(price));
  return PricesNow(context, call.project);
}

void WritePriceList(const cost::PriceList& prices, JsonWriter& json) {
  json.BeginObject();
  for (const cost::UnitPrice& price : prices) {
    json.Key(cost::InfoOf(price.unit).price_key);
    if (price.tiers.empty()) {
      json.Value(price.base);
      continue;
    }
    json.BeginObject().Field("base", price.base).Key("tiers").BeginArray();
    for (const auto& tier : price.tiers) {
      json.BeginObject().Field("start", tier.start).Field("price", tier.price).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndObject();
}

// Prices of service tiers, batch and so on, with where they come from.
void WriteTiers(const cost::PriceBook& book, const std::string& row, JsonWriter& json) {
  json.Key("tiers").BeginArray();
  for (const std::string_view name : {"batch", "flex", "priority"}) {
    const cost::ServiceTier* tier = book.supplement().FindTier(name, row);
    if (tier == nullptr) continue;
    json.BeginObject().Field("tier", name);
    if (tier->factor) {
      json.Field("factor", *tier->factor);
    } else {
      json.Key("prices");
      WritePriceList(tier->prices, json);
    }
    json.Field("source", tier->source).Field("as_of", tier->as_of).EndObject();
  }
  json.EndArray();
}

Result<net::HttpResponse> ShowModel(Context& context, const Call& call) {
  const std::string model = call.arguments.string("model");
  const std::string provider = call.arguments.string("provider");
  if (model.empty()) {
    return InvalidArgument("cannot show prices: no model is given", "add ?model=gpt-4o");
  }
  const Nanos at = call.arguments.has("at") ? call.arguments.time("at") : context.clock.Now();
  const auto book = context.prices.pricer().book();
  const cost::PriceQuery query{
      .project = call.project, .provider = provider, .model_answered = model, .when = at};
  const cost::Explanation used = book->Explain(query, cost::Usage());
  const auto found = book->Find(provider, model);
  JsonWriter json;
  json.BeginObject().Field("model", model).Field("provider", provider);
  json.Field("source", model::kCostSourceNames[static_cast<size_t>(used.source)]);
  json.Field("row", used.row);
  json.Field("recognised_by", cost::kRecognisedNames[static_cast<size_t>(found.how)]);
  WriteTime("at", at, json);
  for (const Override& price : book->overrides()) {
    if (used.source != model::CostSource::kOverride || price.Row() != used.row) continue;
    if (!price.project.empty() && price.project != call.project) continue;
    json.Key("prices").Raw(price.prices_json);
    break;
  }
  if (found.model != nullptr) {
    if (used.source == model::CostSource::kCatalogue) {
      json.Key("prices");
      WritePriceList(found.model->At(at).prices, json);
    }
    json.Key("catalogue_rows").BeginArray();
    for (const cost::DatedPrices& dated : found.model->prices) json.Value(dated.row);
    json.EndArray().Field("context_window", found.model->context_window);
    json.Field("output_limit", book->supplement().OutputLimit(found.model->row));
    json.Field("deprecated", found.model->deprecated);
    WriteTiers(*book, found.model->row, json);
  } else if (used.source == model::CostSource::kDefault) {
    json.Key("prices").BeginObject().Field("input_mtok", cost::kDefaultInputPrice);
    json.Field("output_mtok", cost::kDefaultOutputPrice).EndObject();
  }
  json.EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> ReplaceCatalogue(Context& context, const Call& call) {
  AO_TRY(SealBefore(context));
  AO_TRY(context.prices.ReplaceCatalogue(call.request.body));
  return PricesNow(context, call.project);
}

Result<net::HttpResponse> ResetCatalogue(Context& context, const Call& call) {
  AO_TRY(SealBefore(context));
  AO_TRY(context.prices.ResetCatalogue());
  return PricesNow(context, call.project);
}

constexpr std::string_view kPricesResponse =
    "{prices: [{model, provider, from, row, origin, prices}], catalogue: {source, version, "
    "published, embedded, models}, default}";

}  // namespace

std::vector<Endpoint> PriceEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/cost/prices",
       .summary = "Prices that were set, and which catalogue is used",
       .response = kPricesResponse,
       .handler = &ListPrices},
      {.method = "PUT",
       .pattern = "/api/v1/cost/prices",
       .access = net::Access::kAdmin,
       .summary = "Set the price of a model for the project; it comes before the catalogue",
       .response = "The price as it is stored.",
       .handler = &SetPrice,
       .body =
           "{model, prices: {input_mtok, output_mtok, cache_read_mtok, ...}, provider?, from?}: "
           "USD per million tokens; a last * of model matches any suffix; from is a day, "
           "2026-01-31"},
      {.method = "DELETE",
       .pattern = "/api/v1/cost/prices",
       .access = net::Access::kAdmin,
       .summary = "Remove a price that was set",
       .parameters = {kModel, kProvider, {"from", Type::kText, "the day it was set from"}},
       .response = kPricesResponse,
       .handler = &RemovePrice},
      {.method = "GET",
       .pattern = "/api/v1/cost/models",
       .summary = "What a model costs, and how its name was recognised",
       .parameters = {kModel, kProvider, {"at", Type::kTime, "at this time; default now"}},
       .response = "{model, provider, source, row, recognised_by, at, prices, catalogue_rows, "
                   "context_window, output_limit, deprecated, tiers}",
       .handler = &ShowModel},
      {.method = "PUT",
       .pattern = "/api/v1/cost/catalogue",
       .access = net::Access::kAdmin,
       .summary = "Replace the price catalogue of the server",
       .response = kPricesResponse,
       .handler = &ReplaceCatalogue,
       .body = "A catalogue as in docs/cost.md"},
      {.method = "DELETE",
       .pattern = "/api/v1/cost/catalogue",
       .access = net::Access::kAdmin,
       .summary = "Go back to the price catalogue inside the program",
       .response = kPricesResponse,
       .handler = &ResetCatalogue},
  };
}

}  // namespace ao::api
