#include <algorithm>

#include "base/arena.h"
#include "base/hash_map.h"
#include "storage/local/impl.h"
#include "storage/local/inline_text.h"

// Looks for a text in the texts of spans, the newest first, until the limit, the end or the time
// is reached. Spans are read in slices of time that grow, each one scan; long texts are decided by
// the content store (storage/content/text_finder.cc), short ones where they stand in the span's
// attributes.

namespace ao::storage {

using local::Table;

namespace {

constexpr int64_t kMaxMatches = 1000;
// Spans of the first slice, and of the largest; by what the manifest says about files.
constexpr uint64_t kFirstSlice = 8192, kLargestSlice = 1 << 19;
constexpr Day kDaysAsked = 32;      // longer slices read references without asking day by day
constexpr size_t kFewMatches = 64;  // sure matches that are kept beyond what a page needs

constexpr const char* kFields[] = {"input", "output", "tool_arguments", "tool_result"};
constexpr size_t kRefs = std::size(kFields);

// A span that may match.
struct Candidate {
  TraceId trace_id;
  SpanId span_id;
  Nanos start = 0;
  std::string_view name;
  std::array<ContentAddress, kRefs> refs;
  const char* inline_field = nullptr;  // "attributes" or "events", when a short text matches
  std::string_view snippet;            // of that match
};

class Search {
 public:
  Search(const TextQuery& query, const Clock& clock, ContentStore& content, local::ReadView& view)
      : query_(query),
        clock_(clock),
        content_(content),
        view_(view),
        pattern_(query.text),
        finder_(content.FindTexts(query.project, pattern_)),
        limit_(static_cast<size_t>(std::clamp<int64_t>(query.limit, 1, kMaxMatches))),
        deadline_(clock.Monotonic() + query.time_limit) {}

  Result<TextPage> Run() {
    AO_TRY(FindExtents());
    Nanos since = query_.range.since, until = query_.range.until;
    if (!extents_.empty()) {
      const auto oldest = [](const Extent& a, const Extent& b) { return a.first < b.first; };
      const auto newest = [](const Extent& a, const Extent& b) { return a.last < b.last; };
      since = std::max(since, std::min_element(extents_.begin(), extents_.end(), oldest)->first);
      const Nanos end = std::max_element(extents_.begin(), extents_.end(), newest)->last + 1;
      until = until == 0 ? end : std::min(until, end);
    } else {
      until = since;
    }
    uint64_t wanted = kFirstSlice;
    while (since < until && !IsFull()) {
      const Nanos from = SliceBefore(until, since, wanted);
      AO_ASSIGN_OR_RETURN(const bool read, ReadSlice({from, until}));
      if (!read) return page_;
      AO_ASSIGN_OR_RETURN(const bool go_on, DecideSlice());
      if (!go_on) return page_;
      page_.scanned_since = until = from;
      is_first_slice_ = false;
      if (since < until && IsLate()) return page_;
      wanted = std::min(wanted * 4, kLargestSlice);
    }
    page_.complete = since >= until;
    if (page_.complete) page_.scanned_since = query_.range.since;
    return page_;
  }

 private:
  bool IsFull() const { return page_.matches.size() >= limit_; }
  bool IsLate() const { return clock_.Monotonic() > deadline_; }

  // What the sources of spans cover.
  Status FindExtents() {
    for (const auto& file : view_.snapshot().files) {
      const local::SegmentFile& f = file->meta;
      if (f.table == Table::kSpans) AddExtent(f.min_time, f.max_time, f.rows);
    }
    for (const auto& hot : view_.snapshot().hot) {
      AO_ASSIGN_OR_RETURN(auto rows, view_.connection().Query(
                                         "SELECT min(start_ns), max(start_ns), count(*) FROM " +
                                         hot->NameOf(Table::kSpans)));
      AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more || rows->Int(2, 0) == 0) continue;
      AddExtent(rows->Int(0, 0), rows->Int(1, 0), static_cast<uint64_t>(rows->Int(2, 0)));
    }
    return OkStatus();
  }
  // Behind the last one there is still a time.
  void AddExtent(Nanos first, Nanos last, uint64_t spans) {
    extents_.push_back({first, std::min(last, INT64_MAX - 1), spans});
  }

