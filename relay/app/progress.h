#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace relay::app {

// Shows on standard error how far long work is: a bar where that is a terminal, else a line every few seconds.
class Progress {
 public:
  // `total` is in bytes, or in what `unit` names ("tables"); 0: not known.
  Progress(std::string what, std::uint64_t total, std::string unit = {});
  // Cheap: looks at the clock, and seldom writes.
  void advance_to(std::uint64_t done);
  // Ends the bar's line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(std::uint64_t done) const;
  [[nodiscard]] std::string amount(std::uint64_t done) const;

  std::string what_;
  std::uint64_t total_;
  std::string unit_;  // empty: bytes
  bool terminal_;
  bool shown_ = false;
  Clock::time_point next_;
};

}  // namespace relay::app
