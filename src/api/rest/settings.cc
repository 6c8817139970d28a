#include "config/settings.h"
#include "api/context.h"
#include "api/json.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

constexpr std::string_view kHidden = "***";

// Where files lie is for administrators; the others learn the kind: "default", "file", "flag".
std::string OriginFor(const Call& call, std::string origin) {
  return call.request.principal.may_admin ? origin : origin.substr(0, origin.find(' '));
}

std::string ValueFor(const Call& call, const config::Settings& settings,
                     const config::Setting& setting) {
  std::string value = settings.Shown(setting);
  const bool hidden = setting.type == config::SettingType::kPath && !value.empty();
  return hidden && !call.request.principal.may_admin ? std::string(kHidden) : value;
}

Result<net::HttpResponse> ShowSettings(Context& context, const Call& call) {
  const config::Settings settings = context.dependencies.settings();
  JsonWriter json;
  json.BeginObject().Key("settings").BeginObject();
  for (const config::Setting& setting : config::AllSettings()) {
    json.Key(setting.key).BeginObject();
    json.Field("value", ValueFor(call, settings, setting));
    json.Field("origin", OriginFor(call, settings.DescribeOrigin(setting.key)));
    json.Field("default", setting.default_value).Field("doc", setting.doc);
    json.Field("flag", config::FlagOf(setting));
    json.Field("environment", config::EnvironmentOf(setting));
    json.Field("restart", !setting.reloadable).EndObject();
  }
  json.EndObject().EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> SettingEndpoints() {
  return {{.method = "GET",
           .pattern = "/api/v1/settings",
           .summary = "The settings in force, and where each comes from",
           .response = "{settings: {key: {value, origin, default, doc, flag, environment, "
                       "restart}}}; values that are secret are ***",
           .handler = &ShowSettings}};
}

}  // namespace ao::api
