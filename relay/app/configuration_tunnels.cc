#include "relay/app/configuration_tunnels.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/base/ascii.h"

namespace relay::app {

namespace {

constexpr std::chrono::milliseconds kShortestKeepalive{1000};
constexpr std::chrono::milliseconds kLongestKeepalive{3600 * 1000};

std::string name_in(TomlSection& section, std::string_view key, const char* remedy) {
  if (!section.has(key)) section.missing(key, remedy);
  std::string name = section.text(key).value_or("");
  const auto is_odd = [](char c) { return base::is_control(c) || base::is_space(c); };
  if (std::any_of(name.begin(), name.end(), is_odd)) section.error(key, "has white space in it", "write it without");
  return name;
}

// An IPv6 address may stand in brackets, as it does before a port.
std::string host_in(TomlSection& section) {
  std::string host = name_in(section, "host", "name the host to dial");
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.find_first_of("[]") != std::string::npos)
    section.error("host", "has brackets in it", "write the name or address alone, and its port as port");
  return host;
}

void read_key(TomlSection& section, const ConfigurationFiles& files, TunnelSection& tunnel) {
  tunnel.agent = section.boolean("agent").value_or(false);
  tunnel.key_file = files.private_file(section, "key_file");
  if (section.has("passphrase_file")) {
    tunnel.passphrase = files.secret(section, "passphrase_file", "passphrase");
    if (!section.has("key_file"))
      section.error("passphrase_file", "belongs to a key_file, and there is none", "give key_file, too, or remove it");
  }
  if (tunnel.agent && section.has("key_file")) {
    section.error("agent", "there is a key_file, too", "keep one of the two");
  } else if (!tunnel.agent && !section.has("key_file")) {
    section.missing("key_file", "name the private key to log in with, or set agent = true");
  }
}

void read_remote_listen(TomlSection& section, const ReplicasSection& replicas, TunnelSection& tunnel) {
  if (!section.has("remote_listen"))
    section.missing("remote_listen", "say where that host listens: \"127.0.0.1:3307\"");
  const auto listen = section.endpoint("remote_listen");
  tunnel.remote_listen = listen.value_or(Endpoint{});
  if (listen && !listen->is_loopback() && replicas.tls == ReplicaTls::off) {
    section.error("remote_listen", "lets other machines connect there, although replicas.tls is off",
                  "listen on 127.0.0.1 there, or set replicas.tls to required or mutual");
  }
}

TunnelSection read_tunnel(TomlSection& section, const ConfigurationFiles& files, const ReplicasSection& replicas) {
  TunnelSection tunnel;
  tunnel.line = section.line();
  if (!section.has("type")) section.missing("type", "write type = \"ssh\"");
  (void)section.word<int>("type", {{"ssh", 0}});
  tunnel.host = host_in(section);
  tunnel.port = static_cast<std::uint16_t>(section.integer("port", 1, 65535).value_or(tunnel.port));
  tunnel.user = name_in(section, "user", "name the account on that host");
  read_key(section, files, tunnel);
  if (!section.has("known_hosts")) section.missing("known_hosts", "name the file with the pinned host key");
  tunnel.known_hosts = files.readable(section, "known_hosts");
  read_remote_listen(section, replicas, tunnel);
  if (const auto time = section.duration("keepalive")) {
    tunnel.keepalive = *time;
    if (*time < kShortestKeepalive || *time > kLongestKeepalive)
      section.error("keepalive", "is shorter than a second or longer than an hour", "write \"15s\"");
  }
  section.finish();
  return tunnel;
}

// What comes through a tunnel comes from this machine: from the listener's own address, or a loopback one.
void check_accounts(TomlSection& root, const ReplicasSection& replicas) {
  for (const server::ReplicaAccount& account : replicas.accounts) {
    const auto admits = [&](const std::string& host) {
      return std::any_of(account.from.begin(), account.from.end(),
                         [&](const server::AddressRange& range) { return range.contains(host); });
    };
    if (account.from.empty() || admits(replicas.listen.host) || admits("127.0.0.1") || admits("::1")) continue;
    root.warning(
        "tunnels",
        fmt::format("lead to this machine, and the account {} of [replicas] may not log in from here", account.user),
        "add \"127.0.0.1\" to its from, where a replica shall use it through a tunnel");
  }
}

}  // namespace

std::vector<TunnelSection> read_tunnels(TomlSection& root, const ConfigurationFiles& files,
                                        const ReplicasSection& replicas) {
  std::vector<TunnelSection> tunnels;
  for (TomlSection& section : root.tables("tunnels")) {
    TunnelSection tunnel = read_tunnel(section, files, replicas);
    const bool is_twice = std::any_of(tunnels.begin(), tunnels.end(), [&](const TunnelSection& other) {
      return other.host == tunnel.host && other.port == tunnel.port && other.remote_listen == tunnel.remote_listen;
    });
    if (is_twice && !tunnel.host.empty() && tunnel.remote_listen.port != 0)
      section.error("remote_listen", "stands there twice for this host and port",
                    "give each tunnel to a host a port of its own there");
    tunnels.push_back(std::move(tunnel));
  }
  if (!tunnels.empty()) check_accounts(root, replicas);
  return tunnels;
}

}  // namespace relay::app
