#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/support/ssh_server.h"
#include "tests/tunnel/connection.h"
#include "tunnel/ssh_library.h"
#include "tunnel/ssh_tunnel.h"

using namespace relay;
using testing::SshServer;
using tunnel::SshTunnel;
using tunnel::TunnelSettings;
using tunnel::TunnelState;

namespace {

// What trying once comes to: empty when well.
std::string trial_error(const TunnelSettings& settings) {
  const base::StopToken stop;
  const auto trial = tunnel::try_tunnel(settings, stop);
  if (!trial) return trial.error().message();
  return trial->refusal ? trial->refusal->message() : "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Whether bytes go through to an echoing server and back.
bool carries(std::uint16_t port) {
  const testing::Connection client = testing::Connection::to(port);
  return client.is_open() && client.send("ping") && client.receive(4) == "ping";
}

// That a right key of this type logs in, or the library is told as what hinders it.
void check_trial(const TunnelSettings& settings, const std::string& type) {
  const std::string error = trial_error(settings);
  CAPTURE(error);
  if (type == "ed25519" || tunnel::takes_ecdsa_files()) {
    CHECK(error.empty());
  } else {
    CHECK(contains(error, "libssh2 cannot log in with an ECDSA key from a file"));
  }
}

}  // namespace

TEST_CASE("ssh_login: Ed25519 and ECDSA keys, with a passphrase and without", "[tunnel]") {
  SshServer server;
  const testing::LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  for (const std::string type : {"ed25519", "ecdsa"}) {
    for (const std::string passphrase : {"", "a long passphrase"}) {
      CAPTURE(type, passphrase);
      settings.key_file = server.add_key("key", type, passphrase);
      settings.passphrase = base::Secret(passphrase);
      check_trial(settings, type);
    }
  }
  settings.key_file = server.path("user_key");
  settings.passphrase = base::Secret();
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(testing::becomes_true([&] { return tunnel.status().state == TunnelState::open; }));
  CHECK(carries(port));
  CHECK(testing::becomes_true([&] { return tunnel.status().round_trip.has_value(); }));
  CHECK(contains(tunnel.status().host_key, "ssh-ed25519 SHA256:"));
}

TEST_CASE("ssh_login: a wrong or missing passphrase, and a key of another type, are told as such", "[tunnel]") {
  SshServer server;
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  settings.key_file = server.add_key("key", "ed25519", "the right one");
  CHECK(contains(trial_error(settings), "has a passphrase"));
  settings.passphrase = base::Secret("the wrong one");
  const std::string wrong = trial_error(settings);
  CHECK(contains(wrong, "the private key cannot be used"));
  CHECK_FALSE(contains(wrong, "the wrong one"));
  settings.passphrase = base::Secret();
  settings.key_file = server.add_key("key", "rsa");
  CHECK(contains(trial_error(settings), "ssh-rsa in"));
  const std::string rsa = server.text("key");
  server.write("key", "no key at all\n");
  CHECK(contains(trial_error(settings), "the private key cannot be used"));
  server.write("key", rsa.substr(0, rsa.size() / 2));
  CHECK(contains(trial_error(settings), "the private key cannot be used"));
  settings.key_file = server.path("not there");
  CHECK(contains(trial_error(settings), "cannot open"));
}

TEST_CASE("ssh_login: keys in PEM are judged by what they are", "[tunnel]") {
  SshServer server;
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  for (const std::string format : {"PEM", "PKCS8"}) {
    for (const std::string passphrase : {"", "a long passphrase"}) {
      CAPTURE(format, passphrase);
      const auto make = [&](const std::string& type) {
        settings.key_file = server.add_key("key", type, passphrase);
        testing::run_program(
            {"ssh-keygen", "-q", "-p", "-m", format, "-P", passphrase, "-N", passphrase, "-f", settings.key_file});
        REQUIRE_FALSE(contains(server.text("key"), "OPENSSH"));
        settings.passphrase = base::Secret(passphrase);
      };
      make("rsa");
      CHECK(contains(trial_error(settings), "of a type that tunnels do not use: RSA in"));
      make("ecdsa");
      check_trial(settings, "ecdsa");
      server.write("key", server.text("key") + server.text("user_key"));
      CHECK(contains(trial_error(settings), "the private key cannot be used"));
      if (passphrase.empty()) continue;
      make("ecdsa");
      settings.passphrase = base::Secret("the wrong one");
      CHECK(contains(trial_error(settings), "the private key cannot be used"));
      settings.passphrase = base::Secret();
      CHECK(contains(trial_error(settings), "has a passphrase"));
    }
  }
}

TEST_CASE("ssh_login: a host that ends the session while we log in is not told as one that refuses the key",
          "[tunnel]") {
  SshServer server("MaxAuthTries 1");
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  settings.key_file = server.make_key("stranger", "ed25519");
  const std::string message = trial_error(settings);
  CHECK(contains(message, "MaxAuthTries"));
  CHECK_FALSE(contains(message, "refuses the key"));
}

TEST_CASE("ssh_login: a key that the host refuses is told with its fingerprint", "[tunnel]") {
  SshServer server;
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  settings.key_file = server.make_key("stranger", "ed25519");
  const std::string message = trial_error(settings);
  CHECK(contains(message, "the host refuses the key"));
  CHECK(contains(message, "ssh-ed25519 SHA256:"));
  const SshTunnel tunnel(std::move(settings));
  CHECK(testing::becomes_true([&] { return tunnel.status().state == TunnelState::refused; }));
}

TEST_CASE("ssh_login: the agent's keys", "[tunnel]") {
  SshServer server;
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  const std::string stranger = server.make_key("stranger", "ed25519");
  const std::string key = settings.key_file;
  settings.key_file.clear();
  settings.agent_socket = server.path("agent");
  CHECK(contains(trial_error(settings), "no SSH agent answers"));
  testing::ChildProcess agent({"ssh-agent", "-D", "-a", settings.agent_socket}, server.path("agent.log"));
  REQUIRE(testing::becomes_true([&] { return ::access(settings.agent_socket.c_str(), F_OK) == 0; }));
  CHECK(contains(trial_error(settings), "holds no Ed25519 or ECDSA key"));
  const std::vector<std::string> environment{"SSH_AUTH_SOCK=" + settings.agent_socket};
  testing::run_program({"ssh-add", "-q", stranger}, environment);
  CHECK(contains(trial_error(settings), "the host refuses the key"));
  testing::run_program({"ssh-add", "-q", key}, environment);
  CHECK(trial_error(settings).empty());
  settings.key_file.clear();
  server.add_key("second", "ecdsa");
  testing::run_program({"ssh-add", "-q", "-d", key}, environment);
  testing::run_program({"ssh-add", "-q", server.path("second")}, environment);
  CHECK(trial_error(settings).empty());
  // An agent that hangs is waited for until the deadline, and no longer.
  ::kill(agent.pid(), SIGSTOP);
  settings.connect_timeout = testing::patiently(std::chrono::milliseconds(1000));
  CHECK(contains(trial_error(settings), "did not answer in time"));
}

TEST_CASE("ssh_login: unknown, changed and revoked host keys are refused, and taken once they are pinned", "[tunnel]") {
  SshServer server;
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  const std::string pinned = server.known_hosts_line();
  server.write("known_hosts", "");
  CHECK(contains(trial_error(settings), fmt::format("ssh-keyscan -p {} 127.0.0.1", server.port())));
  server.write("known_hosts", pinned + "@revoked * " + server.text("host_key.pub"));
  CHECK(contains(trial_error(settings), "a key that is revoked"));
  server.write("known_hosts", "garbage\n");
  CHECK(contains(trial_error(settings), "line 1"));
  server.write("known_hosts", pinned);
  CHECK(trial_error(settings).empty());
  server.change_host_key();
  server.start();
  CHECK(contains(trial_error(settings), "not the pinned one"));
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(testing::becomes_true([&] { return tunnel.status().state == TunnelState::refused; }));
  CHECK(contains(tunnel.status().last_error, "SHA256:"));
  server.write("known_hosts", server.known_hosts_line());
  CHECK(testing::becomes_true([&] { return tunnel.status().state == TunnelState::open; }));
}

TEST_CASE("ssh_login: of a host with several keys the pinned one is asked for", "[tunnel]") {
  SshServer first;
  const std::string second = first.make_key("host_ecdsa", "ecdsa");
  SshServer server("HostKey " + second);
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  server.write("known_hosts", fmt::format("[127.0.0.1]:{} {}", server.port(), first.text("host_ecdsa.pub")));
  const base::StopToken stop;
  const auto trial = tunnel::try_tunnel(settings, stop);
  REQUIRE(trial);
  CHECK(contains(trial->host_key, "ecdsa-sha2-nistp256"));
}

TEST_CASE("ssh_login: an account that may do nothing but listen at one port, without a shell", "[tunnel]") {
  SshServer server;
  const testing::LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  const std::string permit = fmt::format("restrict,port-forwarding,permitlisten=\"127.0.0.1:{}\"", port);
  settings.key_file = server.add_key("key", "ed25519", "", fmt::format("{},permitopen=\"127.0.0.1:{}\"", permit, port));
  if (::getuid() == 0) settings.user = "nobody";  // whose shell is /usr/sbin/nologin
  SECTION("the probe goes through") {
    const SshTunnel tunnel(std::move(settings));
    REQUIRE(testing::becomes_true([&] { return tunnel.status().round_trip.has_value(); }));
    CHECK(carries(port));
    CHECK(tunnel.status().state == TunnelState::open);
  }
  SECTION("the host's answer is the probe where it may not connect") {
    settings.key_file = server.add_key("key2", "ed25519", "", permit + ",permitopen=\"127.0.0.1:1\"");
    settings.keepalive = testing::patiently(std::chrono::seconds(1));
    const SshTunnel tunnel(std::move(settings));
    REQUIRE(testing::becomes_true([&] { return tunnel.status().round_trip.has_value(); }));
    std::this_thread::sleep_for(testing::patiently(std::chrono::milliseconds(3500)));
    CHECK(tunnel.status().reconnects == 0);
    CHECK(carries(port));
  }
  SECTION("another port is refused") {
    settings.remote_port = testing::unused_port();
    CHECK(contains(trial_error(settings), "permitlisten"));
  }
}

TEST_CASE("ssh_tunnel: a host that listens elsewhere than it was asked for is told as one that does not listen",
          "[tunnel]") {
  SshServer server("GatewayPorts no");
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  settings.remote_host = "127.0.0.2";  // listened for at 127.0.0.1
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(testing::becomes_true([&] { return tunnel.status().reconnects > 0; }));
  CHECK(contains(tunnel.status().last_error, "does not listen at remote_listen"));
  CHECK(contains(tunnel.status().last_error, "GatewayPorts"));
  CHECK_FALSE(tunnel.status().round_trip);
}

TEST_CASE("ssh_tunnel: a host that opens a loopback port to the world is left, where replicas need no TLS",
          "[tunnel]") {
  SshServer server("GatewayPorts yes");
  const testing::LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.requires_loopback = true;
  CHECK(contains(trial_error(settings), "at all its addresses"));
  {
    const SshTunnel tunnel(std::move(settings));
    REQUIRE(testing::becomes_true([&] { return tunnel.status().state == TunnelState::refused; }));
    CHECK(contains(tunnel.status().last_error, "GatewayPorts no or clientspecified"));
    CHECK(testing::becomes_true([&] { return !testing::Connection::to(port).is_open(); }));
  }
  const SshTunnel with_tls(server.settings(port, local.port()));
  REQUIRE(testing::becomes_true([&] { return with_tls.status().state == TunnelState::open; }));
  CHECK(carries(port));
}

TEST_CASE("ssh_tunnel: a host that listens where it is asked to is not left", "[tunnel]") {
  const std::string setting = GENERATE("GatewayPorts no", "GatewayPorts clientspecified");
  SshServer server(setting);
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  settings.requires_loopback = true;
  CHECK(trial_error(settings).empty());
  if (setting == "GatewayPorts no") return;
  settings.remote_host = "127.0.0.2";
  const SshTunnel tunnel(std::move(settings));
  CHECK(testing::becomes_true([&] { return tunnel.status().round_trip.has_value(); }));
}
