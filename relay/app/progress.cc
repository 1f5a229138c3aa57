#include "relay/app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace relay::app {

namespace {

using namespace std::chrono_literals;

constexpr auto kBarEvery = 200ms;
constexpr auto kLineEvery = 5s;
constexpr std::size_t kBarWidth = 30;

}  // namespace

Progress::Progress(std::string what, std::uint64_t total, std::string unit)
    : what_(std::move(what)),
      total_(total),
      unit_(std::move(unit)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      next_(Clock::now() + (terminal_ ? Clock::duration(kBarEvery) : Clock::duration(kLineEvery))) {}

void Progress::advance_to(std::uint64_t done) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(kBarEvery) : Clock::duration(kLineEvery));
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", line(done), terminal_ ? "" : "\n");
  std::fflush(stderr);
  shown_ = true;
}

void Progress::finish() {
  if (terminal_ && shown_) fmt::print(stderr, "\r{:<{}}\r", "", line(total_).size());
  shown_ = false;
}

std::string Progress::amount(std::uint64_t done) const {
  if (!unit_.empty()) return fmt::format("{} {}", done, unit_);
  return fmt::format("{:.1f} MiB", static_cast<double>(done) / (1 << 20));
}

std::string Progress::line(std::uint64_t done) const {
  if (total_ == 0) return fmt::format("{}: {}", what_, amount(done));
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const auto filled = static_cast<std::size_t>(part * kBarWidth);
  const std::string bar =
      terminal_ ? fmt::format(" [{:#<{}}{:.<{}}]", "", filled, "", kBarWidth - filled) : std::string(":");
  return fmt::format("{}{} {:.0f} % of {}", what_, bar, part * 100, amount(total_));
}

}  // namespace relay::app
