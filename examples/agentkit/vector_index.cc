#include "agentkit/vector_index.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "agentkit/recorded.h"

namespace agentkit {
namespace {

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  const double dot = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  const double lengths = std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                         std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
  return lengths == 0 ? 0 : dot / std::sqrt(lengths);
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

void VectorIndex::load(const std::string& folder) {
  std::vector<observatory::Document> documents;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".md") continue;
    documents.push_back({.id = file.path().stem(),
                         .version = file.path().parent_path().filename(),
                         .content = read_file(file.path())});
  }
  if (documents.empty()) throw std::runtime_error("cannot index " + folder + ": no documents");
  std::sort(documents.begin(), documents.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  std::vector<std::string> texts;
  for (const auto& document : documents) texts.push_back(document.content);
  auto vectors = client_.embed(texts);
  entries_.clear();
  for (size_t i = 0; i < documents.size(); ++i) {
    entries_.push_back({std::move(documents[i]), std::move(vectors.at(i))});
  }
}

std::vector<observatory::Document> VectorIndex::search(const std::string& query,
                                                       size_t count) const {
  const std::vector<float> vector = client_.embed({query}).at(0);
  std::vector<observatory::Document> found;
  for (const Entry& entry : entries_) {
    found.push_back(entry.document);
    found.back().score = cosine(vector, entry.vector);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  found.resize(std::min(count, found.size()));
  return found;
}

std::vector<observatory::Document> retrieve(const VectorIndex& index, const std::string& query,
                                            size_t count) {
  auto span = observatory::retrieval(query, {.top_k = static_cast<int64_t>(count)});
  auto documents = recorded(span, [&] { return index.search(query, count); });
  span.set_documents(documents);
  return documents;
}

}  // namespace agentkit
