#pragma once

#include <string_view>

// Pure; thread-safe.

namespace ao::semconv {

// Whether an attribute of this key is one that inputs, outputs, documents, tool arguments or tool
// results are taken from, in any dialect.
bool HoldsText(std::string_view key);

}  // namespace ao::semconv
