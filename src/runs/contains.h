#pragma once

#include <cstring>
#include <string_view>

namespace ao::runs {

// Several times quicker on JSON than string_view::find, which stops at every quote. Pure.
inline bool Contains(std::string_view text, std::string_view part) {
  return text.size() >= part.size() &&
         memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

}  // namespace ao::runs
