#include "storage/local/schema.h"

namespace ao::storage::local {
namespace {

constexpr char kSeparator = '\x1f';

}  // namespace

std::string JoinNames(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined.append(1, kSeparator).append(name);
  if (!joined.empty()) joined.push_back(kSeparator);
  return joined;
}

std::vector<std::string> SplitNames(std::string_view joined) {
  std::vector<std::string> names;
  if (!joined.empty()) joined.remove_prefix(1);
  while (!joined.empty()) {
    const size_t end = joined.find(kSeparator);
    names.emplace_back(joined.substr(0, end));
    joined.remove_prefix(end == joined.npos ? joined.size() : end + 1);
  }
  return names;
}

}  // namespace ao::storage::local
