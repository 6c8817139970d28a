#include "semconv/registry.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ao::semconv {
namespace {

using DialectId = model::Dialect;

constexpr const Dialect* kAll[] = {
    &kOtel,   &kOpenInference, &kTraceloop, &kVercel,    &kLangfuse, &kLangSmith,
    &kMlflow, &kPydantic,      &kAdk,       &kMicrosoft, &kCrewAi,   &kLangGraph,
    &kMcp,    &kClaudeCode,    &kCodex,     &kGeminiCli, &kPlain,    &kGeneral};

// Who adds to conventions of others comes before them.
constexpr DialectId kBySpecificity[] = {
    DialectId::kLangfuse, DialectId::kLangSmith,     DialectId::kMlflow,    DialectId::kPydantic,
    DialectId::kAdk,      DialectId::kMicrosoft,     DialectId::kCrewAi,    DialectId::kVercel,
    DialectId::kMcp,      DialectId::kOpenInference, DialectId::kTraceloop, DialectId::kLangGraph,
    DialectId::kOtel,     DialectId::kPlain,         DialectId::kGeneral};

// Keys without a namespace, and those that several emitters use, give no dialect away. The coding
// agents have only such keys and are known by their scope.
bool IsSignature(DialectId dialect, std::string_view key) {
  switch (dialect) {
    case DialectId::kClaudeCode:
    case DialectId::kCodex:
    case DialectId::kGeminiCli: return false;
    case DialectId::kOpenInference: return key != "tool.name" && key.find('.') != key.npos;
    case DialectId::kVercel: return key.starts_with("ai.");
    case DialectId::kTraceloop: return !key.starts_with("gen_ai.");
    case DialectId::kLangSmith: return key.starts_with("langsmith.");
    case DialectId::kPydantic:
      return key.starts_with("pydantic_ai.") || key.starts_with("logfire.");
    case DialectId::kMicrosoft: return key.starts_with("sk.");
    default: return key.find('.') != key.npos;
  }
}

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Sorted by first byte: where each byte's part begins and ends.
template <typename List, typename TextOf>
void IndexByFirst(const List& list, TextOf text_of,
                  std::array<std::pair<uint16_t, uint16_t>, 256>* ranges) {
  for (size_t i = 0; i < list.size(); ++i) {
    auto& [begin, end] = (*ranges)[static_cast<uint8_t>(text_of(list[i])[0])];
    if (end == 0) begin = static_cast<uint16_t>(i);
    end = static_cast<uint16_t>(i + 1);
  }
}

template <typename List, typename TextOf>
void SortByFirst(List* list, TextOf text_of) {
  std::stable_sort(list->begin(), list->end(), [&](const auto& a, const auto& b) {
    const std::string_view x = text_of(a), y = text_of(b);
    return x[0] != y[0] ? x[0] < y[0] : x.size() > y.size();
  });
}

}  // namespace

std::span<const Dialect* const> AllDialects() { return kAll; }

model::Dialect MostSpecific(DialectSet set) {
  for (const DialectId dialect : kBySpecificity) {
    if ((set & Only(dialect)) != 0) return dialect;
  }
  return DialectId::kNone;
}

const Registry& Registry::Get() {
  static const Registry registry;
  return registry;
}

Registry::Registry() {
  AddRows();
  AddPrefixes();
  for (const Dialect* dialect : kAll) {
    names_[static_cast<size_t>(dialect->id)] = dialect->names;
    for (const ScopeRow& row : dialect->scopes) scopes_.push_back({row, dialect->id});
  }
  const auto text_of = [](const Scope& scope) { return scope.row.prefix; };
  SortByFirst(&scopes_, text_of);
  IndexByFirst(scopes_, text_of, &scope_ranges_);
}

void Registry::AddRows() {
  std::vector<std::pair<Row, DialectId>> all;
  for (const Dialect* dialect : kAll) {
    for (const Row& row : dialect->rows) all.emplace_back(row, dialect->id);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first.key < b.first.key; });
  for (const auto& [row, dialect] : all) {
    rows_.push_back(row);
    dialects_.push_back(dialect);
  }
  assert(rows_.size() < kSlots / 2);
  for (size_t i = 0; i < rows_.size();) {
    size_t end = i;
    DialectSet shown = 0;
    const std::string_view key = rows_[i].key;
    for (; end < rows_.size() && rows_[end].key == key; ++end) {
      if (IsSignature(dialects_[end], key)) shown |= Only(dialects_[end]);
    }
    assert(!key.empty() && key.size() <= kMaxKey);
    lengths_[static_cast<uint8_t>(key[0])] |= 1ULL << key.size();
    size_t slot = Hash(key) % kSlots;
    while (slots_[slot].count != 0) slot = (slot + 1) % kSlots;
    slots_[slot] = {static_cast<uint16_t>(i), static_cast<uint16_t>(end - i), shown};
    i = end;
  }
}

void Registry::AddPrefixes() {
  for (const Dialect* dialect : kAll) {
    for (const PrefixRow& row : dialect->prefixes) {
      uint32_t head = 0;
      std::memcpy(&head, row.prefix.data(), std::min<size_t>(row.prefix.size(), sizeof head));
      const DialectSet shown = IsSignature(dialect->id, row.prefix) ? Only(dialect->id) : 0;
      prefixes_.push_back({row, head, shown});
    }
  }
  const auto text_of = [](const Prefix& prefix) { return prefix.row.prefix; };
  SortByFirst(&prefixes_, text_of);
  IndexByFirst(prefixes_, text_of, &prefix_ranges_);
}

const Registry::Scope* Registry::FindScope(std::string_view name) const {
  if (name.empty()) return nullptr;
  const auto [begin, end] = scope_ranges_[static_cast<uint8_t>(name[0])];
  for (size_t i = begin; i < end; ++i) {
    const std::string_view prefix = scopes_[i].row.prefix;
    if (!name.starts_with(prefix)) continue;
    if (name.size() == prefix.size() || !IsAlphanumeric(prefix.back()) ||
        (!IsAlphanumeric(name[prefix.size()]))) {
      return &scopes_[i];
    }
  }
  return nullptr;
}

model::Op Registry::OpOfName(model::Dialect dialect, std::string_view name) const {
  for (const NameRow& row : names_[static_cast<size_t>(dialect)]) {
    const char last = row.name.back();
    const bool is_prefix = last == '.' || last == '[' || last == ' ';
    if (is_prefix ? name.starts_with(row.name) : name == row.name) return row.op;
  }
  return model::Op::kOther;
}

}  // namespace ao::semconv
