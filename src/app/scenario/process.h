#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace ao::app {

// A program that this one started. It is told to stop (SIGTERM) when this object or this process
// ends. Single-thread.
class Process {
 public:
  struct Options {
    std::vector<std::string> command;                              // path and arguments
    std::vector<std::pair<std::string, std::string>> environment;  // added to the own one
    std::string log_file;  // gets its standard error, and its output unless it `talks`
    bool talks = false;    // standard input and output are WriteLine and ReadLine
  };
  static Result<std::unique_ptr<Process>> Start(const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Both name the log file when the program has ended, which takes SIGPIPE to be ignored. Reading
  // is cancelled by an interrupt (cli/interrupt.h).
  Status WriteLine(std::string_view line);
  Result<std::string> ReadLine(Nanos timeout);
  // Waits until `path` exists and returns what is in it.
  Result<std::string> WaitForFile(const std::string& path, Nanos timeout);
  // Ends its input, which programs that talk take as their end; otherwise SIGTERM. Kills it after
  // `grace`. The exit code must be 0.
  Status Stop(Nanos grace);

 private:
  Process() = default;
  bool Ended();  // and not yet waited for
  Status Gone(std::string_view what) const;

  std::string name_, log_file_, unread_;
  int pid_ = -1, input_ = -1, output_ = -1, exit_status_ = 0;
};

}  // namespace ao::app
