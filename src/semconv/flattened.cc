#include "semconv/flattened.h"

#include <algorithm>
#include <string>

#include "base/json_writer.h"
#include "semconv/aliases.h"
#include "semconv/flat_key.h"

namespace ao::semconv {
namespace {

constexpr size_t kMaxItems = 4096;
constexpr size_t kMaxToolText = 4096;

}  // namespace

void Flattened::Add(const PrefixRow& list, std::string_view rest, const model::Value& value) {
  uint32_t index = 0;
  if (!TakeIndex(&rest, &index)) return;
  uint8_t& rank = ranks_[static_cast<size_t>(list.kind)];
  if (list.kind == ListKind::kDocuments) {
    rank = std::min(rank, list.rank);
    document_count_ = std::max<int64_t>(document_count_, int64_t{index} + 1);
    if (rest == "document.score" && value.is_number() &&
        (!top_score_ || value.number() > *top_score_)) {
      top_score_ = value.number();
    }
    return;
  }
  if (!value.is_string() || items_.size() >= kMaxItems) return;
  TakePrefix(&rest, "message.");
  Part part;
  uint32_t inner = 0;
  if (rest == "role") {
    part = Part::kRole;
  } else if (rest == "content") {
    part = Part::kContent;
  } else if (TakePrefix(&rest, "contents.")) {
    if (!TakeIndex(&rest, &inner) || rest != "message_content.text") return;
    part = Part::kContent;
  } else if (TakePrefix(&rest, "tool_calls.")) {
    if (!TakeIndex(&rest, &inner)) return;
    TakePrefix(&rest, "tool_call.");
    TakePrefix(&rest, "function.");
    if (rest != "name" && rest != "arguments") return;
    part = rest == "name" ? Part::kToolName : Part::kToolArguments;
  } else {
    return;
  }
  rank = std::min(rank, list.rank);
  items_.push_back({list.kind, part, index, value.as_string()});
}

std::string_view Flattened::RoleOf(ListKind list, uint32_t index) const {
  for (const Item& item : items_) {
    if (item.list == list && item.part == Part::kRole && item.index == index) return item.text;
  }
  return {};
}

std::string_view Flattened::Input() const {
  const Item* best = nullptr;
  bool best_is_user = false;
  for (const Item& item : items_) {
    if (item.list != ListKind::kInput || item.part != Part::kContent || item.text.empty()) continue;
    const std::string_view role = RoleOf(ListKind::kInput, item.index);
    const bool is_user = role == "user" || role == "human";
    if (role == "system" || (best_is_user && !is_user)) continue;
    if (best == nullptr || (is_user && !best_is_user) || item.index >= best->index) {
      best = &item;
      best_is_user = is_user;
    }
  }
  return best == nullptr ? std::string_view() : best->text;
}

std::string_view Flattened::Output(Arena* arena) const {
  const Item* best = nullptr;
  for (const Item& item : items_) {
    if (item.list == ListKind::kOutput && item.part == Part::kContent && !item.text.empty() &&
        (best == nullptr || item.index < best->index)) {
      best = &item;
    }
  }
  if (best != nullptr) return best->text;
  JsonWriter json;
  json.BeginArray().BeginObject().Field("role", "assistant").Key("tool_calls").BeginArray();
  bool open = false;
  for (const Item& item : items_) {
    if (item.list != ListKind::kOutput || json.size() > kMaxToolText) continue;
    if (item.part == Part::kToolName) {
      if (open) json.EndObject();
      open = true;
      json.BeginObject().Field("name", item.text);
    } else if (item.part == Part::kToolArguments && open) {
      json.Field("arguments", item.text.substr(0, kMaxToolText));
    }
  }
  if (!open) return {};
  json.EndObject().EndArray().EndObject().EndArray();
  return arena->Copy(json.text());
}

}  // namespace ao::semconv
