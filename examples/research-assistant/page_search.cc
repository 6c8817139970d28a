#include "research-assistant/page_search.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      words.back().push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

PageSearch::PageSearch(const std::string& folder) {
  double total = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    Page page{.name = file.path().stem(), .text = text.str(), .words = {}};
    for (const std::string& word : words_of(page.text)) ++page.words[word], ++page.length;
    for (const auto& [word, count] : page.words) ++pages_with_[word];
    total += page.length;
    pages_.push_back(std::move(page));
  }
  if (pages_.empty()) throw std::runtime_error("cannot search " + folder + ": no pages");
  std::sort(pages_.begin(), pages_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  mean_length_ = total / static_cast<double>(pages_.size());
}

double PageSearch::score(const Page& page, const std::vector<std::string>& words) const {
  constexpr double kK1 = 1.2, kB = 0.75;
  double sum = 0;
  for (const std::string& word : words) {
    const auto found = page.words.find(word);
    if (found == page.words.end()) continue;
    const double with = pages_with_.at(word), all = static_cast<double>(pages_.size());
    const double frequency = found->second;
    sum += std::log(1 + (all - with + 0.5) / (with + 0.5)) * frequency * (kK1 + 1) /
           (frequency + kK1 * (1 - kB + kB * page.length / mean_length_));
  }
  return sum;
}

std::vector<PageSearch::Hit> PageSearch::search(const std::string& query, size_t count) const {
  const auto words = words_of(query);
  std::vector<Hit> hits;
  for (const Page& page : pages_) {
    if (const double points = score(page, words); points > 0) {
      hits.push_back({page.name, page.text, points});
    }
  }
  std::stable_sort(hits.begin(), hits.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  hits.resize(std::min(count, hits.size()));
  return hits;
}
