#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"

namespace relay::proof {

// A value that an operator has planted where it must not leave.
struct Canary {
  std::string name;  // for messages
  base::Secret value;
};

// Searches a run of bytes for every form of every canary at once (Aho and Corasick: one step a byte, however many
// canaries there are). One thread.
class CanarySearch {
 public:
  // Shorter values turn up by chance.
  static constexpr std::size_t kShortestValue = 8;                      // bytes
  static constexpr std::size_t kMaximumMemory = std::size_t{64} << 20;  // bytes of the search's tables

  // Errors (configuration, naming the canary): a value shorter than kShortestValue; more than kMaximumMemory is needed.
  [[nodiscard]] static base::Result<CanarySearch> make(const std::vector<Canary>& canaries);

  // What comes has nothing to do with what came.
  void restart() {
    state_ = 0;
    found_ = 0;
  }
  void feed(base::ByteView bytes);
  // The name of the first canary that was met since restart(); null when none was.
  [[nodiscard]] const std::string* found() const { return found_ == 0 ? nullptr : &names_[found_ - 1]; }
  [[nodiscard]] bool empty() const { return names_.empty(); }

 private:
  using State = std::uint32_t;
  struct Patterns;
  void build(const Patterns& patterns);

  std::vector<std::string> names_;
  std::array<std::uint16_t, 256> classes_{};  // 0: bytes that are in no form
  std::size_t class_count_ = 1;
  std::vector<State> next_;            // by state and class
  std::vector<std::uint32_t> ending_;  // by state: one more than the index of a canary of which a form ends here
  State state_ = 0;
  std::uint32_t found_ = 0;
};

}  // namespace relay::proof
