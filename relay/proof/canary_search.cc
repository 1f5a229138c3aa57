#include "relay/proof/canary_search.h"

#include "relay/proof/canary_forms.h"

namespace relay::proof {

using base::Error;
using base::ErrorKind;
using base::Result;

struct CanarySearch::Patterns {
  struct Pattern {
    std::string bytes;
    std::uint32_t canary = 0;  // one more than its index
  };
  std::vector<Pattern> all;
  std::size_t size = 0;
  ~Patterns() {
    for (Pattern& pattern : all) base::wipe_memory(pattern.bytes.data(), pattern.bytes.size());
  }
};

Result<CanarySearch> CanarySearch::make(const std::vector<Canary>& canaries) {
  CanarySearch search;
  Patterns patterns;
  for (const Canary& canary : canaries) {
    if (canary.value.reveal().size() < kShortestValue) {
      return base::fail(Error(ErrorKind::configuration, "the value of a canary is too short to be told from chance")
                            .about(canary.name)
                            .remedy("plant a value of eight characters or more"));
    }
    search.names_.push_back(canary.name);
    const auto number = static_cast<std::uint32_t>(search.names_.size());
    for (std::string& form : canary_forms(canary.value.reveal())) {
      for (const char byte : form) {
        std::uint16_t& own = search.classes_[static_cast<std::uint8_t>(byte)];
        if (own == 0) own = static_cast<std::uint16_t>(search.class_count_++);
      }
      patterns.size += form.size();
      patterns.all.push_back({std::move(form), number});
    }
    if ((patterns.size + 1) * search.class_count_ * sizeof(State) > kMaximumMemory) {
      return base::fail(Error(ErrorKind::configuration, "the canaries together need too much memory to be searched for")
                            .about(canary.name)
                            .remedy("plant fewer values, or shorter ones"));
    }
  }
  search.build(patterns);
  return search;
}

// Where no form goes on with a byte, the search goes on from the longest end of what it has seen that begins a form.
void CanarySearch::build(const Patterns& patterns) {
  next_.assign((patterns.size + 1) * class_count_, 0);
  ending_.assign(patterns.size + 1, 0);
  State states = 1;
  for (const Patterns::Pattern& pattern : patterns.all) {
    State at = 0;
    for (const char byte : pattern.bytes) {
      State& next = next_[at * class_count_ + classes_[static_cast<std::uint8_t>(byte)]];
      if (next == 0) next = states++;
      at = next;
    }
    ending_[at] = pattern.canary;
  }
  next_.resize(states * class_count_);
  ending_.resize(states);

  std::vector<State> fallback(states, 0);
  std::vector<State> queue;
  for (std::size_t c = 0; c < class_count_; ++c) {
    if (next_[c] != 0) queue.push_back(next_[c]);
  }
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const State at = queue[i];
    if (ending_[at] == 0) ending_[at] = ending_[fallback[at]];
    for (std::size_t c = 0; c < class_count_; ++c) {
      State& next = next_[at * class_count_ + c];
      const State otherwise = next_[fallback[at] * class_count_ + c];
      if (next == 0) {
        next = otherwise;
      } else {
        fallback[next] = otherwise;
        queue.push_back(next);
      }
    }
  }
}

void CanarySearch::feed(base::ByteView bytes) {
  if (names_.empty() || found_ != 0) return;
  State at = state_;
  for (const std::uint8_t byte : bytes) {
    at = next_[at * class_count_ + classes_[byte]];
    if (ending_[at] == 0) continue;
    found_ = ending_[at];
    return;
  }
  state_ = at;
}

}  // namespace relay::proof
