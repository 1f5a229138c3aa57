#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace relay::base {

// Times between tries: doubling from `first` to `ceiling`, each with up to half of it taken off at random, so that many
// relays do not come back in step.
class BackOff {
 public:
  BackOff(std::chrono::milliseconds first, std::chrono::milliseconds ceiling)
      : first_(first), ceiling_(ceiling), next_(first) {}

  [[nodiscard]] std::chrono::milliseconds next() {
    const auto whole = next_;
    next_ = std::min(next_ * 2, ceiling_);
    std::uniform_int_distribution<std::int64_t> spread(whole.count() / 2, whole.count());
    return std::chrono::milliseconds(spread(random_));
  }
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_, ceiling_, next_;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace relay::base
