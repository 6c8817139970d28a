#include "net/http.h"

#include "base/json_writer.h"

namespace ao::net {

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view HttpRequest::path_parameter(std::string_view name) const {
  for (const auto& [key, value] : path_parameters) {
    if (key == name) return value;
  }
  return {};
}

HttpResponse ErrorResponse(const Status& status) {
  JsonWriter json;
  json.BeginObject().Key("error").BeginObject();
  json.Field("code", StatusCodeName(status.code())).Field("message", status.message());
  json.FieldIfSet("hint", status.hint()).EndObject().EndObject();
  HttpResponse response;
  response.status = HttpStatusOf(status.code());
  response.body = json.Take();
  if (status.code() == StatusCode::kUnavailable) {
    response.headers.emplace_back("retry-after", "1");
  }
  return response;
}

}  // namespace ao::net
