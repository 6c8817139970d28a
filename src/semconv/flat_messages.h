#pragma once

#include <string_view>
#include <vector>

#include "model/value.h"
#include "semconv/messages.h"

// Messages and documents that a dialect spreads over one attribute an element part, whole (what
// flattened.h takes from them is only for columns). Internal to semconv/.

namespace ao::semconv {

struct FlatLists {
  std::vector<Message> input, output;  // in the order of their indices; indices may have gaps
  std::vector<Document> documents;
};
FlatLists ReadFlatLists(model::Attributes attributes);

}  // namespace ao::semconv
