#include "cli/terminal.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/interrupt.h"

extern char** environ;

namespace ao::cli {
namespace {

std::atomic<bool> interrupted{false};

void OnInterrupt(int signal) {
  interrupted = true;
  std::signal(signal, SIG_DFL);  // the next one ends the process
}

std::vector<std::pair<std::string, std::string>> ReadEnvironment() {
  std::vector<std::pair<std::string, std::string>> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

bool LocaleIsUtf8(const Io& io) {
  for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = io.Environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

bool SleepUnlessInterrupted(Nanos duration) {
  constexpr Nanos kStep = 50 * kMillisecond;
  for (Nanos left = duration; left > 0 && !Interrupted(); left -= kStep) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(left, kStep)));
  }
  return !Interrupted();
}

}  // namespace

void CatchInterrupts() {
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGTERM, OnInterrupt);
}

bool Interrupted() { return interrupted; }

Io TerminalIo(HttpClient& http) {
  Io io{.in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .clock = SystemClock(),
        .http = http,
        .environment = ReadEnvironment(),
        .out_is_tty = ::isatty(STDOUT_FILENO) == 1,
        .err_is_tty = ::isatty(STDERR_FILENO) == 1,
        .sleep = SleepUnlessInterrupted};
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    io.width = size.ws_col;
  } else if (const int columns = std::atoi(io.Environment("COLUMNS").c_str()); columns > 0) {
    io.width = columns;
  }
  io.unicode = LocaleIsUtf8(io);
  return io;
}

}  // namespace ao::cli
