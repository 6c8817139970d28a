#pragma once

#include <string>

// A fresh directory for a test, removed with everything in it at the end.

namespace ao {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  // Removes what is in it.
  void Clear();

 private:
  std::string path_;
};

}  // namespace ao
