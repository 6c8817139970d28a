#include "net/cors.h"

#include <algorithm>

#include "net/ascii.h"

namespace ao::net {
namespace {

// One "*" in `pattern` stands for one or more letters, digits, dots and hyphens.
bool MatchesOrigin(std::string_view pattern, std::string_view origin) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return EqualsIgnoreCase(pattern, origin);
  const std::string_view front = pattern.substr(0, star);
  const std::string_view back = pattern.substr(star + 1);
  if (origin.size() <= front.size() + back.size()) return false;
  if (!EqualsIgnoreCase(origin.substr(0, front.size()), front) ||
      !EqualsIgnoreCase(origin.substr(origin.size() - back.size()), back)) {
    return false;
  }
  const std::string_view middle =
      origin.substr(front.size(), origin.size() - front.size() - back.size());
  return std::all_of(middle.begin(), middle.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  });
}

}  // namespace

bool CorsPolicy::AllowsAny() const {
  return std::find(options_.allowed_origins.begin(), options_.allowed_origins.end(), "*") !=
         options_.allowed_origins.end();
}

bool CorsPolicy::Allows(std::string_view origin) const {
  return std::any_of(
      options_.allowed_origins.begin(), options_.allowed_origins.end(),
      [&](const std::string& pattern) { return pattern != "*" && MatchesOrigin(pattern, origin); });
}

void CorsPolicy::AddHeaders(std::string_view origin, HeaderList* headers) const {
  if (origin.empty() || options_.allowed_origins.empty()) return;
  if (Allows(origin)) {
    headers->emplace_back("access-control-allow-origin", std::string(origin));
    headers->emplace_back("access-control-allow-credentials", "true");
    headers->emplace_back("vary", "Origin");
  } else if (AllowsAny()) {
    headers->emplace_back("access-control-allow-origin", "*");
  }
}

void CorsPolicy::AddPreflightHeaders(std::string_view origin,
                                     const std::vector<std::string>& methods,
                                     std::string_view requested_headers,
                                     HeaderList* headers) const {
  if (!Allows(origin) && !AllowsAny()) return;
  AddHeaders(origin, headers);
  headers->emplace_back("access-control-allow-methods", Join(methods, ", "));
  std::string allowed = "content-type";
  for (const std::string& name : options_.allowed_headers) {
    if (name == "*") {
      allowed = requested_headers.empty() ? "content-type" : std::string(requested_headers);
      break;
    }
    allowed.append(", ").append(name);
  }
  headers->emplace_back("access-control-allow-headers", std::move(allowed));
  headers->emplace_back("access-control-max-age", std::to_string(options_.max_age / kSecond));
}

}  // namespace ao::net
