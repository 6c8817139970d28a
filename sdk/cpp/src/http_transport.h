#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "observatory/transport.h"

namespace observatory::detail {

// OTLP over HTTP with protobuf bodies (opentelemetry-proto, docs/specification.md), by libcurl.
// The connection is kept open. Redirects are not followed.
std::shared_ptr<Transport> MakeHttpTransport(Endpoint endpoint);

// What an answer means. `retry_after` is the header's value, empty when there was none: seconds, or
// a date, which is compared with `now` (Unix seconds).
ExportResponse InterpretAnswer(int status, std::string_view retry_after, std::string_view body,
                               int64_t now, const std::string& url);

// Empty when zlib fails.
std::string Gzip(std::string_view data);

}  // namespace observatory::detail
