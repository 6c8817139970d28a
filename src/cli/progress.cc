#include "cli/progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/format.h"

namespace ao::cli {
namespace {

constexpr Nanos kTerminalInterval = 200 * kMillisecond;
constexpr Nanos kLineInterval = 10 * kSecond;
constexpr size_t kBarWidth = 30;

}  // namespace

Progress::Progress(Io& io, std::string verb, uint64_t total)
    : io_(io),
      verb_(std::move(verb)),
      total_(total),
      start_(io.clock.Monotonic()),
      next_(start_ + (io.err_is_tty ? kSecond : kLineInterval)) {}

Progress::~Progress() {
  if (drawn_ && io_.err_is_tty) io_.err << "\r\x1b[K" << std::flush;
}

void Progress::Update(uint64_t done) {
  const Nanos now = io_.clock.Monotonic();
  if (now < next_) return;
  next_ = now + (io_.err_is_tty ? kTerminalInterval : kLineInterval);
  drawn_ = true;
  const std::string text = Bar(done, now - start_);
  if (io_.err_is_tty) {
    io_.err << "\r" << text << "\x1b[K" << std::flush;
  } else {
    io_.err << text << "\n";
  }
}

std::string Progress::Bar(uint64_t done, Nanos elapsed) const {
  const double seconds = static_cast<double>(std::max<Nanos>(elapsed, 1)) / kSecond;
  const double rate = static_cast<double>(done) / seconds;
  std::string out = fmt::format("{} {}", verb_, ShortBytes(done));
  if (total_ > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    if (io_.err_is_tty) {
      const auto filled = static_cast<size_t>(share * kBarWidth);
      out = fmt::format("{} [{}{}] ", verb_, std::string(filled, '#'),
                        std::string(kBarWidth - filled, '-')) +
            ShortBytes(done);
    }
    out += fmt::format(" of {} ({:.0f}%)", ShortBytes(total_), share * 100);
    if (rate > 0 && done < total_) {
      const double left = static_cast<double>(total_ - done) / rate;
      out += fmt::format(", {} left", ShortDuration(static_cast<Nanos>(left * kSecond)));
    }
  }
  return out + fmt::format(", {}/s", ShortBytes(static_cast<uint64_t>(rate)));
}

}  // namespace ao::cli