  // Where a slice of about `wanted` spans before `until` begins; each source's spans are taken to
  // be spread evenly.
  Nanos SliceBefore(Nanos until, Nanos since, uint64_t wanted) const {
    const auto spans_from = [&](Nanos from) {
      double spans = 0;
      for (const Extent& e : extents_) {
        const Nanos first = std::max(from, e.first), last = std::min(until - 1, e.last);
        if (first > last) continue;
        spans += static_cast<double>(e.spans) * static_cast<double>(last - first + 1) /
                 (static_cast<double>(e.last - e.first) + 1);
      }
      return spans;
    };
    const Nanos whole = until - since;
    const auto enough = static_cast<double>(wanted);
    if (spans_from(since) <= enough) return since;
    Nanos length = std::min(whole, kMinute);
    while (length <= whole / 2 && spans_from(until - 2 * length) < enough) length *= 2;
    while (length > kMillisecond && spans_from(until - length) > enough) length /= 2;
    return until - length;
  }

  duck::Sql SliceSql(TimeRange range, bool with_refs) const {
    if (range.until == INT64_MAX) range.until = 0;  // no time is behind the last one
    const std::string_view columns =
        with_refs ? "trace_id, span_id, start_ns, name, attributes, events, input_ref, "
                    "output_ref, tool_arguments_ref, tool_result_ref"
                  : "trace_id, span_id, start_ns, name, attributes, events";
    return duck::Sql("SELECT * FROM " +
                     local::SourceSql(view_.snapshot(), Table::kSpans, columns,
                                      {query_.project, range, nullptr, nullptr}));
  }

  // Collects the spans of the slice that may match. False when the time is over.
  Result<bool> ReadSlice(TimeRange range) {
    candidates_.clear();
    inline_matches_ = 0;
    prune_at_ = 2 * limit_ + kFewMatches;
    is_pruned_ = false;
    starts_.clear();
    arena_ = Arena();
    const Day first = DayOf(range.since), last = DayOf(range.until - 1);
    bool with_refs = last - first > kDaysAsked;
    for (Day day = last; day >= first && !with_refs; --day) {
      AO_ASSIGN_OR_RETURN(with_refs, finder_->MayMatch(day));
    }
    AO_ASSIGN_OR_RETURN(auto rows, view_.connection().Query(SliceSql(range, with_refs)));
    for (;;) {
      AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) break;
      if (!is_first_slice_ && IsLate()) return false;
      for (size_t r = 0; r < rows->size(); ++r) {
        starts_.push_back(rows->Int(2, r));
        AO_TRY(AddCandidate(*rows, r, with_refs));
      }
    }
    std::sort(candidates_.begin(), candidates_.end(), IsNewer);
    return true;
  }

  static bool IsNewer(const Candidate& a, const Candidate& b) {
    return a.start != b.start ? a.start > b.start : a.span_id.value > b.span_id.value;
  }

  // Drops the candidates behind which the limit is reached, counting those that surely match.
  void DropUnreachable() {
    std::sort(candidates_.begin(), candidates_.end(), IsNewer);
    size_t sure = 0;
    const auto last = std::find_if(candidates_.begin(), candidates_.end(), [&](const Candidate& c) {
      return c.inline_field != nullptr && ++sure == limit_;
    });
    const auto end = std::find_if(last, candidates_.end(),
                                  [&](const Candidate& c) { return c.start != last->start; });
    is_pruned_ = is_pruned_ || end != candidates_.end();
    candidates_.erase(end, candidates_.end());
    inline_matches_ = std::count_if(candidates_.begin(), candidates_.end(),
                                    [](const Candidate& c) { return c.inline_field != nullptr; });
    prune_at_ = 2 * inline_matches_ + kFewMatches;
  }

