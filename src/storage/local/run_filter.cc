#include "storage/local/run_filter.h"

#include <algorithm>
#include <iterator>

#include "base/json_writer.h"
#include "model/run.h"

namespace ao::storage::local {
namespace {

using model::Comparison;
using model::FilterField;
using model::FilterTerm;
using model::RunFilter;

// The pattern of LIKE, with '\' as its escape.
std::string LikePattern(const std::vector<std::string>& pieces) {
  std::string like;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) like.push_back('%');
    for (const char c : pieces[i]) {
      if (c == '%' || c == '_' || c == '\\') like.push_back('\\');
      like.push_back(c);
    }
  }
  return like;
}

bool IsAnyText(const std::vector<std::string>& pieces) {
  return pieces.size() > 1 && std::all_of(pieces.begin(), pieces.end(),
                                          [](const std::string& piece) { return piece.empty(); });
}

void AddTextMatch(const std::string& value, const std::vector<std::string>& pattern,
                  duck::Sql* sql) {
  if (IsAnyText(pattern)) {
    sql->Add(value).Add(" <> ''");
  } else if (pattern.size() == 1) {
    sql->Add("lower(" + value + ") = lower(").Bind(pattern[0]).Add(")");
  } else {
    sql->Add(value + " ILIKE ").Bind(LikePattern(pattern)).Add(" ESCAPE '\\'");
  }
}

// `column` holds names with \x1f before, between and after them.
void AddListMatch(const std::string& column, const std::vector<std::string>& pattern,
                  duck::Sql* sql) {
  if (IsAnyText(pattern)) {
    sql->Add(column + " <> ''");
  } else if (pattern.size() == 1 && pattern[0].empty()) {
    sql->Add(column + " = ''");
  } else if (pattern.size() == 1) {
    sql->Add("contains(lower(" + column + "), lower(").Bind("\x1f" + pattern[0] + "\x1f");
    sql->Add("))");
  } else {
    sql->Add("len(list_filter(string_split(" + column + ", chr(31)), x -> ");
    AddTextMatch("x", pattern, sql);
    sql->Add(")) > 0");
  }
}

void AddContains(std::initializer_list<const char*> columns, std::vector<std::string> pattern,
                 duck::Sql* sql) {
  pattern.insert(pattern.begin(), "");
  pattern.emplace_back();
  const std::string like = LikePattern(pattern);
  const char* separator = "(";
  for (const char* column : columns) {
    sql->Add(separator).Add(column).Add(" ILIKE ").Bind(like).Add(" ESCAPE '\\'");
    separator = " OR ";
  }
  sql->Add(")");
}

void AddVersion(const std::vector<std::string>& pattern, duck::Sql* sql) {
  sql->Add("len(list_filter(agent_versions, v -> ");
  AddTextMatch("v.service_version", pattern, sql);
  sql->Add(" OR ");
  AddTextMatch("v.id", pattern, sql);
  sql->Add(")) > 0");
}

// The attribute's name is looked for in the text before the JSON is parsed.
void AddAttribute(const FilterTerm& term, const std::string& spans, duck::Sql* sql) {
  std::string quoted;
  AppendJsonString(term.key, &quoted);
  sql->Add("trace_id IN (SELECT trace_id FROM " + spans + " WHERE contains(attributes, ");
  sql->Bind(quoted + ":").Add(") AND ");
  std::string path = "$.\"";
  for (const char c : term.key) {
    if (c == '"' || c == '\\') path.push_back('\\');
    path.push_back(c);
  }
  duck::Sql value;
  value.parameters = std::move(sql->parameters);
  value.Add("json_extract_string(attributes, ").Bind(path + "\"").Add(")");
  sql->parameters = std::move(value.parameters);
  AddTextMatch(value.text, term.pattern, sql);
  sql->Add(")");
}

void AddStatus(const std::string& status, duck::Sql* sql) {
  if (status == "error") {
    sql->Add("error");
  } else if (status == "live") {
    sql->Add("(NOT error AND completeness = 0)");
  } else {
    sql->Add("(NOT error AND completeness <> 0)");
  }
}

void AddCompleteness(const std::string& name, duck::Sql* sql) {
  const auto at =
      std::find(std::begin(model::kCompletenessNames), std::end(model::kCompletenessNames), name);
  sql->Add("completeness = ").Add(std::to_string(at - std::begin(model::kCompletenessNames)));
}

