#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "storage/local/trace_index.h"
#include "storage/store.h"

struct sqlite3;

namespace ao::storage::local {

// Scores, in a SQLite file of their own: few, and each one replaceable. Thread-safe.
class ScoreTable {
 public:
  static Result<std::unique_ptr<ScoreTable>> Open(const std::string& path, const Clock& clock);
  ~ScoreTable();
  ScoreTable(const ScoreTable&) = delete;

  // Synced when it returns.
  Result<Score> Put(Score score);
  Result<ScorePage> List(const ScoreQuery& query);
  Status DeleteTraces(const std::string& project, const std::set<TraceId>& traces);
  // Of every project, by the score's time.
  Status DeleteBefore(Nanos time);
  Status DeleteSession(const std::string& project, const std::string& session);

 private:
  Status EmptyLog();
  ScoreTable(sqlite3* database, const Clock& clock) : database_(database), clock_(clock) {}
  std::mutex mutex_;
  sqlite3* database_;  // guarded by mutex_
  const Clock& clock_;
};

// Checks the database file without changing it or its surroundings. `report` gets one line per
// problem.
Status VerifyScores(const std::string& path, const std::function<void(std::string)>& report);

}  // namespace ao::storage::local
