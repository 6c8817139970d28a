#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/content/text_pattern.h"

// Full-text search in what a span's row holds itself: texts that are too short for the content
// store. Internal to storage/local. Thread-safe but for the pattern.

namespace ao::storage::local {

// The match with what is around it, cut between characters.
std::string Snippet(std::string_view text, const TextPattern::Match& match);

// The first match in an attribute that is an input, output, tool argument or result; the names and
// other values do not count. `json` as the column `attributes` has it.
std::optional<std::string> FindInAttributes(const TextPattern& pattern, std::string_view json);

// The first match in what the span's events say. `json` as the column `events` has it.
std::optional<std::string> FindInEvents(const TextPattern& pattern, std::string_view json);

}  // namespace ao::storage::local
