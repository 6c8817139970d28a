#include "storage/local/run_rows.h"

#include <algorithm>
#include <iterator>

#include "storage/local/row_cells.h"

namespace ao::storage::local {
namespace {

// The fields of a list, and the functions that write and read one item of it, in this order.
constexpr duck::Field kUsageFields[] = {{"agent", kText},
                                        {"service", kText},
                                        {"provider", kText},
                                        {"model", kText},
                                        {"tool", kText},
                                        {"calls", kInt},
                                        {"input_tokens", kInt},
                                        {"output_tokens", kInt},
                                        {"total_tokens", kInt},
                                        {"cache_read_tokens", kInt},
                                        {"cache_write_tokens", kInt},
                                        {"reasoning_tokens", kInt},
                                        {"estimated_tokens", kInt},
                                        {"cost_usd", kReal},
                                        {"cost_source", kText}};
constexpr duck::Field kEdgeFields[] = {{"from", kText},    {"to", kText},   {"evidence", kText},
                                       {"handoff", kBool}, {"calls", kInt}, {"errors", kInt}};
constexpr duck::Field kVersionFields[] = {{"agent", kText},
                                          {"service_version", kText},
                                          {"model", kText},
                                          {"setup", kText},
                                          {"id", kText}};
constexpr duck::Field kToolFields[] = {
    {"tool", kText}, {"agent", kText}, {"calls", kInt}, {"errors", kInt}, {"duration_ns", kInt}};

template <typename Enum, size_t N>
std::string_view NameOf(Enum value, const std::string_view (&names)[N]) {
  return names[std::min(static_cast<size_t>(value), N - 1)];
}
template <typename Enum, size_t N>
Enum ValueOf(std::string_view name, const std::string_view (&names)[N]) {
  const auto* at = std::find(std::begin(names), std::end(names), name);
  return at == std::end(names) ? Enum{} : static_cast<Enum>(at - std::begin(names));
}

void WriteUsage(const model::UsagePart& part, ItemWriter& w) {
  for (const std::string* text :
       {&part.agent, &part.service, &part.provider, &part.model, &part.tool}) {
    w.Text(*text);
  }
  for (const int64_t n : {part.calls, part.input_tokens, part.output_tokens, part.total_tokens,
                          part.cache_read_tokens, part.cache_write_tokens, part.reasoning_tokens,
                          part.estimated_tokens}) {
    w.Int(n);
  }
  w.Real(part.cost_usd);
  w.Text(NameOf(part.cost_source, model::kCostSourceNames));
}

model::UsagePart ReadUsage(ItemReader& in) {
  model::UsagePart part;
  for (std::string* text : {&part.agent, &part.service, &part.provider, &part.model, &part.tool}) {
    *text = in.String();
  }
  for (int64_t* n : {&part.calls, &part.input_tokens, &part.output_tokens, &part.total_tokens,
                     &part.cache_read_tokens, &part.cache_write_tokens, &part.reasoning_tokens,
                     &part.estimated_tokens}) {
    *n = in.Int();
  }
  part.cost_usd = in.Real();
  part.cost_source = ValueOf<model::CostSource>(in.Text(), model::kCostSourceNames);
  return part;
}

void WriteEdge(const model::AgentEdge& edge, ItemWriter& w) {
  w.Text(edge.from);
  w.Text(edge.to);
  w.Text(NameOf(edge.evidence, model::kEdgeEvidenceNames));
  w.Bool(edge.handoff);
  w.Int(edge.calls);
  w.Int(edge.errors);
}

model::AgentEdge ReadEdge(ItemReader& in) {
  model::AgentEdge edge;
  edge.from = in.String();
  edge.to = in.String();
  edge.evidence = ValueOf<model::EdgeEvidence>(in.Text(), model::kEdgeEvidenceNames);
  edge.handoff = in.Bool();
  edge.calls = in.Int();
  edge.errors = in.Int();
  return edge;
}

void WriteVersion(const model::AgentVersion& version, ItemWriter& w) {
  for (const std::string* text :
       {&version.agent, &version.service_version, &version.model, &version.setup, &version.id}) {
    w.Text(*text);
  }
}

model::AgentVersion ReadVersion(ItemReader& in) {
  model::AgentVersion version;
  for (std::string* text :
       {&version.agent, &version.service_version, &version.model, &version.setup, &version.id}) {
    *text = in.String();
  }
  return version;
}

void WriteTool(const model::ToolUse& tool, ItemWriter& w) {
  w.Text(tool.tool);
  w.Text(tool.agent);
  w.Int(tool.calls);
  w.Int(tool.errors);
  w.Int(tool.duration);
}

model::ToolUse ReadTool(ItemReader& in) {
  model::ToolUse tool;
  tool.tool = in.String();
  tool.agent = in.String();
  tool.calls = in.Int();
  tool.errors = in.Int();
  tool.duration = in.Int();
  return tool;
}

// A list that was JSON text in schema version 2.
ColumnSpec Listed(const char* name, std::span<const duck::Field> fields) {
  std::string structure;
  for (const duck::Field& field : fields) {
    structure.append(structure.empty() ? "" : ",").append("\"").append(field.name);
    structure.append("\":\"").append(duck::TypeSql(field.type)).append("\"");
  }
  const std::string column = name;
  return {name,
          fields,
          2,
          "[]",
          3,
          "CASE WHEN " + column + " = '' THEN [] ELSE from_json(" + column + ", '[{" + structure +
              "}]') END"};
}

}  // namespace

const TableSpec& RunsSpec() {
  static const TableSpec spec{"runs",
                              {{"project", kText},
                               {"trace_id", kUuid},
                               {"root_name", kText},
                               {"service", kText},
                               {"environment", kText},
                               {"agent", kText},
                               {"session", kText},
                               {"user_id", kText},
                               {"query_type", kText},
                               {"outcome", kText},
                               {"start_ns", kInt},
                               {"duration_ns", kInt},
                               {"error", kBool},
                               {"error_message", kText},
                               {"spans", kInt},
                               {"errors", kInt},
                               {"steps", kInt},
                               {"tool_calls", kInt},
                               {"retrievals", kInt},
                               {"input_tokens", kInt},
                               {"output_tokens", kInt},
                               {"total_tokens", kInt},
                               {"cost_usd", kReal},
                               {"models", kText},
                               {"tools", kText},
                               {"agents", kText},
                               {"input_preview", kText},
                               {"output_preview", kText},
                               {"completeness", kByte},
                               {"missing_parents", kInt},
                               {"clock_skewed", kInt},
                               {"last_arrival_ns", kInt},
                               {"version", kUint},
                               Listed("usage", kUsageFields),
                               Listed("edges", kEdgeFields),
                               Listed("agent_versions", kVersionFields),
                               {"tool_usage", duck::Type(kToolFields), 3, "[]"}},
                              "start_ns",
                              "start_ns"};
  return spec;
}

std::string RunColumns(RunDetail detail) {
  if (detail == RunDetail::kLists) return ColumnList(Table::kRuns);
  std::string list;
  for (const ColumnSpec& c : RunsSpec().columns) {
    if (c.type.fields.empty()) list.append(list.empty() ? "" : ", ") += c.name;
  }
  return list;
}

Status WriteRun(const model::Run& run, Arena* arena, duck::Appender* out) {
  RowWriter w(out, arena);
  w.Text(run.project);
  w.Trace(run.trace_id);
  for (const std::string* text : {&run.root_name, &run.service, &run.environment, &run.agent,
                                  &run.session, &run.user, &run.query_type, &run.outcome}) {
    w.Text(*text);
  }
  w.Value<int64_t>(run.start);
  w.Value<int64_t>(run.duration);
  w.Bool(run.error);
  w.Text(run.error_message);
  for (const int64_t n : {run.spans, run.errors, run.steps, run.tool_calls, run.retrievals,
                          run.input_tokens, run.output_tokens, run.total_tokens}) {
    w.Value<int64_t>(n);
  }
  w.Value<double>(run.cost_usd);
  w.Text(arena->Copy(JoinNames(run.models)));
  w.Text(arena->Copy(JoinNames(run.tools)));
  w.Text(arena->Copy(JoinNames(run.agents)));
  w.Text(run.input_preview);
  w.Text(run.output_preview);
  w.Value<uint8_t>(static_cast<uint8_t>(run.completeness));
  w.Value<int64_t>(run.missing_parents);
  w.Value<int64_t>(run.clock_skewed);
  w.Value<int64_t>(run.last_arrival);
  w.Value<uint64_t>(run.version);
  w.List(run.usage, WriteUsage);
  w.List(run.edges, WriteEdge);
  w.List(run.versions, WriteVersion);
  w.List(run.tool_usage, WriteTool);
  return w.End();
}

Result<model::Run> ReadRun(const duck::Rows& rows, size_t r) {
  model::Run run;
  RowReader in(rows, r, nullptr);
  run.project = in.String();
  run.trace_id = in.Trace();
  for (std::string* text : {&run.root_name, &run.service, &run.environment, &run.agent,
                            &run.session, &run.user, &run.query_type, &run.outcome}) {
    *text = in.String();
  }
  run.start = in.Int();
  run.duration = in.Int();
  run.error = in.Bool();
  run.error_message = in.String();
  for (int64_t* n : {&run.spans, &run.errors, &run.steps, &run.tool_calls, &run.retrievals,
                     &run.input_tokens, &run.output_tokens, &run.total_tokens}) {
    *n = in.Int();
  }
  run.cost_usd = in.Real();
  run.models = SplitNames(in.String());
  run.tools = SplitNames(in.String());
  run.agents = SplitNames(in.String());
  run.input_preview = in.String();
  run.output_preview = in.String();
  run.completeness = static_cast<model::Completeness>(in.Byte());
  run.missing_parents = in.Int();
  run.clock_skewed = in.Int();
  run.last_arrival = in.Int();
  run.version = in.Uint();
  if (!in.HasMore()) return run;
  run.usage = in.List(ReadUsage);
  run.edges = in.List(ReadEdge);
  run.versions = in.List(ReadVersion);
  run.tool_usage = in.List(ReadTool);
  return run;
}

}  // namespace ao::storage::local
