#include "tunnel/tunnel_status.h"

namespace relay::tunnel {

std::string_view tunnel_state_name(TunnelState state) {
  switch (state) {
    case TunnelState::connecting:
      return "connecting";
    case TunnelState::open:
      return "open";
    case TunnelState::waiting:
      return "waiting";
    case TunnelState::refused:
      return "refused";
    case TunnelState::stopped:
      return "stopped";
  }
  return "unknown";
}

TunnelStatusBoard::TunnelStatusBoard(std::string name, std::string remote_listen) {
  const base::MutexLock lock(mutex_);
  status_.name = std::move(name);
  status_.remote_listen = std::move(remote_listen);
}

TunnelStatus TunnelStatusBoard::get() const {
  const base::MutexLock lock(mutex_);
  return status_;
}

void TunnelStatusBoard::change(TunnelState state) {
  if (status_.state == state) return;
  status_.state = state;
  status_.since = std::chrono::system_clock::now();
}

void TunnelStatusBoard::set_state(TunnelState state) {
  const base::MutexLock lock(mutex_);
  change(state);
}

void TunnelStatusBoard::opened(const std::string& host_key) {
  const base::MutexLock lock(mutex_);
  change(TunnelState::open);
  status_.host_key = host_key;
}

void TunnelStatusBoard::failed(TunnelState state, const std::string& error, bool was_open) {
  const base::MutexLock lock(mutex_);
  change(state);
  status_.last_error = error;
  status_.connections = 0;
  status_.round_trip.reset();
  if (was_open) ++status_.reconnects;
}

void TunnelStatusBoard::moved(std::uint64_t to_host, std::uint64_t from_host, std::uint64_t connections,
                              std::optional<std::chrono::microseconds> round_trip) {
  const base::MutexLock lock(mutex_);
  status_.bytes_to_host += to_host;
  status_.bytes_from_host += from_host;
  status_.connections = connections;
  status_.round_trip = round_trip;
}

}  // namespace relay::tunnel
