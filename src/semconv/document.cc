#include "semconv/document.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "semconv/canonicalize.h"
#include "semconv/registry.h"

namespace ao::semconv {
namespace {

constexpr std::string_view kHead = R"(# Dialects

<!-- Generated from the mapping tables by `observatory help --dialects`; do not edit. -->

Whatever instrumented an agent, its spans get the same canonical columns. For each field the row
with the lowest rank that has a usable value wins; ranks are shared by all dialects. Attributes stay
as they were sent. `GET /api/v1/traces/{trace_id}/spans/{span_id}?explain=1` and
`observatory run show ID --explain` say for one span which row filled each field, and name
attributes of agents that no table knows; `observatory reindex` maps stored spans again after an
upgrade.

)";

constexpr std::string_view kRules = R"(
## Rules beside the tables

- The dialect of a span is that of its scope, else the most specific one that its keys give away.
- An explicit kind goes before the span's name, the name before what the span carries. A chain at
  the root is a workflow.
- `input_tokens` include cached tokens. Where an emitter leaves them out (known by scope, or by more
  cached tokens than input) they are added.
- An LLM call without any usage that did not fail gets an estimate, 4 bytes of its texts a token,
  and `tokens_estimated` is true.
- Fetching a stored answer (`fetch_response`) uses no tokens.
- Time to first token is a duration, from seconds, milliseconds or a point in time.
- Claude Code, Codex CLI and Gemini CLI send log events: those of turns, model requests and tool
  results become spans as well, which say so in `observatory.derived_from`. The log records stay.
- Gemini CLI can send spans, too, in traces of their own. They tell of calls that its events tell of
  with their usage, so they are steps, and the events count. Send both.
- Messages of conventions up to 1.36 are read from span events and from log records of the span.
)";

std::string_view ConversionName(Convert convert) {
  switch (convert) {
    case Convert::kText: return "text";
    case Convert::kJson: return "text or JSON";
    case Convert::kFirst: return "first of a list";
    case Convert::kInteger: return "integer";
    case Convert::kNumber: return "number";
    case Convert::kSeconds: return "seconds";
    case Convert::kMillis: return "milliseconds";
    case Convert::kIsoTime: return "point in time";
    case Convert::kFlag: return "flag";
    case Convert::kOp: return "operation";
    case Convert::kDocuments: return "documents; also the top score";
    case Convert::kBilling: return "JSON that may say it, up to three levels down";
    case Convert::kUsage: return "JSON of disjoint counts; all token fields";
    case Convert::kUsageSum: return "JSON of counts, input whole; all token fields";
    case Convert::kCost: return "cost, or JSON of costs";
    case Convert::kQuoted: return "text, maybe quoted";
    case Convert::kPresent: return "operation, by being there";
  }
  return "";
}

// The fields that one row can fill.
bool Fills(const Row& row, Field field) {
  if (row.field == field) return true;
  const bool is_usage = row.convert == Convert::kUsage || row.convert == Convert::kUsageSum;
  if (is_usage) {
    return (field >= Field::kInputTokens && field <= Field::kCacheWrite1h) ||
           (field == Field::kServiceTier && row.convert == Convert::kUsageSum);
  }
  if (row.convert == Convert::kBilling) return field == Field::kCacheWrite1h;
  return row.convert == Convert::kDocuments && field == Field::kRetrievalTopScore;
}

bool Fills(const PrefixRow& row, Field field) {
  switch (row.kind) {
    case ListKind::kInput: return field == Field::kInputMessages || field == Field::kInputText;
    case ListKind::kOutput: return field == Field::kOutputMessages || field == Field::kOutputText;
    case ListKind::kDocuments:
      return field == Field::kRetrievalCount || field == Field::kRetrievalTopScore;
    case ListKind::kIgnored: return false;
  }
  return false;
}

size_t RowsOf(const Dialect& dialect, Field field) {
  size_t count = 0;
  for (const Row& row : dialect.rows) count += Fills(row, field);
  for (const PrefixRow& row : dialect.prefixes) count += Fills(row, field);
  if (field == Field::kOp) count += dialect.names.size();
  return count;
}

