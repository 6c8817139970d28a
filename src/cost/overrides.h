#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "cost/catalogue.h"

// Prices that users set, which come before the catalogue. Plain values.

namespace ao::cost {

struct Override {
  std::string project;   // empty: every project
  std::string provider;  // as spans name it, or an id of the catalogue; empty: any
  std::string model;     // in lower case; a trailing '*' matches any suffix
  std::string from;      // "2026-01-31": holds from that UTC midnight; empty: always
  PriceList prices;
  std::string prices_json;  // as given, for showing
  bool from_file = false;   // of cost.prices_file, not of the API

  // Stable name of the row: "override/gpt-4o*", "override/azure/gpt-4o@2026-01-31".
  std::string Row() const;
};

// One {"provider"?, "model", "from"?, "prices": {"input_mtok": 2.5, ...}}; also "project" when
// `with_project`. invalid_argument names the member that is wrong.
Result<Override> ParseOverride(std::string_view json, bool with_project);
// The file that cost.prices_file names: {"prices": [override, ...]}.
Result<std::vector<Override>> ParseOverrideFile(std::string_view json);

}  // namespace ao::cost