struct ColumnRow {
  FilterField field;
  const char* column;
};
constexpr ColumnRow kTextColumns[] = {
    {FilterField::kService, "service"},
    {FilterField::kEnvironment, "environment"},
    {FilterField::kSession, "session"},
    {FilterField::kUser, "user_id"},
    {FilterField::kQueryType, "query_type"},
    {FilterField::kOutcome, "outcome"},
    {FilterField::kName, "root_name"},
    {FilterField::kTrace,
     "replace(trace_id::VARCHAR, "
     "'-', '')"},
};
constexpr ColumnRow kNumberColumns[] = {
    {FilterField::kDuration, "duration_ns"},
    {FilterField::kCost, "cost_usd"},
    {FilterField::kTokens, "total_tokens"},
    {FilterField::kInputTokens, "input_tokens"},
    {FilterField::kOutputTokens, "output_tokens"},
    {FilterField::kSteps, "steps"},
    {FilterField::kToolCalls, "tool_calls"},
    {FilterField::kRetrievals, "retrievals"},
    {FilterField::kErrors, "errors"},
    {FilterField::kSpans, "spans"},
    {FilterField::kStart, "start_ns"},
};

void AddNumber(const FilterTerm& term, duck::Sql* sql) {
  constexpr const char* kOps[] = {" = ", " < ", " <= ", " > ", " >= "};
  for (const auto& [field, column] : kNumberColumns) {
    if (field != term.field) continue;
    sql->Add(column).Add(kOps[static_cast<size_t>(term.comparison)]);
    if (field == FilterField::kDuration || field == FilterField::kStart) {
      sql->Bind(term.nanos);
    } else {
      sql->Bind(term.number);
    }
  }
}

void AddTerm(const FilterTerm& term, const std::string& spans, duck::Sql* sql) {
  switch (term.field) {
    case FilterField::kText:
      AddContains({"root_name", "input_preview", "output_preview", "error_message"}, term.pattern,
                  sql);
      return;
    case FilterField::kError: AddContains({"error_message"}, term.pattern, sql); return;
    case FilterField::kAgent:
      sql->Add("(");
      AddTextMatch("agent", term.pattern, sql);
      sql->Add(" OR ");
      AddListMatch("agents", term.pattern, sql);
      sql->Add(")");
      return;
    case FilterField::kModel: AddListMatch("models", term.pattern, sql); return;
    case FilterField::kTool: AddListMatch("tools", term.pattern, sql); return;
    case FilterField::kVersion: AddVersion(term.pattern, sql); return;
    case FilterField::kStatus: AddStatus(term.pattern.front(), sql); return;
    case FilterField::kCompleteness: AddCompleteness(term.pattern.front(), sql); return;
    case FilterField::kAttribute: AddAttribute(term, spans, sql); return;
    default: break;
  }
  for (const auto& [field, column] : kTextColumns) {
    if (field == term.field) return AddTextMatch(column, term.pattern, sql);
  }
  AddNumber(term, sql);
}

}  // namespace

void AddFilter(const RunFilter& filter, const std::string& spans, duck::Sql* sql) {
  switch (filter.kind) {
    case RunFilter::Kind::kTerm: AddTerm(filter.term, spans, sql); return;
    case RunFilter::Kind::kNot:
      sql->Add("NOT ");
      AddFilter(filter.children.front(), spans, sql);
      return;
    case RunFilter::Kind::kAnd:
    case RunFilter::Kind::kOr: break;
  }
  const bool all = filter.kind == RunFilter::Kind::kAnd;
  sql->Add(all ? "(true" : "(false");
  for (const RunFilter& child : filter.children) {
    sql->Add(all ? " AND " : " OR ");
    AddFilter(child, spans, sql);
  }
  sql->Add(")");
}

TimeRange Narrowed(TimeRange range, const RunFilter& filter) {
  if (filter.kind == RunFilter::Kind::kAnd) {
    for (const RunFilter& child : filter.children) range = Narrowed(range, child);
  }
  const FilterTerm& term = filter.term;
  if (filter.kind != RunFilter::Kind::kTerm || term.field != FilterField::kStart) return range;
  if (term.comparison == Comparison::kGreater || term.comparison == Comparison::kGreaterOrEqual) {
    range.since = std::max(range.since, term.nanos);
  } else if (term.comparison == Comparison::kLess) {
    range.until = range.until == 0 ? term.nanos : std::min(range.until, term.nanos);
  }
  return range;
}

}  // namespace ao::storage::local