  Status AddCandidate(const duck::Rows& rows, size_t r, bool with_refs) {
    const Nanos start = rows.Int(2, r);
    Candidate c;
    auto snippet = local::FindInAttributes(pattern_, rows.Text(4, r));
    if (snippet) c.inline_field = "attributes";
    if (!snippet && (snippet = local::FindInEvents(pattern_, rows.Text(5, r)))) {
      c.inline_field = "events";
    }
    bool has_refs = false;
    if (with_refs) {
      AO_ASSIGN_OR_RETURN(const bool may, finder_->MayMatch(DayOf(start)));
      for (size_t i = 0; i < kRefs && may; ++i) {
        c.refs[i] = rows.Address(6 + i, r);
        has_refs = has_refs || !c.refs[i].empty();
      }
    }
    if (!snippet && !has_refs) return OkStatus();
    c.trace_id = rows.Trace(0, r);
    c.span_id = {rows.Uint(1, r)};
    c.start = start;
    c.name = arena_.Copy(rows.Text(3, r));
    if (snippet) c.snippet = arena_.Copy(*snippet);
    candidates_.push_back(c);
    if (snippet && ++inline_matches_ > prune_at_) DropUnreachable();
    return OkStatus();
  }

  // Decides the candidates, newest first. False when it stopped before the end: behind all spans of
  // an instant, so that a reader who goes on from there meets none twice and misses none.
  Result<bool> DecideSlice() {
    for (size_t i = 0; i < candidates_.size(); ++i) {
      const bool next_instant = i > 0 && candidates_[i].start != candidates_[i - 1].start;
      if (next_instant && (IsFull() || IsLate())) return StopBehind(candidates_[i - 1].start);
      AO_TRY(Decide(candidates_[i]));
    }
    if (is_pruned_) return StopBehind(candidates_.back().start);
    page_.scanned_spans += static_cast<int64_t>(starts_.size());
    return true;
  }

  bool StopBehind(Nanos instant) {
    page_.scanned_since = instant;
    page_.scanned_spans += std::count_if(starts_.begin(), starts_.end(),
                                         [&](Nanos start) { return start >= instant; });
    return false;
  }

  Status Decide(const Candidate& c) {
    for (size_t i = 0; i < kRefs; ++i) {
      if (c.refs[i].empty()) continue;
      AO_ASSIGN_OR_RETURN(const bool matches, finder_->Matches(DayOf(c.start), c.refs[i]));
      if (!matches) continue;
      const auto text = content_.Read(query_.project, DayOf(c.start), c.refs[i]);
      // Gone since it was found (deletion, retention): no match.
      if (!text.ok() && text.status().code() == StatusCode::kNotFound) continue;
      AO_TRY(text.status());
      if (const auto match = pattern_.Find(*text)) {
        AddMatch(c, kFields[i], local::Snippet(*text, *match));
        return OkStatus();
      }
    }
    if (c.inline_field != nullptr) AddMatch(c, c.inline_field, std::string(c.snippet));
    return OkStatus();
  }

  void AddMatch(const Candidate& c, const char* field, std::string snippet) {
    page_.matches.push_back(
        {c.trace_id, c.span_id, c.start, std::string(c.name), field, std::move(snippet)});
  }

  struct Extent {  // of a file or a table of recent spans
    Nanos first = 0, last = 0;
    uint64_t spans = 0;
  };

  const TextQuery& query_;
  const Clock& clock_;
  ContentStore& content_;
  local::ReadView& view_;
  const TextPattern pattern_;
  const std::unique_ptr<TextFinder> finder_;
  const size_t limit_;
  const Nanos deadline_;
  std::vector<Extent> extents_;
  TextPage page_;
  bool is_first_slice_ = true;  // which is read in any case, so that every page gets further

  // Of the slice.
  Arena arena_;
  std::vector<Candidate> candidates_;
  size_t inline_matches_ = 0;  // of the candidates
  size_t prune_at_ = 0;        // that many
  bool is_pruned_ = false;     // older ones were dropped
  std::vector<Nanos> starts_;  // of all spans
};

}  // namespace

Result<TextPage> LocalStore::Impl::SearchText(const TextQuery& q) {
  AO_TRY(CheckProject(q.project));
  if (TextPattern(q.text).empty()) {
    return InvalidArgument("cannot search texts: the text is empty", "give words to look for");
  }
  AO_ASSIGN_OR_RETURN(auto view, View());
  return Search(q, clock_, *content_, *view).Run();
}

}  // namespace ao::storage
