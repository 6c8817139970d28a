#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/endpoint.h"
#include "api/json_body.h"
#include "api/time_text.h"
#include "base/encoding.h"
#include "base/utf8.h"

// What clients of the REST API send: the first byte chooses the reader.

namespace {

using namespace ao;

constexpr Nanos kNow = 1'769'851'800 * kSecond;

void Query(std::string_view text) {
  static const api::Endpoint endpoint{
      .method = "GET",
      .pattern = "/fuzz/{id}",
      .parameters = {{.name = "t", .type = api::Type::kTime},
                     {.name = "d", .type = api::Type::kDuration},
                     {.name = "i", .type = api::Type::kInteger, .min = -5, .max = 1000},
                     {.name = "n", .type = api::Type::kNumber},
                     {.name = "c", .type = api::Type::kChoice, .choices = "asc|desc"},
                     {.name = "trace", .type = api::Type::kTraceId},
                     {.name = "span", .type = api::Type::kSpanId},
                     {.name = "x"}},
      .handler = api::Answer{nullptr}};
  net::HttpRequest request;
  for (size_t at = 0; at < text.size();) {
    const std::string_view pair = text.substr(at, text.find('&', at) - at);
    at += pair.size() + 1;
    const size_t equals = pair.find('=');
    request.query.emplace_back(pair.substr(0, equals), equals == std::string_view::npos
                                                           ? std::string_view()
                                                           : pair.substr(equals + 1));
  }
  const auto arguments = api::ParseArguments(endpoint, request, kNow);
  if (!arguments.ok()) {
    if (!IsValidUtf8(arguments.status().message())) std::abort();
    return;
  }
  if (const auto i = arguments->integer("i"); i && (*i < -5 || *i > 1000)) std::abort();
  if (arguments->has("t") && arguments->time("t") < 0) std::abort();
}

void Times(const std::string& text) {
  if (const auto time = api::ParseTime(text, kNow); time.ok()) {
    const auto again = api::ParseTime(api::FormatTime(*time), kNow);
    if (!again.ok() || *again != *time) std::abort();
  }
  (void)api::ParseDuration(text);
}

void Body(std::string_view text) {
  (void)api::JsonBody::Parse(text, {"name", "value", "comment"});
  if (const auto elements = api::SplitJsonArray(text); elements.ok()) {
    for (const std::string_view element : *elements) (void)api::UnquoteJson(element);
  }
}

void Base64(std::string_view text) {
  if (const auto raw = DecodeBase64(text)) {
    if (DecodeBase64(EncodeBase64(*raw)) != raw) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: Query(text); break;
    case 1: Times(text); break;
    case 2: Body(text); break;
    default: Base64(text); break;
  }
  return 0;
}
