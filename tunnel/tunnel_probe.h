#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "relay/base/result.h"
#include "tunnel/ssh_session.h"

namespace relay::tunnel {

// Finds out whether a tunnel leads from end to end: has the host connect to its own listening address, writes a random
// number into that connection, and waits for it to come out of one that the host forwards. Nobody else can have sent
// it. Where the account may not open such a connection, the host's refusal is the answer. One that the host ends
// before, has no room for, or cannot make any more, is made again after a rest. The session's thread owns it.
class TunnelProbe {
 public:
  // `session` must outlive the probe.
  TunnelProbe(SshSession& session, const TunnelSettings& settings) : session_(session), settings_(settings) {}

  // Goes as far as is possible now: begins a probe when it is time for one. Errors: io, peer: the session is broken,
  // for three keepalives there was no answer (ETIMEDOUT): one before the probe begins, two that it may take; or, as
  // late, the host still cannot reach its own listener.
  [[nodiscard]] base::Result<void> step(Deadline now);

  enum class Match : std::uint8_t { no, not_yet, yes };
  // Whether `first`, all that a forwarded connection has brought so far, is this probe's number.
  [[nodiscard]] Match compare(base::ByteView first) const;
  // Such a connection was found.
  void found(Deadline now);

  // One of the forwarded connections may be the probe's own: the host was asked for it.
  [[nodiscard]] bool is_pending() const { return state_ >= State::opening; }
  // When step() has something to do again, if nothing else happens.
  [[nodiscard]] Deadline next() const;
  // The last one that was measured.
  [[nodiscard]] std::optional<std::chrono::microseconds> round_trip() const { return round_trip_; }

  static constexpr std::size_t kNumberSize = 32;

 private:
  // Resting: until the connection is asked for anew; closing: until the last one is closed; then as the words say.
  enum class State : std::uint8_t { idle, resting, closing, opening, sending, waiting };
  [[nodiscard]] base::Result<void> begin(Deadline now);
  [[nodiscard]] base::Result<void> open(Deadline now);
  [[nodiscard]] base::Result<void> send(Deadline now);
  [[nodiscard]] base::Result<void> look_for_end(Deadline now);
  [[nodiscard]] base::Result<void> settle_without_number(SshSession::Opening answer, Deadline now);
  // The connection is to be opened anew, in a while. False: the time that the probe may take does not allow it.
  [[nodiscard]] bool try_again(Deadline now);
  [[nodiscard]] base::Error not_listening() const;
  void settle(Deadline now);
  void tell_once(bool& is_told, std::string_view what);

  SshSession& session_;
  const TunnelSettings& settings_;
  State state_ = State::idle;
  std::array<std::uint8_t, kNumberSize> number_{};
  std::size_t sent_ = 0;
  SshChannel channel_;
  Deadline due_{};    // of the next one
  Deadline asked_{};  // when what is being waited for was asked
  Deadline begun_{};  // when this one began
  Deadline end_{};    // without the number until then, nothing comes back
  Deadline again_{};  // until then it rests
  std::optional<std::chrono::microseconds> round_trip_;
  bool was_found_ = false;            // once at least, in this session
  bool is_prohibition_told_ = false;  // that the account may not open the connection
  bool is_shortage_told_ = false;     // that the host has no room for it
};

}  // namespace relay::tunnel
