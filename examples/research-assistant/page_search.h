#pragma once

#include <map>
#include <string>
#include <vector>

// A search engine over a folder of pages, ranked by BM25 (Robertson, Zaragoza 2009, "The
// probabilistic relevance framework", with k1 = 1.2 and b = 0.75). Thread-compatible.
class PageSearch {
 public:
  struct Hit {
    std::string page, text;
    double score = 0;
  };
  explicit PageSearch(const std::string& folder);
  std::vector<Hit> search(const std::string& query, size_t count) const;

 private:
  struct Page {
    std::string name, text;
    std::map<std::string, int> words;
    int length = 0;
  };
  double score(const Page& page, const std::vector<std::string>& words) const;

  std::vector<Page> pages_;
  std::map<std::string, int> pages_with_;  // a word
  double mean_length_ = 1;
};
