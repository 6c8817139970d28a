#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"

namespace ao::api {

// The OpenAPI 3.0 document of the endpoints, as JSON text. Pure.
std::string DescribeApi(const std::vector<Endpoint>& endpoints, std::string_view version);

}  // namespace ao::api
