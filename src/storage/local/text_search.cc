#include <algorithm>

#include "base/hash_map.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "storage/local/impl.h"

// Looks for a text in the texts of spans, the newest first, until the limit, the end or the time
// is reached. Every content address is read once: spans that share a text share its verdict.

namespace ao::storage {

using local::Table;

namespace {

constexpr int64_t kMaxMatches = 1000;
constexpr int64_t kPageSpans = 4096;
constexpr size_t kAround = 80;  // bytes of a snippet on each side of the match

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

// What surrounds text[at, at + size), cut between characters.
std::string Snippet(std::string_view text, size_t at, size_t size) {
  const auto inside = [&](size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  size_t begin = at > kAround ? at - kAround : 0;
  while (inside(begin)) ++begin;
  size_t end = std::min(text.size(), at + size + kAround);
  while (end > at + size && inside(end)) --end;
  return (begin > 0 ? "..." : "") + std::string(text.substr(begin, end - begin)) +
         (end < text.size() ? "..." : "");
}

class TextNeedle {
 public:
  explicit TextNeedle(std::string_view text) : plain_(Lower(text)) {
    std::string quoted;
    AppendJsonString(text, &quoted);
    escaped_ = Lower(std::string_view(quoted).substr(1, quoted.size() - 2));
  }
  // Inside a JSON text the needle may stand escaped.
  const std::string& escaped() const { return escaped_; }

  // The snippet of the first match; empty when there is none.
  std::string FindIn(std::string_view text) const {
    const std::string lower = Lower(text);
    for (const std::string* needle : {&plain_, &escaped_}) {
      const size_t at = lower.find(*needle);
      if (at != lower.npos) return Snippet(text, at, needle->size());
    }
    return {};
  }

 private:
  std::string plain_, escaped_;
};

struct RefColumn {
  const char* field;
  const char* column;
};
constexpr RefColumn kRefs[] = {{"input", "input_ref"},
                               {"output", "output_ref"},
                               {"tool_arguments", "tool_arguments_ref"},
                               {"tool_result", "tool_result_ref"}};

duck::Sql PageSql(const local::Snapshot& snapshot, const TextQuery& q, const TextNeedle& needle,
                  Nanos before, uint64_t before_span) {
  duck::Sql sql("SELECT * FROM (SELECT trace_id, span_id, start_ns, name, input_ref, output_ref, "
                "tool_arguments_ref, tool_result_ref, CASE WHEN contains(lower(attributes), ");
  sql.Bind(needle.escaped()).Add(") THEN attributes ELSE '' END AS inline FROM ");
  sql.Add(local::SourceSql(snapshot, Table::kSpans,
                           "trace_id, span_id, start_ns, name, input_ref, output_ref, "
                           "tool_arguments_ref, tool_result_ref, attributes",
                           {q.project, {q.range.since, before == 0 ? q.range.until : before + 1},
                            nullptr, nullptr}));
  if (before != 0) {
    sql.Add(" WHERE start_ns < ").Bind(before).Add(" OR span_id < ").Bind(before_span);
  }
  return sql.Add(" ORDER BY start_ns DESC, span_id DESC LIMIT " + std::to_string(kPageSpans) + ")");
}

}  // namespace

Result<TextPage> LocalStore::Impl::SearchText(const TextQuery& q) {
  AO_TRY(local::CheckProject(q.project));
  if (q.text.empty()) return InvalidArgument("cannot search texts: the text is empty");
  const Nanos deadline = clock_.Monotonic() + q.time_limit;
  const TextNeedle needle(q.text);
  const auto limit = static_cast<size_t>(std::clamp<int64_t>(q.limit, 1, kMaxMatches));
  AO_ASSIGN_OR_RETURN(auto view, View());
  TextPage page;
  HashMap<ContentAddress, std::string> verdicts;  // the snippet, or empty
  Nanos before = 0;
  uint64_t before_span = 0;
  for (;;) {
    AO_ASSIGN_OR_RETURN(auto rows, view->connection().Query(PageSql(view->snapshot(), q, needle,
                                                                    before, before_span)));
    int64_t seen = 0;
    for (;;) {
      AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) break;
      for (size_t r = 0; r < rows->size(); ++r, ++seen) {
        if (page.matches.size() >= limit || page.scanned_spans >= q.max_spans ||
            (page.scanned_spans % 64 == 63 && clock_.Monotonic() > deadline)) {
          return page;
        }
        ++page.scanned_spans;
        TextMatch match{rows->Trace(0, r), {rows->Uint(1, r)}, rows->Int(2, r),
                        std::string(rows->Text(3, r)), {}, {}};
        before = page.scanned_since = match.start;
        before_span = match.span_id.value;
        for (size_t i = 0; i < std::size(kRefs) && match.snippet.empty(); ++i) {
          const ContentAddress address = rows->Address(4 + i, r);
          if (address.empty()) continue;
          const auto [verdict, is_new] = verdicts.try_emplace(address);
          if (is_new) {
            const auto text = content_->Read(q.project, DayOf(match.start), address);
            // Gone since the view was taken (deletion, retention): no match.
            if (text.ok()) verdict->second = needle.FindIn(*text);
          }
          match.field = kRefs[i].field;
          match.snippet = verdict->second;
        }
        if (match.snippet.empty() && !rows->Text(8, r).empty()) {
          match.field = "attributes";
          match.snippet = needle.FindIn(rows->Text(8, r));
        }
        if (!match.snippet.empty()) page.matches.push_back(std::move(match));
      }
    }
    if (seen < kPageSpans) {
      page.complete = true;
      page.scanned_since = q.range.since;
      return page;
    }
  }
}

}  // namespace ao::storage
