#include "storage/encode/span_json.h"
#include "storage/local/impl.h"

// Traces by id: their outline, and their spans as they were sent.

namespace ao::storage {

using local::Table;

ContentReader LocalStore::Impl::ReaderOf(const std::string& project, Nanos time) {
  return [this, project, day = DayOf(time)](ContentAddress address) {
    return content_->Read(project, day, address);
  };
}

Result<std::vector<local::StoredSpan>> LocalStore::Impl::LoadSpans(const std::string& project,
                                                                   const TraceId& trace_id,
                                                                   std::optional<SpanId> span,
                                                                   Arena* arena) {
  AO_TRY(CheckProject(project));
  AO_ASSIGN_OR_RETURN(auto view, View());
  const local::Scope scope{project, {}, &trace_id, nullptr};
  std::string sql = "SELECT * FROM " + local::SourceSql(view->snapshot(), Table::kSpans,
                                                        local::ColumnList(Table::kSpans), scope);
  if (span) sql += " WHERE span_id = " + std::to_string(span->value) + "::UBIGINT";
  sql += " ORDER BY start_ns, span_id";
  std::vector<local::StoredSpan> spans;
  AO_TRY(view->connection().ForEachRow(sql, [&](const duck::Rows& rows, size_t r) {
    spans.push_back(local::ReadSpan(rows, r, arena));
  }));
  return spans;
}

Result<std::vector<local::StoredSpan>> LocalStore::Impl::LoadSpansOf(
    const std::string& project, const std::vector<TraceId>& traces, Arena* arena) {
  std::vector<local::StoredSpan> spans;
  constexpr size_t kFewTraces = 16;  // each finds its row groups; many are one pass over the files
  if (traces.size() <= kFewTraces) {
    for (const TraceId& id : traces) {
      AO_ASSIGN_OR_RETURN(auto some, LoadSpans(project, id, std::nullopt, arena));
      std::move(some.begin(), some.end(), std::back_inserter(spans));
    }
    return spans;
  }
  AO_ASSIGN_OR_RETURN(auto view, View());
  const local::Scope scope{project, {}, nullptr, &traces};
  AO_TRY(view->connection().ForEachRow(
      "SELECT * FROM " +
          local::SourceSql(view->snapshot(), Table::kSpans, local::ColumnList(Table::kSpans),
                           scope) +
          " ORDER BY start_ns, span_id",
      [&](const duck::Rows& rows, size_t r) { spans.push_back(local::ReadSpan(rows, r, arena)); }));
  return spans;
}

Result<model::Batch> LocalStore::Impl::ReadSpans(const std::string& project, const TraceId& id,
                                                 std::optional<SpanId> span) {
  // Content may move between files while it is read (deletion, retention); the second look sees
  // the rows and the content of one state again.
  auto batch = ReadSpansOnce(project, id, span);
  if (!batch.ok() && batch.status().code() == StatusCode::kCorruption) {
    batch = ReadSpansOnce(project, id, span);
  }
  return batch;
}

Result<model::Batch> LocalStore::Impl::ReadSpansOnce(const std::string& project, const TraceId& id,
                                                     std::optional<SpanId> span) {
  model::Batch batch;
  AO_ASSIGN_OR_RETURN(const auto stored, LoadSpans(project, id, span, &batch.arena));
  if (stored.empty()) {
    return NotFound(
        (span ? "cannot find span " + span->ToHex() + " of trace " : "cannot find trace ") +
        id.ToHex() + " in project '" + project + "'");
  }
  local::BatchBuilder builder(&batch, [&](Nanos time) { return ReaderOf(project, time); });
  for (const local::StoredSpan& s : stored) AO_TRY(builder.Add(s.row));
  builder.Finish();
  return batch;
}

Result<TraceSkeleton> LocalStore::Impl::GetTrace(const std::string& project, const TraceId& id) {
  AO_TRY(CheckProject(project));
  AO_ASSIGN_OR_RETURN(auto view, View());
  const local::Scope scope{project, {}, &id, nullptr};
  const std::string columns =
      "span_id, parent_span_id, start_ns, duration_ns, name, kind, status, status_message, "
      "error_type, op, service, agent_name, model_answered, model_requested, provider, tool_name, "
      "session, user_id, finish_reason, input_tokens, output_tokens, total_tokens, "
      "cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, "
      "time_to_first_token_ns, times_adjusted, cost_source, price";
  AO_ASSIGN_OR_RETURN(
      auto rows,
      view->connection().Query("SELECT * FROM " +
                               local::SourceSql(view->snapshot(), Table::kSpans, columns, scope) +
                               " ORDER BY start_ns, span_id"));
  TraceSkeleton trace;
  trace.trace_id = id;
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) break;
    const duck::Rows& in = *rows;
    const auto optional_int = [&](size_t c, size_t r) {
      return in.IsNull(c, r) ? std::nullopt : std::optional<int64_t>(in.Int(c, r));
    };
    for (size_t r = 0; r < in.size(); ++r) {
      SpanSummary s;
      s.span_id = {in.Uint(0, r)};
      s.parent_span_id = {in.Uint(1, r)};
      s.start = in.Int(2, r);
      s.duration = in.Int(3, r);
      s.name = std::string(in.Text(4, r));
      s.kind = static_cast<model::SpanKind>(in.Get<uint8_t>(5, r));
      s.status = static_cast<model::StatusCode>(in.Get<uint8_t>(6, r));
      s.status_message = std::string(in.Text(7, r));
      s.error_type = std::string(in.Text(8, r));
      s.op = static_cast<model::Op>(in.Get<uint8_t>(9, r));
      s.service = std::string(in.Text(10, r));
      s.agent_name = std::string(in.Text(11, r));
      s.model = std::string(in.Text(in.Text(12, r).empty() ? 13 : 12, r));
      s.provider = std::string(in.Text(14, r));
      s.tool_name = std::string(in.Text(15, r));
      s.session = std::string(in.Text(16, r));
      s.user = std::string(in.Text(17, r));
      s.finish_reason = std::string(in.Text(18, r));
      s.input_tokens = optional_int(19, r);
      s.output_tokens = optional_int(20, r);
      s.total_tokens = optional_int(21, r);
      s.cache_read_tokens = optional_int(22, r);
      s.cache_write_tokens = optional_int(23, r);
      s.reasoning_tokens = optional_int(24, r);
      if (!in.IsNull(25, r)) s.cost_usd = in.Double(25, r);
      s.time_to_first_token = optional_int(26, r);
      s.times_adjusted = in.Bool(27, r);
      s.cost_source = static_cast<model::CostSource>(in.Get<uint8_t>(28, r));
      s.price = std::string(in.Text(29, r));
      trace.spans.push_back(std::move(s));
    }
  }
  if (trace.spans.empty()) {
    return NotFound("cannot find trace " + id.ToHex() + " in project '" + project + "'");
  }
  return trace;
}

}  // namespace ao::storage
