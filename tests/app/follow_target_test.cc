#include "relay/app/follow_target.h"

#include <catch2/catch.hpp>

namespace relay::app {
namespace {

Configuration configured(const std::vector<Endpoint>& tunnels) {
  Configuration configuration;
  configuration.replicas.listen = {"127.0.0.1", 3307};
  configuration.replicas.accounts.push_back({"first", base::Secret("secret")});
  configuration.replicas.accounts.push_back({"second", base::Secret("secret")});
  for (std::size_t i = 0; i < tunnels.size(); ++i) {
    TunnelSection& tunnel = configuration.tunnels.emplace_back();
    tunnel.host = "host" + std::to_string(i);
    tunnel.remote_listen = tunnels[i];
  }
  return configuration;
}

ReplicaUrl url_of(const std::string& host, const std::string& tunnel = "") {
  ReplicaUrl url;
  url.connection.host = host;
  url.tunnel = tunnel;
  return url;
}

std::string target(const Configuration& configuration, const ReplicaUrl& url, const FollowArguments& arguments = {}) {
  const auto found = follow_target(configuration, url, arguments);
  if (!found) return std::string(found.error().what());
  return found->user + "@" + found->host + ":" + std::to_string(found->port) + (found->is_protected ? "" : " open");
}

}  // namespace

TEST_CASE("follow_target: where the tunnel ends, or the relay listens, or as is said", "[app]") {
  CHECK(target(configured({}), url_of("127.0.0.1")) == "first@127.0.0.1:3307");
  const Configuration one = configured({{"127.0.0.1", 4000}});
  CHECK(target(one, url_of("127.0.0.1", "host0")) == "first@127.0.0.1:4000");
  CHECK(target(one, url_of("db.example")) == "first@127.0.0.1:4000");
  const Configuration two = configured({{"127.0.0.1", 4000}, {"10.0.0.1", 5000}});
  CHECK(target(two, url_of("127.0.0.1", "host1")) == "first@10.0.0.1:5000");
  CHECK(target(two, url_of("host0")) == "first@127.0.0.1:4000");
  CHECK(target(two, url_of("db.example")).find("several tunnels") != std::string::npos);
  CHECK(target(two, url_of("db.example"), {"relay.example:3309", "", "", ""}) == "first@relay.example:3309 open");
  CHECK(target(two, url_of("db.example"), {"[::1]:3309", "", "", ""}) == "first@::1:3309");
  for (const char* wrong : {"relay", "relay:", "relay:0", "relay:70000", ":3307", "relay:33x"}) {
    CHECK(target(two, url_of("db.example"), {wrong, "", "", ""}) == "--source is no address");
  }
  Configuration everywhere = configured({});
  everywhere.replicas.listen.host = "0.0.0.0";
  CHECK(target(everywhere, url_of("db.example")).find("not in the configuration") != std::string::npos);
}

TEST_CASE("follow_target: TLS that cannot be checked at the replica is refused", "[app]") {
  Configuration configuration = configured({});
  configuration.replicas.tls = ReplicaTls::required;
  CHECK(target(configuration, url_of("x")).find("authority") != std::string::npos);
  CHECK(target(configuration, url_of("x"), {"", "/ca.pem", "", ""}) == "first@127.0.0.1:3307");
  configuration.replicas.tls = ReplicaTls::mutual;
  CHECK(target(configuration, url_of("x"), {"", "/ca.pem", "", ""}).find("certificate") != std::string::npos);
  CHECK(target(configuration, url_of("x"), {"", "/ca.pem", "/c.pem", "/k.pem"}) == "first@127.0.0.1:3307");
}

}  // namespace relay::app
