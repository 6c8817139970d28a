#include <charconv>
#include <map>

#include <fmt/format.h>

#include "api/json.h"
#include "api/json_body.h"
#include "api/rest/common.h"
#include "api/rest/cost_query.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

constexpr int64_t kMaxCells = 100'000;

// Cells of one answer row, as they stand in its JSON.
class Cells {
 public:
  static Result<Cells> Of(std::string_view row) {
    AO_ASSIGN_OR_RETURN(auto cells, SplitJsonArray(row));
    return Cells(std::move(cells));
  }
  std::string_view Raw(size_t i) const { return i < cells_.size() ? cells_[i] : "null"; }
  std::string Text(size_t i) const { return UnquoteJson(Raw(i)).value_or(""); }
  double Number(size_t i) const {
    double value = 0;
    const std::string_view raw = Raw(i);
    std::from_chars(raw.data(), raw.data() + raw.size(), value);
    return value;
  }
  int64_t Integer(size_t i) const {
    int64_t value = 0;
    const std::string_view raw = Raw(i);
    std::from_chars(raw.data(), raw.data() + raw.size(), value);
    return value;
  }

 private:
  explicit Cells(std::vector<std::string_view> cells) : cells_(std::move(cells)) {}
  std::vector<std::string_view> cells_;
};

// The columns of CostSql.
enum Column : size_t {
  kKind,
  kBucket,
  kKey,
  kUsd,
  kDefaultUsd,
  kRuns,
  kCalls,
  kFirstTokens,
  kMean = kFirstTokens + 6,
  kP50,
  kP95
};
constexpr std::string_view kTokenNames[] = {"input_tokens",      "output_tokens",
                                            "cache_read_tokens", "cache_write_tokens",
                                            "reasoning_tokens",  "estimated_tokens"};

void WriteSums(const Cells& row, JsonWriter& json) {
  json.Field("usd", row.Number(kUsd)).Field("default_price_usd", row.Number(kDefaultUsd));
  json.Field("runs", row.Integer(kRuns)).Field("calls", row.Integer(kCalls));
  for (size_t i = 0; i < std::size(kTokenNames); ++i) {
    json.Field(kTokenNames[i], row.Integer(kFirstTokens + i));
  }
  json.Key("usd_per_run").BeginObject().Field("mean", row.Number(kMean));
  json.Field("p50", row.Number(kP50)).Field("p95", row.Number(kP95)).EndObject();
}

Result<std::vector<std::string>> KeyOf(const Cells& row) {
  const std::string key = row.Text(kKey);
  AO_ASSIGN_OR_RETURN(const auto values, SplitJsonArray(key));
  std::vector<std::string> texts;
  for (const std::string_view value : values) {
    texts.push_back(value == "null" ? std::string() : UnquoteJson(value).value_or(""));
  }
  return texts;
}

void WriteKey(const CostQuery& query, const std::vector<std::string>& values, JsonWriter& json) {
  json.Key("key").BeginObject();
  for (size_t i = 0; i < query.group.size(); ++i) {
    json.Field(query.group[i], i < values.size() ? values[i] : std::string());
  }
  json.EndObject();
}

Result<CostQuery> QueryOf(const Call& call) {
  const Arguments& a = call.arguments;
  CostQuery query;
  query.project = call.project;
  AO_ASSIGN_OR_RETURN(const storage::TimeRange range, RangeOf(a));
  query.since = range.since;
  query.until = range.until;
  AO_ASSIGN_OR_RETURN(query.group, ParseCostFields(a.text("group")));
  query.limit = *a.integer("limit");
  if (const auto step = a.integer("step")) {
    query.step = *step;
    if (query.step < kSecond) {
      return InvalidArgument("cannot read parameter \"step\": it is less than 1 s");
    }
  }
  for (const std::string_view field : kCostFields) {
    if (field == "project" || !a.has(field)) continue;
    query.filters.emplace_back(field, a.string(field));
  }
  return query;
}

Result<storage::SqlResult> Run(Context& context, const CostQuery& query, std::string sql) {
  storage::SqlRequest request;
  request.project = query.project;
  request.text = std::move(sql);
  request.max_rows = kMaxCells;
  request.timeout = context.dependencies.sql.timeout;
  request.max_memory_bytes = context.dependencies.sql.memory_bytes;
  AO_ASSIGN_OR_RETURN(storage::SqlResult result, context.store.Sql(request));
  if (!result.truncated) return result;
  return InvalidArgument(
      fmt::format("cannot add up cost: there are more than {} groups and times", kMaxCells),
      "take a longer step, a lower limit or a shorter time");
}

using Delegated = std::map<std::string, double>;

