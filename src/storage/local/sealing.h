#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/local/impl.h"

// A seal under way. Internal to storage/local.

namespace ao::storage {

struct LocalStore::Impl::Sealing {
  std::shared_ptr<local::HotTables> tables;
  Lsn before = 0;  // the tables hold what frames below brought
  std::vector<std::shared_ptr<local::ColdFile>> files;
  std::shared_ptr<local::ColdFile> open_runs;       // null: there are none
  std::optional<std::vector<ContentFile>> content;  // written, to be published
  bool listed = false;  // a manifest that names the files may be on disk
};

}  // namespace ao::storage
