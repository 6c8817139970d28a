#include "storage/local/schema.h"

#include "storage/local/row_cells.h"
#include "storage/local/run_rows.h"

namespace ao::storage::local {
namespace {

// What few spans have, in one column: dropped counts, times before they were clamped, trace state.
struct RareHeader {
  uint32_t dropped_attributes, dropped_events, dropped_links, flags;
  uint64_t raw_start, raw_end;
};

std::string_view PackRare(const SpanRow& row, Arena* arena) {
  const bool clamped = row.times_adjusted;
  if (row.dropped_attributes + row.dropped_events + row.dropped_links + row.flags == 0 &&
      !clamped && row.trace_state.empty()) {
    return {};
  }
  const RareHeader header{row.dropped_attributes,      row.dropped_events,
                          row.dropped_links,           row.flags,
                          clamped ? row.raw_start : 0, clamped ? row.raw_end : 0};
  const size_t size = sizeof(header) + row.trace_state.size();
  auto* bytes = static_cast<char*>(arena->Allocate(size));
  std::memcpy(bytes, &header, sizeof(header));
  if (!row.trace_state.empty()) {
    std::memcpy(bytes + sizeof(header), row.trace_state.data(), row.trace_state.size());
  }
  return {bytes, size};
}

void UnpackRare(std::string_view bytes, SpanRow* row) {
  RareHeader header;
  if (bytes.size() < sizeof(header)) return;
  std::memcpy(&header, bytes.data(), sizeof(header));
  row->dropped_attributes = header.dropped_attributes;
  row->dropped_events = header.dropped_events;
  row->dropped_links = header.dropped_links;
  row->flags = header.flags;
  row->raw_start = header.raw_start;
  row->raw_end = header.raw_end;
  row->trace_state = bytes.substr(sizeof(header));
}

const TableSpec kSpans{"spans",
                       {{"project", kText},
                        {"trace_id", kUuid},
                        {"span_id", kUint},
                        {"parent_span_id", kUint},
                        {"start_ns", kInt},
                        {"duration_ns", kInt},
                        {"name", kText},
                        {"kind", kByte},
                        {"status", kByte},
                        {"status_message", kText},
                        {"service", kText},
                        {"environment", kText},
                        {"service_version", kText},
                        {"op", kByte},
                        {"agent_name", kText},
                        {"agent_role", kText},
                        {"model_requested", kText},
                        {"model_answered", kText},
                        {"provider", kText},
                        {"response_id", kText},
                        {"tool_name", kText},
                        {"tool_call_id", kText},
                        {"finish_reason", kText},
                        {"session", kText},
                        {"user_id", kText},
                        {"query_type", kText},
                        {"outcome", kText},
                        {"prompt_name", kText},
                        {"prompt_version", kText},
                        {"error_type", kText},
                        {"input_tokens", kInt},
                        {"output_tokens", kInt},
                        {"total_tokens", kInt},
                        {"cache_read_tokens", kInt},
                        {"cache_write_tokens", kInt},
                        {"reasoning_tokens", kInt},
                        {"cost_usd", kReal},
                        {"cost_source", kByte, 2, "0"},
                        {"price", kText, 2, "''"},
                        {"time_to_first_token_ns", kInt},
                        {"retrieval_count", kInt},
                        {"retrieval_top_score", kReal},
                        {"fallback", kBool},
                        {"parse_error", kBool},
                        {"dialect", kByte, 2, "0"},
                        {"mapping_version", kByte, 2, "0"},
                        {"tokens_estimated", kBool, 2, "false"},
                        {"input_ref", kUuid},
                        {"output_ref", kUuid},
                        {"tool_arguments_ref", kUuid},
                        {"tool_result_ref", kUuid},
                        {"attributes", kText},
                        {"events", kText},
                        {"links", kText},
                        {"resource_ref", kUuid},
                        {"scope_ref", kUuid},
                        {"times_adjusted", kBool},
                        {"rare", kBlob},
                        {"content_refs", kBlob},
                        {"seq", kUint},
                        {"received_ns", kInt}},
                       "start_ns",
                       "project, trace_id, start_ns"};

const TableSpec kLogs{"logs",
                      {{"project", kText},
                       {"time_ns", kInt},
                       {"raw_time_ns", kUint},
                       {"observed_time_ns", kUint},
                       {"severity_number", kInt32},
                       {"severity_text", kText},
                       {"service", kText},
                       {"environment", kText},
                       {"event_name", kText},
                       {"body", kText},
                       {"attributes", kText},
                       {"dropped_attributes", kWord},
                       {"flags", kWord},
                       {"trace_id", kUuid},
                       {"span_id", kUint},
                       {"resource_ref", kUuid},
                       {"scope_ref", kUuid},
                       {"content_refs", kBlob},
                       {"seq", kUint},
                       {"ordinal", kWord}},
                      "time_ns",
                      "project, time_ns"};

const TableSpec kPoints{"points",
                        {{"project", kText},
                         {"series_id", kUint},
                         {"time_ns", kInt},
                         {"start_time_ns", kInt},
                         {"flags", kWord},
                         {"present", kByte},
                         {"value", kReal},
                         {"int_value", kInt},
                         {"count", kUint},
                         {"sum", kReal},
                         {"min", kReal},
                         {"max", kReal},
                         {"detail", kText},
                         {"seq", kUint}},
                        "time_ns",
                        "project, series_id, time_ns"};

const TableSpec kSeries{"series",
                        {{"project", kText},
                         {"series_id", kUint},
                         {"name", kText},
                         {"description", kText},
                         {"unit", kText},
                         {"type", kByte},
                         {"temporality", kByte},
                         {"is_monotonic", kBool},
                         {"service", kText},
                         {"environment", kText},
                         {"attributes", kText},
                         {"metadata", kText},
                         {"resource_ref", kUuid},
                         {"scope_ref", kUuid},
                         {"partition_ns", kInt},
                         {"content_refs", kBlob},
                         {"seq", kUint}},
                        "partition_ns",
                        "project, series_id"};

}  // namespace

const TableSpec& SpecOf(Table table) {
  switch (table) {
    case Table::kSpans: return kSpans;
    case Table::kLogs: return kLogs;
    case Table::kPoints: return kPoints;
    case Table::kSeries: return kSeries;
    case Table::kRuns: break;
  }
  return RunsSpec();
}

std::string CreateTableSql(Table table, const std::string& name) {
  std::string sql = "CREATE TABLE " + name + " (";
  for (const ColumnSpec& c : SpecOf(table).columns) {
    sql.append(c.name).append(" ").append(duck::TypeSql(c.type)).append(", ");
  }
  sql.resize(sql.size() - 2);
  return sql + ")";
}

const std::string& ColumnList(Table table) {
  static const std::vector<std::string> lists = [] {
    std::vector<std::string> result;
    for (const Table t : kTables) {
      std::string list;
      for (const ColumnSpec& c : SpecOf(t).columns) list.append(list.empty() ? "" : ", ") += c.name;
      result.push_back(std::move(list));
    }
    return result;
  }();
  return lists[static_cast<size_t>(table)];
}

std::vector<duck::Type> ColumnTypes(Table table) {
  std::vector<duck::Type> types;
  for (const ColumnSpec& c : SpecOf(table).columns) types.push_back(c.type);
  return types;
}

std::string OlderRowsSql(Table table, uint32_t schema, const std::string& source) {
  std::string added, changed;
  for (const ColumnSpec& c : SpecOf(table).columns) {
    const std::string type = "::" + duck::TypeSql(c.type) + " AS " + c.name;
    if (c.since > schema) {
      added.append(", ").append(c.older) += type;
    } else if (c.changed > schema) {
      changed.append(changed.empty() ? "" : ", ").append(c.before) += type;
    }
  }
  if (added.empty() && changed.empty()) return source;
  if (!changed.empty()) changed = " REPLACE (" + changed + ")";
  return "(SELECT *" + changed + added + " FROM " + source + ")";
}

Status WriteSpan(const SpanRow& row, const RowOrigin& origin, Arena* arena, duck::Appender* out) {
  const model::Canonical& k = row.canonical;
  RowWriter w(out, arena);
  w.Text(origin.project);
  w.Trace(row.trace_id);
  w.Value<uint64_t>(row.span_id.value);
  w.Value<uint64_t>(row.parent_span_id.value);
  w.Value<int64_t>(row.start);
  w.Value<int64_t>(row.duration);
  w.Text(row.name);
  w.Value<uint8_t>(static_cast<uint8_t>(row.kind));
  w.Value<uint8_t>(static_cast<uint8_t>(row.status));
  for (const std::string_view text :
       {row.status_message, row.service, row.environment, row.service_version}) {
    w.Text(text);
  }
  w.Value<uint8_t>(static_cast<uint8_t>(k.op));
  for (const std::string_view text :
       {k.agent_name, k.agent_role, k.model_requested, k.model_answered, k.provider, k.response_id,
        k.tool_name, k.tool_call_id, k.finish_reason, k.session, k.user, k.query_type, k.outcome,
        k.prompt_name, k.prompt_version, k.error_type}) {
    w.Text(text);
  }
  w.Optional(k.input_tokens);
  w.Optional(k.output_tokens);
  w.Optional(k.total_tokens);
  w.Optional(k.cache_read_tokens);
  w.Optional(k.cache_write_tokens);
  w.Optional(k.reasoning_tokens);
  w.Optional(k.cost_usd);
  w.Value<uint8_t>(static_cast<uint8_t>(k.cost_source));
  w.Text(k.price);
  w.Optional(k.time_to_first_token);
  w.Optional(k.retrieval_count);
  w.Optional(k.retrieval_top_score);
  w.Bool(k.fallback);
  w.Bool(k.parse_error);
  for (const auto byte : {static_cast<uint8_t>(k.dialect), k.mapping_version}) w.Value(byte);
  w.Bool(k.tokens_estimated);
  w.Address(row.input_ref);
  w.Address(row.output_ref);
  w.Address(row.tool_arguments_ref);
  w.Address(row.tool_result_ref);
  w.Json(row.attributes);
  w.Json(row.events);
  w.Json(row.links);
  w.Address(row.resource_ref);
  w.Address(row.scope_ref);
  w.Bool(row.times_adjusted);
  w.Blob(PackRare(row, arena));
  w.Refs(row.content_refs);
  w.Value<uint64_t>(origin.sequence);
  w.Value<int64_t>(origin.received);
  return w.End();
}

StoredSpan ReadSpan(const duck::Rows& rows, size_t r, Arena* arena) {
  StoredSpan stored;
  SpanRow& row = stored.row;
  model::Canonical& k = row.canonical;
  RowReader in(rows, r, arena);
  stored.project = in.Text();
  row.trace_id = in.Trace();
  row.span_id = {in.Uint()};
  row.parent_span_id = {in.Uint()};
  row.start = in.Int();
  row.duration = in.Int();
  row.name = in.Text();
  row.kind = static_cast<model::SpanKind>(in.Byte());
  row.status = static_cast<model::StatusCode>(in.Byte());
  for (std::string_view* text :
       {&row.status_message, &row.service, &row.environment, &row.service_version}) {
    *text = in.Text();
  }
  k.op = static_cast<model::Op>(in.Byte());
  for (std::string_view* text :
       {&k.agent_name, &k.agent_role, &k.model_requested, &k.model_answered, &k.provider,
        &k.response_id, &k.tool_name, &k.tool_call_id, &k.finish_reason, &k.session, &k.user,
        &k.query_type, &k.outcome, &k.prompt_name, &k.prompt_version, &k.error_type}) {
    *text = in.Text();
  }
  k.input_tokens = in.Optional<int64_t>();
  k.output_tokens = in.Optional<int64_t>();
  k.total_tokens = in.Optional<int64_t>();
  k.cache_read_tokens = in.Optional<int64_t>();
  k.cache_write_tokens = in.Optional<int64_t>();
  k.reasoning_tokens = in.Optional<int64_t>();
  k.cost_usd = in.Optional<double>();
  k.cost_source = static_cast<model::CostSource>(in.Byte());
  k.price = in.Text();
  k.time_to_first_token = in.Optional<int64_t>();
  k.retrieval_count = in.Optional<int64_t>();
  k.retrieval_top_score = in.Optional<double>();
  k.fallback = in.Bool();
  k.parse_error = in.Bool();
  k.dialect = model::DialectOf(in.Byte());
  k.mapping_version = in.Byte();
  k.tokens_estimated = in.Bool();
  row.input_ref = in.Address();
  row.output_ref = in.Address();
  row.tool_arguments_ref = in.Address();
  row.tool_result_ref = in.Address();
  row.attributes = in.Text();
  row.events = in.Text();
  row.links = in.Text();
  row.resource_ref = in.Address();
  row.scope_ref = in.Address();
  row.times_adjusted = in.Bool();
  UnpackRare(in.Text(), &row);
  row.content_refs = in.Refs();
  stored.sequence = in.Uint();
  stored.received = in.Int();
  return stored;
}

Status WriteLog(const LogRow& row, const RowOrigin& origin, uint32_t ordinal, Arena* arena,
                duck::Appender* out) {
  RowWriter w(out, arena);
  w.Text(origin.project);
  w.Value<int64_t>(row.time);
  w.Value<uint64_t>(row.raw_time);
  w.Value<uint64_t>(row.observed_time);
  w.Value<int32_t>(row.severity_number);
  w.Text(row.severity_text);
  w.Text(row.service);
  w.Text(row.environment);
  w.Text(row.event_name);
  w.Json(row.body);
  w.Json(row.attributes);
  w.Value<uint32_t>(row.dropped_attributes);
  w.Value<uint32_t>(row.flags);
  w.Trace(row.trace_id);
  w.Value<uint64_t>(row.span_id.value);
  w.Address(row.resource_ref);
  w.Address(row.scope_ref);
  w.Refs(row.content_refs);
  w.Value<uint64_t>(origin.sequence);
  w.Value<uint32_t>(ordinal);
  return w.End();
}

StoredLog ReadLog(const duck::Rows& rows, size_t r, Arena* arena) {
  StoredLog stored;
  LogRow& row = stored.row;
  RowReader in(rows, r, arena);
  in.Text();
  row.time = in.Int();
  row.raw_time = in.Uint();
  row.observed_time = in.Uint();
  row.severity_number = in.Int32();
  row.severity_text = in.Text();
  row.service = in.Text();
  row.environment = in.Text();
  row.event_name = in.Text();
  row.body = in.Text();
  row.attributes = in.Text();
  row.dropped_attributes = in.Word();
  row.flags = in.Word();
  row.trace_id = in.Trace();
  row.span_id = {in.Uint()};
  row.resource_ref = in.Address();
  row.scope_ref = in.Address();
  row.content_refs = in.Refs();
  stored.sequence = in.Uint();
  stored.ordinal = in.Word();
  return stored;
}

Status WritePoint(const PointRow& row, const RowOrigin& origin, duck::Appender* out) {
  RowWriter w(out, nullptr);
  w.Json(origin.project);
  w.Value<uint64_t>(row.series_id);
  w.Value<int64_t>(row.time);
  w.Value<int64_t>(row.start_time);
  w.Value<uint32_t>(row.flags);
  w.Value<uint8_t>(static_cast<uint8_t>((row.has_value ? 1 : 0) | (row.is_int ? 2 : 0) |
                                        (row.has_sum ? 4 : 0) | (row.has_min ? 8 : 0) |
                                        (row.has_max ? 16 : 0)));
  w.Value<double>(row.value);
  w.Value<int64_t>(row.int_value);
  w.Value<uint64_t>(row.count);
  w.Value<double>(row.sum);
  w.Value<double>(row.min);
  w.Value<double>(row.max);
  w.Json(row.detail);
  w.Value<uint64_t>(origin.sequence);
  return w.End();
}

PointRow ReadPoint(const duck::Rows& rows, size_t r, Arena* arena) {
  PointRow row;
  RowReader in(rows, r, arena);
  in.Text();
  row.series_id = in.Uint();
  row.time = in.Int();
  row.start_time = in.Int();
  row.flags = in.Word();
  const uint8_t present = in.Byte();
  row.has_value = present & 1;
  row.is_int = present & 2;
  row.has_sum = present & 4;
  row.has_min = present & 8;
  row.has_max = present & 16;
  row.value = in.Real();
  row.int_value = in.Int();
  row.count = in.Uint();
  row.sum = in.Real();
  row.min = in.Real();
  row.max = in.Real();
  row.detail = in.Text();
  return row;
}

Status WriteSeries(const SeriesRow& row, const RowOrigin& origin, Arena* arena,
                   duck::Appender* out) {
  RowWriter w(out, arena);
  w.Text(origin.project);
  w.Value<uint64_t>(row.series_id);
  w.Text(row.name);
  w.Text(row.description);
  w.Text(row.unit);
  w.Value<uint8_t>(static_cast<uint8_t>(row.type));
  w.Value<uint8_t>(static_cast<uint8_t>(row.temporality));
  w.Bool(row.is_monotonic);
  w.Text(row.service);
  w.Text(row.environment);
  w.Json(row.attributes);
  w.Json(row.metadata);
  w.Address(row.resource_ref);
  w.Address(row.scope_ref);
  w.Value<int64_t>(row.partition_time);
  w.Refs(row.content_refs);
  w.Value<uint64_t>(origin.sequence);
  return w.End();
}

SeriesRow ReadSeries(const duck::Rows& rows, size_t r, Arena* arena) {
  SeriesRow row;
  RowReader in(rows, r, arena);
  in.Text();
  row.series_id = in.Uint();
  row.name = in.Text();
  row.description = in.Text();
  row.unit = in.Text();
  row.type = static_cast<model::MetricType>(in.Byte());
  row.temporality = static_cast<model::Temporality>(in.Byte());
  row.is_monotonic = in.Bool();
  row.service = in.Text();
  row.environment = in.Text();
  row.attributes = in.Text();
  row.metadata = in.Text();
  row.resource_ref = in.Address();
  row.scope_ref = in.Address();
  row.partition_time = in.Int();
  row.content_refs = in.Refs();
  return row;
}

}  // namespace ao::storage::local
