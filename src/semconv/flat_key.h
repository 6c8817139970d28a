#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

// Keys of flattened lists, "llm.input_messages.12.rest", read from the front. Internal to semconv/.
// Pure.

namespace ao::semconv {

constexpr uint32_t kMaxIndex = 100'000;

// "12.rest" becomes 12 and "rest"; false when there is no index, or one beyond kMaxIndex.
inline bool TakeIndex(std::string_view* key, uint32_t* index) {
  const char* end = key->data() + key->size();
  const auto [stop, error] = std::from_chars(key->data(), end, *index);
  if (error != std::errc() || stop == end || *stop != '.' || *index > kMaxIndex) return false;
  key->remove_prefix(static_cast<size_t>(stop - key->data()) + 1);
  return true;
}

inline bool TakePrefix(std::string_view* key, std::string_view prefix) {
  if (!key->starts_with(prefix)) return false;
  key->remove_prefix(prefix.size());
  return true;
}

}  // namespace ao::semconv
