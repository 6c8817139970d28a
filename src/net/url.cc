#include "net/url.h"

#include <cstdint>

#include <fmt/format.h>

#include "base/encoding.h"

namespace ao::net {

Result<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      uint8_t byte = 0;
      if (i + 2 >= text.size() || !DecodeHex(text.substr(i + 1, 2), &byte, 1) || byte == 0) {
        return InvalidArgument(
            fmt::format("cannot decode the URL: bad escape \"{}\"", text.substr(i, 3)));
      }
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(c == '+' && plus_is_space ? ' ' : c);
    }
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    AO_ASSIGN_OR_RETURN(std::string name, PercentDecode(pair.substr(0, equals), true));
    AO_ASSIGN_OR_RETURN(
        std::string value,
        PercentDecode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view(), true));
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

}  // namespace ao::net
