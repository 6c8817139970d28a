#pragma once

#include <string_view>

#include "storage/duckdb/database.h"
#include "storage/local/view.h"
#include "storage/query.h"

// Which runs a RunQuery means, as SQL. Internal to storage/local.

namespace ao::storage::local {

// The status of a run over its columns, as queries name it.
inline constexpr const char* kStatusSql =
    "CASE WHEN error THEN 'error' WHEN completeness = 0 THEN 'live' ELSE 'ok' END";

// "SELECT columns FROM .. WHERE ..": the runs that match; order, limit and cursor are the
// caller's. invalid_argument when the query names a status that there is not.
Result<duck::Sql> SelectRuns(const Snapshot& snapshot, const RunQuery& query,
                             std::string_view columns);

}  // namespace ao::storage::local
