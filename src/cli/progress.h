#pragma once

#include <string>

#include "cli/command.h"

// Progress of long work on standard error: on a terminal a bar with the time left, drawn after the
// first second; elsewhere a line every ten seconds. Single-thread.

namespace ao::cli {

class Progress {
 public:
  // `total` in bytes; 0: unknown.
  Progress(Io& io, std::string verb, uint64_t total);
  ~Progress();  // removes the bar
  void Update(uint64_t done);

 private:
  std::string Bar(uint64_t done, Nanos elapsed) const;

  Io& io_;
  const std::string verb_;
  const uint64_t total_;
  const Nanos start_;
  Nanos next_;
  bool drawn_ = false;
};

}  // namespace ao::cli