std::string Code(std::string_view text) { return "`" + std::string(text) + "`"; }

// How many rows of each dialect can fill each field.
void AppendMatrix(std::string* out) {
  out->append("## Who fills what\n\nHow many rows of a dialect can fill a field.\n\n| field |");
  for (const Dialect* dialect : AllDialects()) {
    out->append(" ").append(model::DialectName(dialect->id)).append(" |");
  }
  out->append("\n|---|");
  for (size_t i = 0; i < AllDialects().size(); ++i) out->append("---|");
  out->append("\n");
  for (size_t i = 0; i < kFieldCount; ++i) {
    out->append("| ").append(Code(kFieldNames[i])).append(" |");
    for (const Dialect* dialect : AllDialects()) {
      const size_t rows = RowsOf(*dialect, static_cast<Field>(i));
      out->append(rows == 0 ? "  |" : " " + std::to_string(rows) + " |");
    }
    out->append("\n");
  }
}

void AppendOps(const Row& row, std::string* out) {
  std::string list;
  for (const OpValue& value : row.ops) {
    list.append(list.empty() ? "" : ", ");
    if (!value.value.empty()) list.append(Code(value.value)).append(" ");
    list.append(model::OpName(value.op));
  }
  if (!list.empty()) out->append(": ").append(list);
}

void AppendDialect(const Dialect& dialect, std::string* out) {
  out->append("\n### ").append(model::DialectName(dialect.id)).append("\n\n");
  std::string scopes;
  for (const ScopeRow& row : dialect.scopes) {
    scopes.append(scopes.empty() ? "" : ", ").append(Code(row.prefix));
    if (row.exclusive_input) scopes.append(" (input without cached tokens)");
    if (row.events_count) scopes.append(" (its events count, not its spans)");
  }
  if (!scopes.empty()) out->append("Scopes: ").append(scopes).append(".\n\n");
  out->append("| field | attribute | rank | value |\n|---|---|---|---|\n");
  std::vector<const Row*> rows;
  for (const Row& row : dialect.rows) {
    if (row.field != Field::kIgnored) rows.push_back(&row);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) {
    return a->field != b->field ? a->field < b->field : a->rank < b->rank;
  });
  for (const Row* row : rows) {
    out->append("| ").append(Code(kFieldNames[static_cast<size_t>(row->field)]));
    out->append(" | ").append(Code(row->key)).append(" | ").append(std::to_string(row->rank));
    out->append(" | ").append(ConversionName(row->convert));
    AppendOps(*row, out);
    out->append(" |\n");
  }
  for (const PrefixRow& row : dialect.prefixes) {
    if (row.kind == ListKind::kIgnored) continue;
    constexpr std::string_view kLists[] = {"input_messages", "output_messages", "retrieval_count"};
    out->append("| ").append(Code(kLists[static_cast<size_t>(row.kind)])).append(" | ");
    out->append(Code(std::string(row.prefix) + "<n>.*")).append(" | ");
    out->append(std::to_string(row.rank)).append(" | one attribute an element part |\n");
  }
  std::string names;
  for (const NameRow& row : dialect.names) {
    const bool is_prefix =
        row.name.back() == '.' || row.name.back() == '[' || row.name.back() == ' ';
    names.append(names.empty() ? "" : ", ");
    names.append(Code(std::string(row.name) + (is_prefix ? "*" : ""))).append(" ");
    names.append(model::OpName(row.op));
  }
  if (!names.empty()) out->append("\nSpan names: ").append(names).append(".\n");
}

}  // namespace

std::string RenderDialectsMarkdown() {
  std::string out(kHead);
  out.append("Mapping version ").append(std::to_string(kMappingVersion)).append(".\n\n");
  AppendMatrix(&out);
  out.append(kRules);
  out.append("\n## Tables\n");
  for (const Dialect* dialect : AllDialects()) AppendDialect(*dialect, &out);
  return out;
}

}  // namespace ao::semconv
