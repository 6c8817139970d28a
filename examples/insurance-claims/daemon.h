#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace claims {

// A program that runs in the background of this one: it is killed with it, in the hard way, since
// its files are thrown away. Its output goes to standard error. Single-thread; to be started in the
// main thread, whose end is taken for that of the program.
class Daemon {
 public:
  // `environment` is added to the own one. Throws std::runtime_error.
  Daemon(const std::vector<std::string>& command,
         const std::vector<std::pair<std::string, std::string>>& environment = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  bool ended();

 private:
  pid_t pid_ = -1;
};

// A TCP port of the loopback interface that nobody had a moment ago. Throws std::runtime_error.
int free_port();

// The path of a program that can be executed: `name` in the folders of PATH, or itself where it is
// a path. Empty when there is none.
std::string find_program(const std::string& name);

// A new folder below that of temporary files, gone with the object.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& beside);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace claims
