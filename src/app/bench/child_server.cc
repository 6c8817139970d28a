#include "app/bench/child_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/json.h"

extern char** environ;

namespace ao::bench {
namespace {

uint64_t StatusField(int pid, std::string_view field) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(field, 0) == 0) {
      return std::strtoull(line.c_str() + field.size(), nullptr, 10) * 1024;
    }
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<ChildServer>> ChildServer::Start(const std::string& data_dir,
                                                        std::vector<std::string> extra) {
  FileSystem& fs = PosixFileSystem();
  AO_TRY(fs.CreateDirectories(data_dir));
  const std::string ready = data_dir + ".ready";
  AO_TRY(fs.Remove(ready));
  std::vector<std::string> arguments = {
      "observatory", "serve",         "--data-dir",  data_dir,       "--http-listen",
      "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0", "--ready-file", ready};
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string log = data_dir + ".log";
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0640);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  auto child = std::unique_ptr<ChildServer>(new ChildServer);
  const Nanos begin = SystemClock().Monotonic();
  const int error =
      posix_spawn(&child->pid_, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoStatus("start the server process", error);
  while (!fs.Exists(ready)) {
    int wait_status = 0;
    if (::waitpid(child->pid_, &wait_status, WNOHANG) != 0) {
      child->pid_ = -1;
      return Internal("cannot start the server process: it ended; see " + log);
    }
    if (SystemClock().Monotonic() - begin > 2 * kMinute) {
      return DeadlineExceeded("cannot start the server process: not ready after 2 minutes; see " +
                              log);
    }
    ::poll(nullptr, 0, 2);
  }
  child->start_time_ = SystemClock().Monotonic() - begin;
  AO_ASSIGN_OR_RETURN(const std::string json, ReadFile(fs, ready));
  AO_ASSIGN_OR_RETURN(const cli::Json addresses, cli::Json::Parse(json));
  child->http_address_ = addresses["http"].text();
  const size_t colon = child->http_address_.rfind(':');
  child->http_port_ =
      static_cast<uint16_t>(std::strtoul(child->http_address_.c_str() + colon + 1, nullptr, 10));
  return child;
}

ChildServer::~ChildServer() { Kill(); }

uint64_t ChildServer::peak_memory() const { return StatusField(pid_, "VmHWM:"); }
uint64_t ChildServer::memory() const { return StatusField(pid_, "VmRSS:"); }

Nanos ChildServer::cpu_time() const {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid_));
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skip;
  for (int i = 0; i < 11; ++i) fields >> skip;
  int64_t user = 0, system = 0;
  fields >> user >> system;
  return (user + system) * (kSecond / ::sysconf(_SC_CLK_TCK));
}

Status ChildServer::Terminate() {
  if (pid_ < 0) return OkStatus();
  ::kill(pid_, SIGTERM);
  int wait_status = 0;
  ::waitpid(pid_, &wait_status, 0);
  pid_ = -1;
  if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) {
    return Internal(fmt::format("cannot stop the server cleanly: wait status {}", wait_status));
  }
  return OkStatus();
}

void ChildServer::Kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace ao::bench
