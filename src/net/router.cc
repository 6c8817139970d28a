#include "net/router.h"

#include <algorithm>

#include "net/ascii.h"
#include "net/url.h"

namespace ao::net {
namespace {

bool IsName(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Of a path without its first slash.
std::vector<std::string_view> Segments(std::string_view path) {
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  return Split(path, '/');
}

bool MatchesPath(const std::vector<std::string>& pattern, bool wildcard,
                 const std::vector<std::string>& path) {
  if (wildcard ? path.size() < pattern.size() : path.size() != pattern.size()) return false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (IsName(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
  }
  return true;
}

}  // namespace

void Router::Add(Route route) {
  auto segments = Segments(route.pattern);
  auto pattern = std::make_unique<Pattern>();
  if (!segments.empty() && segments.back() == "*") {
    pattern->wildcard = true;
    segments.pop_back();
  }
  bool literal = !pattern->wildcard;
  for (const std::string_view segment : segments) {
    pattern->segments.emplace_back(segment);
    pattern->rank.push_back(IsName(segment) ? '1' : '0');
    literal &= !IsName(segment);
  }
  pattern->rank.push_back(pattern->wildcard ? '2' : '0');
  auto owned = std::make_unique<Route>(std::move(route));
  if (literal) {
    std::unique_ptr<Pattern>& slot = literals_[owned->pattern];
    if (slot == nullptr) slot = std::move(pattern);
    slot->routes.push_back(std::move(owned));
    return;
  }
  for (const auto& known : patterns_) {
    if (known->routes.front()->pattern == owned->pattern) {
      known->routes.push_back(std::move(owned));
      return;
    }
  }
  pattern->routes.push_back(std::move(owned));
  const auto before = [](const auto& a, const auto& b) { return a->rank < b->rank; };
  patterns_.insert(std::upper_bound(patterns_.begin(), patterns_.end(), pattern, before),
                   std::move(pattern));
}

void Router::AddPrefix(std::string prefix, std::string target_prefix) {
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  while (!target_prefix.empty() && target_prefix.back() == '/') target_prefix.pop_back();
  if (prefix.empty()) return;
  prefixes_.emplace_back(std::move(prefix), std::move(target_prefix));
  std::stable_sort(prefixes_.begin(), prefixes_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

void Router::Consider(const Pattern& pattern, std::string_view method, Match* match) const {
  for (const auto& route : pattern.routes) {
    match->ingest |= route->lane == Lane::kIngest;
    if (route->method == method || route->method == "*" ||
        (method == "HEAD" && route->method == "GET")) {
      match->route = route.get();
      match->allowed.clear();
      match->ingest = route->lane == Lane::kIngest;
      return;
    }
  }
  for (const auto& route : pattern.routes) {
    if (std::find(match->allowed.begin(), match->allowed.end(), route->method) ==
        match->allowed.end()) {
      match->allowed.push_back(route->method);
      if (route->method == "GET") match->allowed.emplace_back("HEAD");
    }
  }
}

Result<Router::Match> Router::FindExact(std::string_view method, std::string_view path) const {
  Match match;
  if (path.find('%') == std::string_view::npos) {
    if (const auto it = literals_.find(path); it != literals_.end()) {
      Consider(*it->second, method, &match);
      if (match.route != nullptr) {
        match.path = std::string(path);
        return match;
      }
    }
  }
  std::vector<std::string> segments;
  for (const std::string_view raw : Segments(path)) {
    AO_ASSIGN_OR_RETURN(std::string segment, PercentDecode(raw, false));
    match.path.append("/").append(segment);
    segments.push_back(std::move(segment));
  }
  if (const auto it = literals_.find(match.path); it != literals_.end() && match.allowed.empty()) {
    Consider(*it->second, method, &match);
    if (match.route != nullptr) return match;
  }
  for (const auto& pattern : patterns_) {
    if (pattern->wildcard && !match.allowed.empty()) continue;
    if (!MatchesPath(pattern->segments, pattern->wildcard, segments)) continue;
    Consider(*pattern, method, &match);
    if (match.route == nullptr) continue;
    for (size_t i = 0; i < pattern->segments.size(); ++i) {
      const std::string_view name = pattern->segments[i];
      if (IsName(name)) {
        match.parameters.emplace_back(name.substr(1, name.size() - 2), segments[i]);
      }
    }
    if (pattern->wildcard) {
      std::string rest;
      for (size_t i = pattern->segments.size(); i < segments.size(); ++i) {
        if (!rest.empty() || i > pattern->segments.size()) rest.push_back('/');
        rest.append(segments[i]);
      }
      match.parameters.emplace_back("*", std::move(rest));
    }
    return match;
  }
  return match;
}

Result<Router::Match> Router::Find(std::string_view method, std::string_view path) const {
  for (const auto& [prefix, target] : prefixes_) {
    if (path.substr(0, prefix.size()) != prefix) continue;
    const std::string_view rest = path.substr(prefix.size());
    if (!rest.empty() && rest.front() != '/') continue;
    std::string rewritten = target + std::string(rest);
    if (rewritten.empty()) rewritten = "/";
    AO_ASSIGN_OR_RETURN(Match match, FindExact(method, rewritten));
    if (match.route != nullptr || !match.allowed.empty()) return match;
  }
  AO_ASSIGN_OR_RETURN(Match match, FindExact(method, path));
  if (match.route == nullptr && match.allowed.empty() && path.size() > 1 && path.back() == '/') {
    return FindExact(method, path.substr(0, path.size() - 1));
  }
  return match;
}

}  // namespace ao::net