// Only when agents are what is asked for.
Result<Delegated> DelegatedOf(Context& context, const CostQuery& query) {
  if (query.group != std::vector<std::string>{"agent"}) return Delegated();
  CostQuery all = query;  // callees count whichever agent is shown
  std::erase_if(all.filters, [](const auto& filter) { return filter.first == "agent"; });
  AO_ASSIGN_OR_RETURN(const storage::SqlResult result, Run(context, all, DelegationSql(all)));
  std::vector<DelegationRow> rows;
  for (const std::string& text : result.rows) {
    AO_ASSIGN_OR_RETURN(const Cells row, Cells::Of(text));
    rows.push_back({row.Text(0), row.Text(1), row.Number(2)});
  }
  const auto sums = DelegatedCosts(rows);
  return Delegated(sums.begin(), sums.end());
}

void WriteGroup(const CostQuery& query, const Cells& row, const std::vector<std::string>& key,
                double total, const Delegated& delegated, JsonWriter& json) {
  json.BeginObject();
  WriteKey(query, key, json);
  WriteSums(row, json);
  json.Field("share", total > 0 ? row.Number(kUsd) / total : 0.0);
  if (query.group.size() == 1 && query.group[0] == "agent") {
    const auto found = delegated.find(key[0]);
    json.Field("delegated_usd", found == delegated.end() ? 0.0 : found->second);
  }
  json.EndObject();
}

// "buckets": [{start, sums, groups: [{key, usd, runs}]}], from rows in the order of CostSql.
Status WriteBuckets(const CostQuery& query, const std::vector<Cells>& buckets,
                    const std::vector<Cells>& cells, JsonWriter& json) {
  json.Key("buckets").BeginArray();
  size_t next = 0;
  for (const Cells& bucket : buckets) {
    json.BeginObject();
    WriteTime("start", bucket.Integer(kBucket), json);
    WriteSums(bucket, json);
    if (!query.group.empty()) json.Key("groups").BeginArray();
    for (; next < cells.size() && cells[next].Integer(kBucket) == bucket.Integer(kBucket); ++next) {
      AO_ASSIGN_OR_RETURN(const auto key, KeyOf(cells[next]));
      json.BeginObject();
      WriteKey(query, key, json);
      json.Field("usd", cells[next].Number(kUsd)).Field("runs", cells[next].Integer(kRuns));
      json.EndObject();
    }
    if (!query.group.empty()) json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  return OkStatus();
}

Result<net::HttpResponse> GetCost(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(const CostQuery query, QueryOf(call));
  AO_ASSIGN_OR_RETURN(const storage::SqlResult result, Run(context, query, CostSql(query)));
  AO_ASSIGN_OR_RETURN(const Delegated delegated, DelegatedOf(context, query));
  std::map<std::string, std::vector<Cells>> rows;
  for (const std::string& text : result.rows) {
    AO_ASSIGN_OR_RETURN(Cells row, Cells::Of(text));
    rows[row.Text(kKind)].push_back(std::move(row));
  }
  JsonWriter json;
  json.BeginObject();
  WriteTime("since", query.since, json);
  WriteTime("until", query.until, json);
  json.Key("group").BeginArray();
  for (const std::string& field : query.group) json.Value(field);
  json.EndArray().Key("total").BeginObject();
  double total = 0;
  for (const Cells& row : rows["total"]) {
    total = row.Number(kUsd);
    WriteSums(row, json);
  }
  json.EndObject().Key("groups").BeginArray();
  for (const Cells& row : rows["group"]) {
    AO_ASSIGN_OR_RETURN(const auto key, KeyOf(row));
    WriteGroup(query, row, key, total, delegated, json);
  }
  json.EndArray();
  if (query.step > 0) AO_TRY(WriteBuckets(query, rows["bucket"], rows["cell"], json));
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> CostEndpoints() {
  std::vector<Parameter> parameters = {
      kSince,
      kUntil,
      {"step", Type::kDuration, "also by time, in buckets of this length"},
      {"group", Type::kText,
       "add up by these fields, separated by commas: agent, model, provider, service, tool, user, "
       "session, query_type, environment, cost_source, project"},
      Limit("100"),
  };
  for (const std::string_view field : kCostFields) {
    if (field == "project") continue;
    parameters.push_back({field, Type::kText, "only of this; a last * matches any suffix"});
  }
  return {
      {.method = "GET",
       .pattern = "/api/v1/cost",
       .summary = "What calls to models cost, by whatever you like",
       .parameters = std::move(parameters),
       .response =
           "{since, until, group, total, groups: [{key, usd, share, delegated_usd?}], buckets?: "
           "[{start, groups: [{key, usd, runs}]}]}. total, groups and buckets have usd, "
           "default_price_usd (the part of it that is an assumption), runs, calls, tokens and "
           "usd_per_run {mean, p50, p95}. usd of an agent is its own; delegated_usd, with group "
           "agent, is what the agents it called cost in the same runs, in full for each caller.",
       .handler = &GetCost}};
}

}  // namespace ao::api
