#pragma once

#include <string>
#include <vector>

#include <observatory/genai.h>

#include "agentkit/model.h"

namespace agentkit {

// Documents and their vectors in memory, searched by cosine. Thread-compatible.
class VectorIndex {
 public:
  explicit VectorIndex(const ModelClient& client) : client_(client) {}

  // Replaces everything by the Markdown files of `folder`, whose name becomes their version; the
  // name of the file is the id. Throws when there are none or the model cannot embed them.
  void load(const std::string& folder);
  // The `count` nearest documents, best first.
  std::vector<observatory::Document> search(const std::string& query, size_t count) const;

 private:
  struct Entry {
    observatory::Document document;
    std::vector<float> vector;
  };
  const ModelClient& client_;
  std::vector<Entry> entries_;
};

// A search that is recorded: a span "retrieval" with query, documents and scores.
std::vector<observatory::Document> retrieve(const VectorIndex& index, const std::string& query,
                                            size_t count);

}  // namespace agentkit
