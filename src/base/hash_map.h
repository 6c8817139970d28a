#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "base/hash.h"

// The project's hash containers: absl's flat tables with XXH3 and lookup of strings by
// std::string_view. Nothing else of absl is used. Include from .cc files or internal headers only.

namespace ao {

template <typename K>
struct Hasher : std::hash<K> {};
template <>
struct Hasher<std::string> {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return Hash64(s); }
};
template <>
struct Hasher<std::string_view> : Hasher<std::string> {};

template <typename K>
struct KeyEqual : std::equal_to<K> {};
template <>
struct KeyEqual<std::string> {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

template <typename K, typename V>
using HashMap = absl::flat_hash_map<K, V, Hasher<K>, KeyEqual<K>>;
template <typename K>
using HashSet = absl::flat_hash_set<K, Hasher<K>, KeyEqual<K>>;

}  // namespace ao
