#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/status.h"

// Names of projects, which become part of file names and of SQL text. Pure; thread-safe.

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

// invalid_argument says what a name may be.
inline Status CheckProject(std::string_view project) {
  if (IsValidProject(project)) return OkStatus();
  return InvalidArgument("cannot use project name '" + std::string(project.substr(0, 64)) +
                         "': letters, digits, '.', '_' and '-' are allowed, at most 128");
}

}  // namespace ao::storage
