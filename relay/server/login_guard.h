#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "relay/base/mutex.h"

namespace relay::server {

// Who guesses passwords has to wait, and longer each time: after the third refused log-in of one user from one address,
// its log-ins are turned away unread for a second, after the next for two, and so on up to a minute. One that succeeds
// makes all as good as new. Of a client that was refused one log-in goes on at a time. By users too, since all that
// comes through a tunnel has one address: others must not wait for one replica's old password. Any thread may call it.
// Holds a bounded number: those that have been quiet longest are forgotten.
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

  // One log-in, from its beginning to its end. Not for two threads.
  class Attempt {
   public:
    Attempt(Attempt&& other) noexcept
        : guard_(std::exchange(other.guard_, nullptr)), client_(std::move(other.client_)), blocked_(other.blocked_) {}
    Attempt& operator=(Attempt&&) = delete;
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt();
    // It is to be turned away now: the waiting is not over, or another log-in of a client that was refused goes on.
    [[nodiscard]] bool blocked() const { return blocked_; }
    // Returns for how long the client is blocked behind `answered`; zero where it is not.
    std::chrono::milliseconds refused(Clock::time_point answered = Clock::now());
    void accepted();

   private:
    friend class LoginGuard;
    Attempt(LoginGuard* guard, Client client, bool blocked)
        : guard_(guard), client_(std::move(client)), blocked_(blocked) {}
    LoginGuard* guard_;
    Client client_;
    bool blocked_;
  };
  // The guard must outlive the attempt.
  [[nodiscard]] Attempt begin(Client client, Clock::time_point now = Clock::now());

 private:
  struct Failures {
    std::uint32_t count = 0;
    Clock::time_point last;
    Clock::time_point until;
    bool going_on = false;
  };
  base::Mutex mutex_;
  std::map<Client, Failures> failures_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::server
