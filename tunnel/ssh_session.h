#pragma once

#include <memory>
#include <optional>
#include <string>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/ssh_channel.h"
#include "tunnel/ssh_environment.h"
#include "tunnel/tunnel_settings.h"

// As libssh2.h declares them.
struct _LIBSSH2_SESSION;   // NOLINT(bugprone-reserved-identifier)
struct _LIBSSH2_LISTENER;  // NOLINT(bugprone-reserved-identifier)

namespace relay::tunnel {

// One SSH session with a host: connected, its key checked against the pinned ones, logged in. One thread owns it and
// all its channels, which must not outlive it. open() and listen() wait, until their deadline or a stop; nothing else
// does. libssh2 has one buffer for each channel's incoming bytes, 2 MiB large: that much may come in from a host before
// it has to wait for us to read.
class SshSession {
 public:
  // Errors: configuration and malformed (host key, user key, files: time does not mend them), io, peer, interrupted.
  [[nodiscard]] static base::Result<std::unique_ptr<SshSession>> open(const TunnelSettings& settings, Deadline deadline,
                                                                      const base::StopToken& stop);
  // What a session carries at once at most: each may fill libssh2's buffer.
  static constexpr std::size_t kMostConnections = 64;
  // What its owner takes in before it serves the connections.
  static constexpr std::size_t kReadPerTurn = std::size_t{512} << 10;
  // Connections that accept() has not given out yet; the host is told of no room for more.
  static constexpr int kMostWaiting = 128;
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  // Asks the host to listen at the settings' remote address. False: it refuses. Errors: configuration (it listens
  // elsewhere, too, and must not), io, peer, interrupted.
  [[nodiscard]] base::Result<bool> listen(Deadline deadline, const base::StopToken& stop);
  // What listen() being false comes to.
  [[nodiscard]] base::Error refusal() const;
  // The next connection that was made to that address; none when there is none now. Takes in what has come for all
  // channels. Errors: io, peer: the session is broken.
  [[nodiscard]] base::Result<std::optional<SshChannel>> accept();

  // RFC 4254, 5.1: open, or why not; `failed` is any reason that is not named here.
  enum class Opening : std::uint8_t { pending, open, prohibited, unreachable, no_resources, failed };
  struct Direct {
    Opening state = Opening::pending;
    SshChannel channel;  // when open
  };
  // Asks the host to connect to an address as it sees it; to be called until it is no longer pending, one at a time.
  // Errors: io, peer: the session is broken.
  [[nodiscard]] base::Result<Direct> open_to(const std::string& host, std::uint16_t port);
  // The same for the address that it listens at for us.
  [[nodiscard]] base::Result<Direct> open_to_own_listener();
  // Sends a little that needs no answer when nothing was sent for so long: a host that acknowledges nothing is noticed
  // by TCP (dial()).
  void keep_alive(std::chrono::milliseconds every);

  // Tells the host that this is the end, if it can be told at once.
  void disconnect();
  // Why nothing works any more, when something failed.
  [[nodiscard]] base::Error failure() const;
  [[nodiscard]] SshSocket& socket() { return environment_.socket; }
  // The host's key: "ssh-ed25519 SHA256:..."
  [[nodiscard]] const std::string& host_key() const { return host_key_; }

 private:
  SshSession(const TunnelSettings& settings, Descriptor socket)
      : settings_(settings), environment_(std::move(socket)) {}
  [[nodiscard]] base::Result<void> prepare(const std::string& host_key_algorithms);

  const TunnelSettings& settings_;
  SshEnvironment environment_;
  _LIBSSH2_SESSION* session_ = nullptr;
  _LIBSSH2_LISTENER* listener_ = nullptr;  // owned by session_
  std::string host_key_;
};

}  // namespace relay::tunnel
