#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "tests/support/child_process.h"
#include "tunnel/tunnel_settings.h"

namespace relay::testing {

// A port of 127.0.0.1 that nobody listens at, below those that the kernel gives to outgoing connections.
[[nodiscard]] std::uint16_t unused_port();

// How much longer everything may take here: BINLOG_RELAY_PATIENCE, which the tests in Python obey, too; 1 without it.
[[nodiscard]] double patience();
// `time` on a machine that has nothing else to do.
[[nodiscard]] std::chrono::milliseconds patiently(std::chrono::milliseconds time);

// Whether `condition` becomes true within `time`, patiently.
[[nodiscard]] bool becomes_true(const std::function<bool()>& condition,
                                std::chrono::milliseconds time = std::chrono::seconds(20));

// A real sshd with keys, accounts and configuration of its own in a folder that goes with it.
class SshServer {
 public:
  // `options` are further lines of its configuration.
  explicit SshServer(const std::string& options = {});
  ~SshServer();
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;

  void start();
  void kill() { process_.kill(); }
  // Stops or continues the processes that serve connections, and not the one that accepts them.
  void signal_sessions(int signal);
  // Leaves those processes no descriptor to open, or as many as before.
  void take_descriptors() { limit_descriptors(true); }
  void give_descriptors() { limit_descriptors(false); }
  // Kills the sessions alone.
  void drop_sessions();

  // Makes a user key, of ssh-keygen's type, and lets it in; `line` stands before it in the authorized keys.
  std::string add_key(const std::string& name, const std::string& type, const std::string& passphrase = {},
                      const std::string& line = {});
  // Makes a key that is let in nowhere.
  std::string make_key(const std::string& name, const std::string& type, const std::string& passphrase = {}) const;
  // Makes the host's key another one; to be followed by start().
  void change_host_key();
  void write(const std::string& name, const std::string& text) const;

  // Of the account that is there to log in as.
  [[nodiscard]] std::string user() const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::string text(const std::string& name) const;
  // "[127.0.0.1]:2222 ssh-ed25519 AAAA..."
  [[nodiscard]] std::string known_hosts_line() const;

  // A tunnel to it with an Ed25519 key, listening at `remote_port` for what is at `local_port` here.
  [[nodiscard]] tunnel::TunnelSettings settings(std::uint16_t remote_port, std::uint16_t local_port);

 private:
  void limit_descriptors(bool none) const;
  std::filesystem::path folder_;
  std::string options_;
  std::uint16_t port_ = 0;
  ChildProcess process_;
};

}  // namespace relay::testing
