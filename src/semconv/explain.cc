#include "semconv/explain.h"

#include <algorithm>
#include <map>

#include "base/utf8.h"
#include "semconv/fill.h"

namespace ao::semconv {
namespace {

constexpr size_t kValueLength = 120;

std::string Beginning(const model::Span& span, std::string_view attribute) {
  const model::Value* value = model::Find(span.attributes, attribute);
  if (value == nullptr) return {};
  std::string text;
  if (value->is_string()) {
    text = value->as_string();
  } else {
    AppendPlainJson(*value, &text);
  }
  const std::string_view kept = Utf8Prefix(text, kValueLength);
  return kept.size() == text.size() ? text : std::string(kept) + "\xE2\x80\xA6";
}

// Notes everything that the mapping looks at.
struct Recorder {
  static constexpr bool kWantsUnmapped = true;
  struct Seen {
    Field field;
    model::Dialect dialect;
    std::string attribute;
    uint8_t rank;
    bool claimed = false;
  };

  void Attribute(std::string_view key) {
    attribute = key;
    row_dialect = model::Dialect::kNone;
  }
  void Candidate(const Row& row, model::Dialect dialect, std::string_view key) {
    attribute = key;
    row_dialect = dialect;
    if (row.field == Field::kIgnored) return;
    seen.push_back({row.field, dialect, std::string(key), row.rank});
  }
  void Claimed(Field field, uint8_t rank) {
    if (!seen.empty() && seen.back().field == field && seen.back().attribute == attribute &&
        seen.back().rank == rank) {
      seen.back().claimed = true;
    } else {  // one attribute filled several fields, or an event did
      seen.push_back({field, row_dialect, attribute, rank, true});
    }
  }
  void Unmapped(std::string_view key) {
    if (IsUnmapped(key)) unmapped.emplace_back(key);
  }
  void Inferred(std::string_view field, std::string_view how) {
    inferred[std::string(field)] = how;
  }

  std::string attribute;
  model::Dialect row_dialect = model::Dialect::kNone;
  std::vector<Seen> seen;
  std::vector<std::string> unmapped;
  std::map<std::string, std::string> inferred;
};

// The winner is the last of the lowest rank that had a usable value.
std::vector<Candidate> CandidatesOf(const Recorder& recorder, Field field,
                                    const model::Span& span) {
  std::vector<Candidate> candidates;
  const Recorder::Seen* winner = nullptr;
  for (const Recorder::Seen& seen : recorder.seen) {
    if (seen.field == field && seen.claimed && (winner == nullptr || seen.rank <= winner->rank)) {
      winner = &seen;
    }
  }
  for (const Recorder::Seen& seen : recorder.seen) {
    if (seen.field != field) continue;
    const bool tried = winner == nullptr || seen.rank <= winner->rank;
    candidates.push_back({model::DialectName(seen.dialect), seen.attribute, seen.rank,
                          Beginning(span, seen.attribute),
                          &seen == winner          ? "used"
                          : seen.claimed || !tried ? "outranked"
                                                   : "unusable"});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
  return candidates;
}

}  // namespace

Explanation Explain(const model::Resource&, const model::Scope& scope, const model::Span& span) {
  Recorder recorder;
  Arena arena;
  model::Canonical canonical;
  Filler<Recorder>(scope, span, &arena, recorder, &canonical).Run();
  Explanation explanation;
  explanation.dialect = canonical.dialect;
  explanation.mapping_version = canonical.mapping_version;
  explanation.unmapped = std::move(recorder.unmapped);
  for (size_t i = 0; i < kFieldCount; ++i) {
    FieldExplanation field{kFieldNames[i], CandidatesOf(recorder, static_cast<Field>(i), span), {}};
    if (const auto how = recorder.inferred.find(std::string(kFieldNames[i]));
        how != recorder.inferred.end()) {
      field.inferred = how->second;
    }
    if (!field.candidates.empty() || !field.inferred.empty()) {
      explanation.fields.push_back(std::move(field));
    }
  }
  return explanation;
}

}  // namespace ao::semconv
