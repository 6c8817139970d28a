#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storage/store.h"

// A store for tests of the API: answers with what it was given and remembers what it was asked.
// A status in `failure` is the answer to everything.

namespace ao::api {

class FakeStatistics final : public storage::Statistics {
 public:
  Status failure;
  storage::RunSeries series;
  storage::RunHistogram histogram;
  storage::ToolSeries tools;
  storage::RunDifferences differences;
  storage::RunFacets facets;
  std::vector<storage::ModelCalls> models;

  storage::SeriesQuery series_query;
  storage::HistogramQuery histogram_query;
  storage::ToolQuery tool_query;
  storage::DifferenceQuery difference_query;
  storage::FacetQuery facet_query;
  storage::ModelQuery model_query;

  Result<storage::RunSeries> Series(const storage::SeriesQuery& query) override {
    series_query = query;
    if (!failure.ok()) return failure;
    return series;
  }
  Result<storage::RunHistogram> Histogram(const storage::HistogramQuery& query) override {
    histogram_query = query;
    if (!failure.ok()) return failure;
    return histogram;
  }
  Result<storage::ToolSeries> Tools(const storage::ToolQuery& query) override {
    tool_query = query;
    if (!failure.ok()) return failure;
    return tools;
  }
  Result<storage::RunDifferences> Differences(const storage::DifferenceQuery& query) override {
    difference_query = query;
    if (!failure.ok()) return failure;
    return differences;
  }
  Result<storage::RunFacets> Facets(const storage::FacetQuery& query) override {
    facet_query = query;
    if (!failure.ok()) return failure;
    return facets;
  }
  Result<std::vector<storage::ModelCalls>> Models(const storage::ModelQuery& query) override {
    model_query = query;
    if (!failure.ok()) return failure;
    return models;
  }
};

class FakeStore final : public storage::Store {
 public:
  Status failure;
  std::vector<model::Run> runs;
  std::string next_cursor;
  storage::TraceSkeleton skeleton;
  std::function<model::Batch()> spans;  // of the trace with the id of `skeleton`
  std::function<model::Batch()> logs;
  std::vector<storage::SessionRow> sessions;
  std::vector<storage::AgentRow> agents;
  std::vector<storage::UserRow> users;
  std::vector<storage::Score> scores;
  storage::SqlResult sql;
  std::vector<std::function<model::Batch()>> exported;
  Status export_failure;  // after everything in `exported`
  storage::StoreStats stats;

  storage::RunQuery run_query;
  storage::LogQuery log_query;
  storage::SessionQuery session_query;
  storage::TextPage text;
  storage::TextQuery text_query;
  storage::AgentQuery agent_query;
  storage::UserQuery user_query;
  storage::ScoreQuery score_query;
  storage::SqlRequest sql_request;
  storage::ExportQuery export_query;
  storage::DeleteQuery delete_query;
  int deletes = 0;
  int sql_calls = 0;

  FakeStatistics figures;
  storage::Statistics& statistics() override {
    figures.failure = failure;
    return figures;
  }
  void Append(storage::PreparedBatch, Done done) override { done(storage::Ack{}); }
  Result<storage::RunPage> ListRuns(const storage::RunQuery& query) override {
    run_query = query;
    if (!failure.ok()) return failure;
    return storage::RunPage{runs, next_cursor, static_cast<int64_t>(runs.size())};
  }
  Result<model::Run> GetRun(const std::string& project, const TraceId& id,
                            storage::RunDetail) override {
    if (!failure.ok()) return failure;
    for (const model::Run& run : runs) {
      if (run.project == project && run.trace_id == id) return run;
    }
    return Missing(id);
  }
  Result<storage::TraceSkeleton> GetTrace(const std::string&, const TraceId& id) override {
    if (!failure.ok()) return failure;
    if (id != skeleton.trace_id || id.empty()) return Missing(id);
    return skeleton;
  }
  Result<model::Batch> ReadSpans(const std::string&, const TraceId& id,
                                 std::optional<SpanId>) override {
    if (!failure.ok()) return failure;
    if (id != skeleton.trace_id || !spans) return Missing(id);
    return spans();
  }
  Result<storage::LogPage> ListLogs(const storage::LogQuery& query) override {
    log_query = query;
    if (!failure.ok()) return failure;
    return storage::LogPage{logs ? logs() : model::Batch{}, next_cursor};
  }
  Result<storage::SessionPage> ListSessions(const storage::SessionQuery& query) override {
    session_query = query;
    if (!failure.ok()) return failure;
    return storage::SessionPage{sessions, next_cursor};
  }
  Result<storage::AgentPage> ListAgents(const storage::AgentQuery& query) override {
    agent_query = query;
    if (!failure.ok()) return failure;
    return storage::AgentPage{agents, static_cast<int64_t>(agents.size())};
  }
  Result<storage::UserPage> ListUsers(const storage::UserQuery& query) override {
    user_query = query;
    if (!failure.ok()) return failure;
    return storage::UserPage{users, next_cursor};
  }
  Result<storage::TextPage> SearchText(const storage::TextQuery& query) override {
    text_query = query;
    if (!failure.ok()) return failure;
    return text;
  }
  Result<storage::SqlResult> Sql(const storage::SqlRequest& request) override {
    sql_request = request;
    ++sql_calls;
    if (!failure.ok()) return failure;
    return sql;
  }
  Status Export(const storage::ExportQuery& query, const storage::BatchSink& sink) override {
    export_query = query;
    for (const auto& make : exported) AO_TRY(sink(make()));
    return export_failure;
  }
  Status ExportParquet(const std::string&) override { return OkStatus(); }
  Result<storage::DeleteReport> Delete(const storage::DeleteQuery& query) override {
    delete_query = query;
    ++deletes;
    if (!failure.ok()) return failure;
    return storage::DeleteReport{2};
  }
  Result<storage::Score> PutScore(storage::Score score) override {
    if (!failure.ok()) return failure;
    if (score.id.empty()) score.id = "score-1";
    scores.push_back(score);
    return score;
  }
  Result<storage::ScorePage> ListScores(const storage::ScoreQuery& query) override {
    score_query = query;
    if (!failure.ok()) return failure;
    return storage::ScorePage{scores, next_cursor};
  }
  Status Seal() override { return OkStatus(); }
  storage::StoreStats Stats() override { return stats; }
  Status Close() override { return OkStatus(); }

 private:
  static Status Missing(const TraceId& id) {
    return NotFound("cannot find trace " + id.ToHex() + ": it is not stored");
  }
};

}  // namespace ao::api
