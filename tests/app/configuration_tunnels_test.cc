#include "tests/app/configuration_tester.h"

namespace relay::app::testing {

constexpr const char* kTunnel = R"(
[[tunnels]]
type = "ssh"
host = "replica.cloud.example"
port = 2222
user = "tunnel"
key_file = "key.pem"
known_hosts = "ca.pem"
remote_listen = "127.0.0.1:3307"
keepalive = "20s"
)";

TEST_CASE("configuration: tunnels are read", "[app]") {
  const Folder folder;
  folder.write("phrase", "open sesame\n");
  Problems problems;
  const std::string second = R"(
[[tunnels]]
type = "ssh"
host = "other.example"
user = "tunnel"
agent = true
known_hosts = "ca.pem"
remote_listen = "[::1]:3307"
)";
  const auto configuration =
      folder.read(kExample + with(kTunnel, "key_file", "passphrase_file = \"phrase\"\nkey_file") + second, problems);
  for (const Problem& problem : problems) UNSCOPED_INFO(base::problem_line(problem));
  REQUIRE(configuration);
  REQUIRE(configuration->tunnels.size() == 2);
  const TunnelSection& tunnel = configuration->tunnels[0];
  CHECK(tunnel.host == "replica.cloud.example");
  CHECK(tunnel.port == 2222);
  CHECK(tunnel.user == "tunnel");
  CHECK(tunnel.key_file == folder.path("key.pem"));
  CHECK(tunnel.passphrase.reveal() == "open sesame");
  CHECK_FALSE(tunnel.agent);
  CHECK(tunnel.known_hosts == folder.path("ca.pem"));
  CHECK(tunnel.remote_listen == Endpoint{"127.0.0.1", 3307});
  CHECK(tunnel.keepalive == std::chrono::seconds(20));
  CHECK(configuration->tunnels[1].agent);
  CHECK(configuration->tunnels[1].port == 22);
  CHECK(configuration->tunnels[1].keepalive == std::chrono::seconds(15));
}

TEST_CASE("configuration: mistakes of tunnels are told", "[app]") {
  const Folder folder;
  const auto mistake = [&](const std::string& text) {
    Problems problems;
    CHECK_FALSE(folder.read(kExample + text, problems));
    return problems.empty() ? std::string() : problems[0].key + ": " + problems[0].what;
  };
  CHECK(mistake(with(kTunnel, "type = \"ssh\"\n", "")).find("tunnels[1].type") == 0);
  CHECK(mistake(with(kTunnel, "\"ssh\"", "\"tls\"")).find("tunnels[1].type") == 0);
  CHECK(mistake(with(kTunnel, "host = \"replica.cloud.example\"\n", "")).find("tunnels[1].host") == 0);
  CHECK(mistake(with(kTunnel, "user = \"tunnel\"\n", "")).find("tunnels[1].user") == 0);
  CHECK(mistake(with(kTunnel, "\"tunnel\"", "\"a b\"")).find("white space") != std::string::npos);
  CHECK(mistake(with(kTunnel, "key_file = \"key.pem\"\n", "")).find("tunnels[1].key_file") == 0);
  CHECK(mistake(with(kTunnel, "key.pem", "none.pem")).find("cannot be read") != std::string::npos);
  CHECK(mistake(with(kTunnel, "key_file", "agent = true\nkey_file")).find("tunnels[1].agent") == 0);
  CHECK(mistake(with(kTunnel, "key_file = \"key.pem\"", "agent = true\npassphrase_file = \"source.password\""))
            .find("tunnels[1].passphrase_file") == 0);
  CHECK(mistake(with(kTunnel, "known_hosts = \"ca.pem\"\n", "")).find("tunnels[1].known_hosts") == 0);
  CHECK(mistake(with(kTunnel, "remote_listen = \"127.0.0.1:3307\"\n", "")).find("tunnels[1].remote_listen") == 0);
  CHECK(mistake(with(kTunnel, "127.0.0.1:3307", "0.0.0.0:3307")).find("other machines") != std::string::npos);
  CHECK(mistake(with(kTunnel, "20s", "20ms")).find("tunnels[1].keepalive") == 0);
  CHECK(mistake(with(kTunnel, "keepalive", "keep_alive")).find("tunnels[1].keep_alive") == 0);
  CHECK(mistake(std::string(kTunnel) + kTunnel).find("stands there twice") != std::string::npos);
  CHECK(mistake(kTunnel + with(kTunnel, "\"tunnel\"", "\"another\"")).find("tunnels[2].remote_listen") == 0);
  CHECK(mistake(with(kTunnel, "replica.cloud.example", "[::1]:2222")).find("tunnels[1].host: has brackets") == 0);
}

TEST_CASE("configuration: several tunnels lead to one account, and an IPv6 host may stand in brackets", "[app]") {
  const Folder folder;
  Problems problems;
  const std::string first = with(kTunnel, "replica.cloud.example", "[2001:db8::7]");
  const auto configuration = folder.read(kExample + first + with(first, "127.0.0.1:3307", "127.0.0.1:3308"), problems);
  for (const Problem& problem : problems) UNSCOPED_INFO(base::problem_line(problem));
  REQUIRE(configuration);
  REQUIRE(configuration->tunnels.size() == 2);
  CHECK(configuration->tunnels[0].host == "2001:db8::7");
  CHECK(configuration->tunnels[1].remote_listen.port == 3308);
}

TEST_CASE("configuration: an account that nobody can use through a tunnel is a warning", "[app]") {
  const Folder folder;
  const auto warnings = [&](const std::string& from, const std::string& tunnel) {
    Problems problems;
    const std::string account = "user = \"cloud_replica\"\n";
    CHECK(folder.read(with(kExample, account, account + "from = [" + from + "]\n") + tunnel, problems));
    return problems.empty() ? std::string() : problems[0].key + ": " + problems[0].what;
  };
  CHECK(warnings("\"192.0.2.0/24\"", kTunnel).find("tunnels: lead to this machine") == 0);
  CHECK(warnings("\"192.0.2.0/24\", \"127.0.0.1\"", kTunnel).empty());
  CHECK(warnings("\"127.0.0.0/8\"", kTunnel).empty());
  CHECK(warnings("\"192.0.2.0/24\"", "").empty());
}

TEST_CASE("configuration: tunnels lead to [replicas]", "[app]") {
  const Folder folder;
  const std::string text = std::string("[rules]\nfiles = [\"rules/*.toml\"]\n") + kTunnel;
  Problems problems;
  folder.write("relay.toml", text);
  CHECK_FALSE(
      read_configuration(base::posix_file_system(), folder.path("relay.toml"), problems, ConfigurationUse::files));
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].key == "tunnels");
}

}  // namespace relay::app::testing
