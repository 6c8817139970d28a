#pragma once

#include "storage/local/schema.h"

// The columns of the runs table. Internal to storage/local.

namespace ao::storage::local {

const TableSpec& RunsSpec();

}  // namespace ao::storage::local
