#include "relay/app/tunnels.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "relay/base/stop_token.h"
#include "tunnel/ssh_tunnel.h"

namespace relay::app {

namespace {

base::Problem problem_of(base::Error error, base::Problem::Severity severity, const Configuration& configuration,
                         const TunnelSection& section, const std::string& name) {
  const std::string remedy(error.remedy());
  error.remedy(base::FixedText());  // said behind all else
  return {severity, configuration.file, section.line, "tunnel " + name, error.message(), remedy};
}

}  // namespace

tunnel::TunnelSettings tunnel_settings(const TunnelSection& section, const ReplicasSection& replicas,
                                       std::uint16_t port) {
  tunnel::TunnelSettings settings;
  settings.host = section.host;
  settings.port = section.port;
  settings.user = section.user;
  settings.key_file = section.key_file;
  settings.passphrase = base::Secret(section.passphrase.reveal());
  if (section.agent) {
    const char* const socket = std::getenv("SSH_AUTH_SOCK");
    settings.agent_socket = socket == nullptr ? "" : socket;
  }
  settings.known_hosts = section.known_hosts;
  settings.remote_host = section.remote_listen.host;
  settings.remote_port = section.remote_listen.port;
  settings.requires_loopback = replicas.tls == ReplicaTls::off;
  settings.local_host = replicas.listen.host;
  settings.local_port = port;
  settings.keepalive = section.keepalive;
  return settings;
}

bool check_tunnels(const Configuration& configuration, base::Problems& problems) {
  bool all_well = true;
  const base::StopToken stop;
  for (const TunnelSection& section : configuration.tunnels) {
    const tunnel::TunnelSettings settings =
        tunnel_settings(section, configuration.replicas, configuration.replicas.listen.port);
    const auto trial = tunnel::try_tunnel(settings, stop);
    if (!trial) {
      all_well = false;
      problems.push_back(
          problem_of(trial.error(), base::Problem::Severity::error, configuration, section, settings.name()));
      continue;
    }
    fmt::print("tunnel {}: logged in, the host's key is {}\n", settings.name(), trial->host_key);
    if (!trial->refusal) continue;
    base::Problem problem =
        problem_of(*trial->refusal, base::Problem::Severity::warning, configuration, section, settings.name());
    problem.what += "; where the relay is running, it is perhaps the one that has it";
    problems.push_back(std::move(problem));
  }
  return all_well;
}

}  // namespace relay::app
