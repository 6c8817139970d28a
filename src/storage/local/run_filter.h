#pragma once

#include <string>

#include "model/run_filter.h"
#include "storage/duckdb/database.h"
#include "storage/query.h"

// Search conditions as SQL. Internal to storage/local.

namespace ao::storage::local {

// Appends a condition on the columns of the runs table; every value is a parameter. `spans` is SQL
// text that is a source of spans with the columns trace_id and attributes.
void AddFilter(const model::RunFilter& filter, const std::string& spans, duck::Sql* sql);

// `range` without what `filter` rules out by the start of runs; decides which files are read.
TimeRange Narrowed(TimeRange range, const model::RunFilter& filter);

}  // namespace ao::storage::local
