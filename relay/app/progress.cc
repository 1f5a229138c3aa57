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
constexpr double kSmallestPart = 0.01;  // that says how long the rest takes

}  // namespace

Progress::Progress(std::string what, std::uint64_t total, std::string unit)
    : what_(std::move(what)),
      total_(total),
      unit_(std::move(unit)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      begin_(Clock::now()),
      next_(begin_ + (terminal_ ? Clock::duration(kBarEvery) : Clock::duration(kLineEvery))) {}

void Progress::advance_to(std::uint64_t done, std::string_view more) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(kBarEvery) : Clock::duration(kLineEvery));
  const std::string text = line(done, more);
  if (terminal_) {
    fmt::print(stderr, "\r{:<{}}", text, width_);  // over what was longer
  } else {
    fmt::print(stderr, "{}\n", text);
  }
  std::fflush(stderr);
  width_ = text.size();
}

void Progress::finish() {
  if (terminal_ && width_ > 0) fmt::print(stderr, "\r{:<{}}\r", "", width_);
  width_ = 0;
}

std::string Progress::amount(std::uint64_t done) const {
  if (!unit_.empty()) return fmt::format("{} {}", done, unit_);
  return fmt::format("{:.1f} MiB", static_cast<double>(done) / (1 << 20));
}

std::string Progress::time_left(double part) const {
  const auto passed = std::chrono::duration<double>(Clock::now() - begin_);
  if (part < kSmallestPart || part >= 1 || passed < kLineEvery) return "";
  const auto seconds = static_cast<std::uint64_t>(passed.count() * (1 - part) / part);
  if (seconds < 90) return fmt::format(", about {} s left", seconds);
  if (seconds < 5400) return fmt::format(", about {} min left", (seconds + 30) / 60);
  return fmt::format(", about {} h left", (seconds + 1800) / 3600);
}

std::string Progress::line(std::uint64_t done, std::string_view more) const {
  const std::string behind = fmt::format("{}{}", more.empty() ? "" : ", ", more);
  if (total_ == 0) return fmt::format("{}: {}{}", what_, amount(done), behind);
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const auto filled = static_cast<std::size_t>(part * kBarWidth);
  const std::string bar =
      terminal_ ? fmt::format(" [{:#<{}}{:.<{}}]", "", filled, "", kBarWidth - filled) : std::string(":");
  return fmt::format("{}{} {:.0f} % of {}{}{}", what_, bar, part * 100, amount(total_), behind, time_left(part));
}

}  // namespace relay::app
