#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace relay::app {

// Shows on standard error how far long work is: a bar where that is a terminal, else a line every few seconds.
class Progress {
 public:
  // `total` is in bytes, or in what `unit` names ("tables"); 0: not known.
  Progress(std::string what, std::uint64_t total, std::string unit = {});
  // Cheap: looks at the clock, and seldom writes. `more` is shown behind it.
  void advance_to(std::uint64_t done, std::string_view more = {});
  // Ends the bar's line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(std::uint64_t done, std::string_view more) const;
  // " ..., about 5 min left", where that can be told.
  [[nodiscard]] std::string time_left(double part) const;
  [[nodiscard]] std::string amount(std::uint64_t done) const;

  std::string what_;
  std::uint64_t total_;
  std::string unit_;  // empty: bytes
  bool terminal_;
  std::size_t width_ = 0;  // of the bar's line that is shown
  Clock::time_point begin_;
  Clock::time_point next_;
};

}  // namespace relay::app
