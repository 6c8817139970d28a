#include "semconv/texts.h"

#include <algorithm>

#include "semconv/registry.h"

namespace ao::semconv {

bool HoldsText(std::string_view key) {
  const Registry& registry = Registry::Get();
  const auto is_text = [](const Row& row) {
    switch (row.field) {
      case Field::kInputMessages:
      case Field::kInputText:
      case Field::kOutputMessages:
      case Field::kOutputText:
      case Field::kToolArguments:
      case Field::kToolResult: return true;
      default: return row.convert == Convert::kDocuments;
    }
  };
  const auto rows = registry.Find(key).rows;
  if (std::any_of(rows.begin(), rows.end(), is_text)) return true;
  const Registry::Prefix* list = registry.FindPrefix(key);
  return list != nullptr && list->row.kind != ListKind::kIgnored;
}

}  // namespace ao::semconv
