#include "app/scenario/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/interrupt.h"

extern char** environ;

namespace ao::app {
namespace {

constexpr Nanos kStopStep = 5 * kMillisecond;

// The own environment with `added` in front; the first of two counts for getenv.
std::vector<std::string> EnvironmentWith(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> list;
  for (const auto& [key, value] : added) list.push_back(key + "=" + value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view key = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [name, value] : added) replaced |= name == key;
    if (!replaced) list.emplace_back(text);
  }
  return list;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// "it said: <the last line of its log>; all of it is in FILE".
std::string LastWords(const std::string& log_file) {
  std::string text = ReadFile(PosixFileSystem(), log_file).value_or(std::string());
  while (text.ends_with('\n')) text.pop_back();
  const std::string last = text.substr(text.rfind('\n') + 1);
  return fmt::format("it said: {}; all of it is in {}", last.empty() ? "nothing" : last, log_file);
}

struct Pipes {
  int to_child[2] = {-1, -1}, from_child[2] = {-1, -1};
  ~Pipes() {
    for (const int end : {to_child[0], to_child[1], from_child[0], from_child[1]}) {
      if (end >= 0) ::close(end);
    }
  }
  Status Open() {
    if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) {
      return ErrnoStatus("make a pipe", errno);
    }
    return OkStatus();
  }
};

// In the child: only calls that are safe between fork and exec.
[[noreturn]] void BecomeProgram(const Pipes& pipes, int log, bool talks, char* const* arguments,
                                char* const* environment) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::setpgid(0, 0);  // Ctrl-C is for the parent, which stops its programs in order
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (talks) {
    ::dup2(pipes.to_child[0], STDIN_FILENO);
    ::dup2(pipes.from_child[1], STDOUT_FILENO);
  } else {
    ::dup2(log, STDOUT_FILENO);
  }
  ::dup2(log, STDERR_FILENO);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<Process>> Process::Start(const Options& options) {
  if (::access(options.command[0].c_str(), X_OK) != 0) {
    return ErrnoStatus("start " + options.command[0], errno);
  }
  Pipes pipes;
  AO_TRY(pipes.Open());
  const int log = ::open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (log < 0) return ErrnoStatus("open " + options.log_file, errno);
  std::vector<std::string> command = options.command;
  std::vector<std::string> environment = EnvironmentWith(options.environment);
  const std::vector<char*> arguments = Pointers(command), variables = Pointers(environment);

  auto process = std::unique_ptr<Process>(new Process);
  process->name_ = options.command[0].substr(options.command[0].rfind('/') + 1);
  process->log_file_ = options.log_file;
  process->pid_ = ::fork();
  if (process->pid_ == 0) {
    BecomeProgram(pipes, log, options.talks, arguments.data(), variables.data());
  }
  const int fork_error = errno;
  ::close(log);
  if (process->pid_ < 0) return ErrnoStatus("start " + options.command[0], fork_error);
  if (options.talks) {
    process->input_ = std::exchange(pipes.to_child[1], -1);
    process->output_ = std::exchange(pipes.from_child[0], -1);
  }
  return process;
}

Process::~Process() { (void)Stop(kSecond); }

bool Process::Ended() {
  if (pid_ >= 0 && ::waitpid(pid_, &exit_status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

Status Process::Gone(std::string_view what) const {
  return Unavailable(fmt::format("cannot {} {}: it has ended", what, name_), LastWords(log_file_));
}

Status Process::WriteLine(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  for (size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(input_, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Gone("write to");
    at += static_cast<size_t>(written);
  }
  return OkStatus();
}

Result<std::string> Process::ReadLine(Nanos timeout) {
  const Nanos deadline = SystemClock().Monotonic() + timeout;
  while (true) {
    if (const size_t end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    const Nanos left = deadline - SystemClock().Monotonic();
    if (left <= 0) {
      return DeadlineExceeded(fmt::format("cannot read from {}: nothing came", name_),
                              LastWords(log_file_));
    }
    pollfd waiting{output_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min(left, kMinute) / kMillisecond) + 1) <= 0) {
      if (cli::Interrupted()) {
        return Status(StatusCode::kCancelled,
                      fmt::format("cannot read from {}: interrupted", name_));
      }
      continue;
    }
    char buffer[65536];
    const ssize_t size = ::read(output_, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return Gone("read from");
    unread_.append(buffer, static_cast<size_t>(size));
  }
}

Result<std::string> Process::WaitForFile(const std::string& path, Nanos timeout) {
  FileSystem& fs = PosixFileSystem();
  const Nanos deadline = SystemClock().Monotonic() + timeout;
  while (!fs.Exists(path)) {
    if (Ended()) return Gone("start");
    if (SystemClock().Monotonic() > deadline) {
      return DeadlineExceeded(fmt::format("cannot start {}: it does not get ready", name_),
                              LastWords(log_file_));
    }
    ::poll(nullptr, 0, static_cast<int>(kStopStep / kMillisecond));
  }
  return ReadFile(fs, path);
}

Status Process::Stop(Nanos grace) {
  const bool talked = input_ >= 0;
  if (talked) ::close(std::exchange(input_, -1));
  if (pid_ < 0 && output_ < 0) return OkStatus();
  if (!talked && !Ended()) ::kill(pid_, SIGTERM);
  const Nanos deadline = SystemClock().Monotonic() + grace;
  while (!Ended() && SystemClock().Monotonic() < deadline) {
    ::poll(nullptr, 0, static_cast<int>(kStopStep / kMillisecond));
  }
  if (output_ >= 0) ::close(std::exchange(output_, -1));
  if (!Ended()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &exit_status_, 0);
    pid_ = -1;
    return DeadlineExceeded(fmt::format("cannot stop {}: it was killed", name_),
                            LastWords(log_file_));
  }
  if (WIFEXITED(exit_status_) && WEXITSTATUS(exit_status_) == 0) return OkStatus();
  return Internal(fmt::format("cannot stop {} in order: wait status {}", name_, exit_status_),
                  LastWords(log_file_));
}

}  // namespace ao::app
