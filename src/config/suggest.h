#pragma once

#include <string>
#include <string_view>
#include <vector>

// "Did you mean": the nearest of a list of names. Thread-safe, no state.

namespace ao::config {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `name`, or empty when none is near enough to be meant. A candidate that
// `name` is the end or the beginning of counts as near.
std::string Nearest(std::string_view name, const std::vector<std::string>& candidates);

// "did you mean X?" or empty; the hint of most "unknown ..." errors.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace ao::config
