#pragma once

#include <string>

// The mapping tables as a document (docs/dialects.md). Pure.

namespace ao::semconv {

std::string RenderDialectsMarkdown();

}  // namespace ao::semconv
