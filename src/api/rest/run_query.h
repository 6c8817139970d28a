#pragma once

#include <vector>

#include "api/rest/common.h"

// The conditions on runs that every endpoint about many runs takes, declared and read.

namespace ao::api {

std::vector<Parameter> RunFilters();
// The query that a call with these parameters means; order, limit and cursor are left alone.
Result<storage::RunQuery> RunQueryOf(Context& context, const Call& call);

}  // namespace ao::api
