#pragma once

#include <string>

#include <fmt/format.h>

#include "storage/content/content_format.h"
#include "storage/content/epoch.h"

// Where the files of a partition lie. Internal to content/. Pure.

namespace ao::storage {

inline std::string PathOf(const PartitionKey& partition, uint64_t sequence) {
  return fmt::format("{}/{}/{:010}{}", partition.first, partition.second, sequence, kContentSuffix);
}

}  // namespace ao::storage
