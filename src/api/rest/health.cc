#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

net::HttpResponse StatusText(std::string_view status, int http_status) {
  JsonWriter json;
  json.BeginObject().Field("status", status).EndObject();
  return JsonResponse(std::move(json), http_status);
}

Result<net::HttpResponse> Health(Context&, const Call&) { return StatusText("ok", 200); }

Result<net::HttpResponse> Ready(Context& context, const Call&) {
  if (context.dependencies.ready && !context.dependencies.ready()) {
    return Unavailable("cannot serve yet: the server is starting or stopping",
                       "try again in a moment");
  }
  const std::string error = context.store.Stats().write_error;
  if (!error.empty()) return Unavailable("cannot store telemetry: " + error);
  return StatusText("ready", 200);
}

Result<net::HttpResponse> OpenApi(Context& context, const Call&) {
  net::HttpResponse response;
  response.body = context.openapi;
  return response;
}

}  // namespace

std::vector<Endpoint> HealthEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/healthz",
       .access = net::Access::kPublic,
       .summary = "Is the process alive?",
       .parameters = {},
       .response = "{status: ok}",
       .handler = &Health},
      {.method = "GET",
       .pattern = "/readyz",
       .access = net::Access::kPublic,
       .summary = "Can it take telemetry? 503 until it can",
       .parameters = {},
       .response = "{status: ready}",
       .handler = &Ready},
      {.method = "GET",
       .pattern = "/api/v1/openapi.json",
       .access = net::Access::kPublic,
       .summary = "This API as an OpenAPI 3.0 document",
       .parameters = {},
       .response = "The document.",
       .handler = &OpenApi},
  };
}

}  // namespace ao::api
