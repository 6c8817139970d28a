#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Internal to config: a YAML document as flat, dotted keys with their positions.

namespace ao::config {

struct YamlEntry {
  std::string key;    // "storage.retention.max_age"
  std::string value;  // a sequence is joined with commas; null is empty
  int line = 0;       // from 1, of the value (of the key when the value is empty)
  int column = 0;
};

struct YamlProblem {
  std::string where;  // "line:column"
  std::string message;
};

// Appends the leaves of `text` in document order; the problem when it is not a YAML mapping of
// scalars and sequences of scalars.
std::optional<YamlProblem> ParseYaml(std::string_view text, std::vector<YamlEntry>* entries);

}  // namespace ao::config
