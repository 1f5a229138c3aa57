#include "relay/app/follow_target.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

tl::unexpected<Error> not_certain(FixedText what, FixedText remedy) {
  return base::fail(Error(ErrorKind::configuration, what).remedy(remedy));
}

Result<Endpoint> read_endpoint(std::string_view text) {
  constexpr FixedText kForm = "write HOST:PORT, or [ADDRESS]:PORT for IPv6";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_certain("--source is no address", kForm);
  Endpoint endpoint;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  endpoint.host = host;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (failure != std::errc() || end != port.data() + port.size() || endpoint.port == 0 || host.empty()) {
    return not_certain("--source is no address", kForm);
  }
  return endpoint;
}

bool is_any_address(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

// The tunnel through which the replica reaches the relay; none: it has none.
Result<const TunnelSection*> tunnel_of(const Configuration& configuration, const ReplicaUrl& url) {
  const std::string& host = url.tunnel.empty() ? url.connection.host : url.tunnel;
  const auto found = std::ranges::find(configuration.tunnels, host, &TunnelSection::host);
  if (found != configuration.tunnels.end()) return &*found;
  if (configuration.tunnels.empty()) return nullptr;
  if (configuration.tunnels.size() == 1) return &configuration.tunnels.front();
  return not_certain("the configuration has several tunnels, and none is to the replica's host",
                     "say by --source HOST:PORT where the replica finds the relay");
}

}  // namespace

Result<seed::FollowTarget> follow_target(const Configuration& configuration, const ReplicaUrl& url,
                                         const FollowArguments& arguments) {
  const ReplicasSection& replicas = configuration.replicas;
  Endpoint endpoint = replicas.listen;
  bool tunnelled = false;
  if (!arguments.source.empty()) {
    RELAY_ASSIGN(endpoint, read_endpoint(arguments.source));
  } else {
    RELAY_ASSIGN(const TunnelSection* const tunnel, tunnel_of(configuration, url));
    if (tunnel != nullptr) endpoint = tunnel->remote_listen;
    tunnelled = tunnel != nullptr;
    if (is_any_address(endpoint.host)) {
      return not_certain("the relay's address, as the replica sees it, is not in the configuration",
                         "say it by --source HOST:PORT");
    }
  }
  seed::FollowTarget target;
  target.host = endpoint.host;
  target.port = endpoint.port;
  target.user = replicas.accounts.front().user;
  target.is_protected = tunnelled || endpoint.is_loopback();
  if (replicas.tls == ReplicaTls::off) return target;
  target.tls = replicas.tls == ReplicaTls::mutual ? seed::FollowTls::mutual : seed::FollowTls::required;
  target.tls_ca = arguments.source_ca;
  target.tls_cert = arguments.source_cert;
  target.tls_key = arguments.source_key;
  if (target.tls_ca.empty()) {
    return not_certain("replicas.tls is on, and it is not said by which authority the replica knows the relay",
                       "give --source-ca, a file at the replica");
  }
  const bool shows_certificate = !target.tls_cert.empty() && !target.tls_key.empty();
  if (target.tls == seed::FollowTls::mutual && !shows_certificate) {
    return not_certain("replicas.tls is mutual, and it is not said which certificate the replica shows",
                       "give --source-cert and --source-key, files at the replica");
  }
  return target;
}

}  // namespace relay::app
