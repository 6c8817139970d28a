#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ao::semconv {

enum class PreviewSide { kInput, kOutput };

// What a person wants to see first of an input or output: of message JSON in any known shape the
// last user message (input) or what the assistant said or which tools it called (output); of
// {"messages": [..]} the same; of a JSON object with one obvious text that text; otherwise the text
// itself. White space is folded to single blanks; at most `code_points` code points, ending in
// U+2026 when cut. Work is bounded whatever the size. Never fails. Thread-safe.
std::string Preview(std::string_view text_or_json, size_t code_points, PreviewSide side);

}  // namespace ao::semconv
