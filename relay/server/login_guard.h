#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "relay/base/mutex.h"

namespace relay::server {

// Who guesses passwords has to wait, and longer each time: after the third refused log-in of one user from one address,
// its log-ins are turned away unread for a second, after the next for two, and so on up to a minute. One that succeeds
// makes all as good as new. By users too, since all that comes through a tunnel has one address: others must not wait
// for one replica's old password. Any thread may call it. Holds a bounded number: those that have been quiet longest
// are forgotten.
class LoginGuard {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint32_t kFree = 3;  // refused log-ins before the first wait
  static constexpr std::chrono::milliseconds kFirstWait{1'000};
  static constexpr std::chrono::milliseconds kLongestWait{60'000};
  static constexpr std::size_t kMaximumEntries = 4096;

  struct Client {
    std::string host;
    std::string user;  // whether there is such an account or not
    friend auto operator<=>(const Client&, const Client&) = default;
  };
  // Whether its log-ins are to be turned away now.
  [[nodiscard]] bool blocks(const Client& client, Clock::time_point now = Clock::now());
  // Returns for how long it is blocked from now on; zero where it is not.
  std::chrono::milliseconds refused(const Client& client, Clock::time_point now = Clock::now());
  void accepted(const Client& client);

 private:
  struct Failures {
    std::uint32_t count = 0;
    Clock::time_point last;
    Clock::time_point until;
  };
  base::Mutex mutex_;
  std::map<Client, Failures> failures_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::server
