#include "base/temporary_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace ao {

TemporaryDirectory::TemporaryDirectory() {
  std::error_code error;
  path_ = (std::filesystem::temp_directory_path(error) / "ao-test-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) {
    std::fprintf(stderr, "cannot create %s: %s\n", path_.c_str(), std::strerror(errno));
    std::abort();
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

void TemporaryDirectory::Clear() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    std::filesystem::remove_all(entry.path(), error);
  }
}

}  // namespace ao
