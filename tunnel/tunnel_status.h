#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/mutex.h"

namespace relay::tunnel {

enum class TunnelState : std::uint8_t {
  connecting,
  open,
  waiting,  // for the next try
  refused,  // by a mistake that time does not mend, as an unknown host key: tried again, but seldom
  stopped,
};

// "connecting", "open", ...
[[nodiscard]] std::string_view tunnel_state_name(TunnelState state);

struct TunnelStatus {
  std::string name;           // "tunnel@replica.example:22"
  std::string remote_listen;  // "127.0.0.1:3307"
  TunnelState state = TunnelState::connecting;
  std::chrono::system_clock::time_point since = std::chrono::system_clock::now();
  std::string last_error;         // why it is not open; while it is open, why it was not before
  std::uint64_t connections = 0;  // through it, now
  std::uint64_t bytes_to_host = 0;
  std::uint64_t bytes_from_host = 0;
  std::uint64_t reconnects = 0;  // sessions that were open and were lost
  std::optional<std::chrono::microseconds> round_trip;
  std::string host_key;  // "ssh-ed25519 SHA256:...", of the last session
};

// One tunnel's status: its thread writes, any thread reads.
class TunnelStatusBoard {
 public:
  TunnelStatusBoard(std::string name, std::string remote_listen);
  [[nodiscard]] TunnelStatus get() const;

  void set_state(TunnelState state);
  void opened(const std::string& host_key);
  // It is not open, and why. `was_open`: a session was lost by it.
  void failed(TunnelState state, const std::string& error, bool was_open);
  void moved(std::uint64_t to_host, std::uint64_t from_host, std::uint64_t connections,
             std::optional<std::chrono::microseconds> round_trip);

 private:
  void change(TunnelState state) RELAY_REQUIRES(mutex_);
  mutable base::Mutex mutex_;
  TunnelStatus status_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::tunnel
