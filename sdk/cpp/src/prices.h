#pragma once

#include <cstdint>
#include <string_view>

#include "observatory/cost.h"

namespace observatory::detail {

// As price_of(), at a time (Unix nanoseconds).
Price PriceAt(std::string_view model, std::string_view provider, int64_t input_tokens,
              int64_t unix_nanos);
// How many models the compiled-in catalogue knows; 0 would mean that it cannot be read.
size_t PricedModels();

}  // namespace observatory::detail
