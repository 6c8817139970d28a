#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash_map.h"
#include "base/status.h"
#include "net/http.h"

// Finds the route of a path. Literal segments win over {names}, and these over a last "*". A path
// that is known with other methods only is answered 405, even where a "*" route would take it.
// Add everything first; then thread-safe.

namespace ao::net {

class Router {
 public:
  void Add(Route route);
  void AddPrefix(std::string prefix, std::string target_prefix);

  struct Match {
    const Route* route = nullptr;      // null: 404, or 405 when `allowed` is not empty
    std::vector<std::string> allowed;  // methods, when only the method is wrong
    bool ingest = false;               // the path belongs to the ingest lane
    std::string path;                  // decoded, prefix rewritten
    std::vector<std::pair<std::string, std::string>> parameters;
  };
  // `path` is as sent, without the query. invalid_argument when it cannot be decoded.
  Result<Match> Find(std::string_view method, std::string_view path) const;

 private:
  struct Pattern {
    std::vector<std::string> segments;
    bool wildcard = false;  // ends in "*"
    std::string rank;       // sorts the more specific pattern first
    std::vector<std::unique_ptr<Route>> routes;
  };

  Result<Match> FindExact(std::string_view method, std::string_view path) const;
  void Consider(const Pattern& pattern, std::string_view method, Match* match) const;

  HashMap<std::string, std::unique_ptr<Pattern>> literals_;
  std::vector<std::unique_ptr<Pattern>> patterns_;  // with names or a wildcard, most specific first
  std::vector<std::pair<std::string, std::string>> prefixes_;  // longest first
};

}  // namespace ao::net
