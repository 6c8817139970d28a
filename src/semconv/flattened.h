#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/value.h"
#include "semconv/table.h"

// Lists that a dialect spreads over one attribute an element part, such as
// llm.input_messages.3.message.content. Internal to semconv/. Views point into the attributes.

namespace ao::semconv {

class Flattened {
 public:
  // `rest` is the key behind the prefix: "<index>.<part>". Others are ignored.
  void Add(const PrefixRow& list, std::string_view rest, const model::Value& value);

  bool empty() const { return items_.empty() && document_count_ == 0; }
  uint8_t rank(ListKind kind) const { return ranks_[static_cast<size_t>(kind)]; }

  // The text of the last user message, else of the last message of anybody but the system.
  std::string_view Input() const;
  // The text of the first message, else its tool calls as message JSON.
  std::string_view Output(Arena* arena) const;

  int64_t document_count() const { return document_count_; }
  std::optional<double> top_score() const { return top_score_; }

 private:
  enum class Part : uint8_t { kRole, kContent, kToolName, kToolArguments };
  struct Item {
    ListKind list;
    Part part;
    uint32_t index;
    std::string_view text;
  };
  std::string_view RoleOf(ListKind list, uint32_t index) const;

  std::vector<Item> items_;
  int64_t document_count_ = 0;
  std::optional<double> top_score_;
  std::array<uint8_t, 3> ranks_{255, 255, 255};  // of the three kinds of lists
};

}  // namespace ao::semconv
