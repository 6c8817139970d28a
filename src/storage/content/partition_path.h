#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/status.h"
#include "storage/content/content_format.h"
#include "storage/content/epoch.h"

// Names of projects as they become names of folders, and the files of a partition. Internal to
// content/. Pure.

namespace ao::storage {

constexpr size_t kMaxProjectBytes = 128;

inline bool IsValidProject(std::string_view project) {
  if (project.empty() || project.size() > kMaxProjectBytes || project == "." || project == "..") {
    return false;
  }
  return std::all_of(project.begin(), project.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

inline Status CheckProject(std::string_view project) {
  if (IsValidProject(project)) return OkStatus();
  return InvalidArgument("cannot use project name \"" + std::string(project.substr(0, 64)) +
                         "\": letters, digits, '.', '_' and '-' are allowed");
}

inline std::string PathOf(const PartitionKey& partition, uint64_t sequence) {
  return fmt::format("{}/{}/{:010}{}", partition.first, partition.second, sequence, kContentSuffix);
}

}  // namespace ao::storage
