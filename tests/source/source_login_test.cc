// Authentication and TLS against real servers.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/source/real_server.h"

namespace relay::source::testing {

namespace {

using Purpose = SourceConnection::Purpose;

bool is_ready(const std::string& name) {
  if (!is_prepared(name)) WARN(name << " is not prepared: run scripts/servers");
  return is_prepared(name);
}

// An authority with one certificate for localhost, and another authority that signed nothing.
std::string make_certificates(const std::string& folder) {
  const std::string tls = folder + "/tls";
  const std::string script =
      "set -e; mkdir -p " + tls + "; cd " + tls +
      "; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Authority -keyout ca.key -out ca.pem"
      "; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Stranger -keyout other.key -out other.pem"
      "; openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr"
      "; printf 'subjectAltName=DNS:localhost' > names"
      "; openssl x509 -req -in server.csr -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out "
      "server.pem";
  REQUIRE(std::system(("( " + script + " ) > " + folder + "/openssl.log 2>&1").c_str()) == 0);
  return tls;
}

base::Result<void> try_login(const SourceSettings& settings, bool encrypted) {
  SourceConnection connection;
  auto done = connection.connect(settings, Purpose::questions);
  if (done) CHECK(connection.is_encrypted() == encrypted);
  return done;
}

std::string outcome(const base::Result<void>& result) { return result ? "connected" : result.error().message(); }

}  // namespace

TEST_CASE("source_login: caching_sha2_password works in clear text and in TLS", "[server]") {
  if (!is_ready("mysql-9.7")) return;
  RealServer& server = clean_server("mysql-9.7");
  server.run({"CREATE USER 'relay'@'%' IDENTIFIED WITH caching_sha2_password BY 'pass word'"});
  SourceSettings settings = server.tcp_settings("relay", "pass word");
  CHECK(outcome(try_login(settings, false)) == "connected");  // with the server's RSA key: nothing is cached yet
  CHECK(outcome(try_login(settings, false)) == "connected");
  server.run({"FLUSH PRIVILEGES"});
  settings.tls = TlsMode::preferred;
  CHECK(outcome(try_login(settings, true)) == "connected");
  settings.tls = TlsMode::required;
  CHECK(outcome(try_login(settings, true)) == "connected");
  CHECK(outcome(try_login(server.tcp_settings("relay", "wrong"), false)).find("refused user or password") !=
        std::string::npos);
}

TEST_CASE("source_login: a Unix socket has TLS where it is asked for alone", "[server]") {
  if (!is_ready("mysql-9.7")) return;
  RealServer& server = clean_server("mysql-9.7");
  server.run({"CREATE USER 'relay'@'%' IDENTIFIED WITH caching_sha2_password BY 'pass word'"});
  SourceSettings settings = server.tcp_settings("relay", "pass word");
  settings.socket = server.socket_settings().socket;
  settings.tls = TlsMode::preferred;
  CHECK(outcome(try_login(settings, false)) == "connected");  // nothing is cached yet
  CHECK(outcome(try_login(settings, false)) == "connected");
  settings.tls = TlsMode::required;
  CHECK(outcome(try_login(settings, true)) == "connected");
  settings.tls = TlsMode::preferred;
  settings.password = base::Secret("wrong");
  CHECK(outcome(try_login(settings, false)).find("refused user or password") != std::string::npos);
}

TEST_CASE("source_login: mysql_native_password works on the servers that have it", "[server]") {
  const std::string name = GENERATE("mysql-5.6", "mariadb-10.5", "mariadb-11.8");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  server.run({"CREATE USER 'relay'@'%' IDENTIFIED BY 'secret'"});
  CHECK(outcome(try_login(server.tcp_settings("relay", "secret"), false)) == "connected");
  const auto refused = try_login(server.tcp_settings("relay", "wrong"), false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind() == base::ErrorKind::peer);
  CHECK(refused.error().system_code() == 1045);
}

TEST_CASE("source_login: required TLS is refused where the server has none", "[server]") {
  if (!is_ready("mariadb-10.11")) return;
  RealServer server("mariadb-10.11", {"--skip-ssl"});
  server.run({"CREATE USER 'relay'@'%' IDENTIFIED BY 'secret'"});
  SourceSettings settings = server.tcp_settings("relay", "secret");
  settings.tls = TlsMode::preferred;
  CHECK(outcome(try_login(settings, false)) == "connected");
  for (const TlsMode mode : {TlsMode::required, TlsMode::verify_ca, TlsMode::verify_identity}) {
    settings.tls = mode;
    CHECK_FALSE(try_login(settings, true));
  }
}

TEST_CASE("source_login: verifying takes the right authority and the right name", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mariadb-10.11");
  if (!is_ready(name)) return;
  char folder[] = "/tmp/relay-source-tls-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string tls = make_certificates(folder);
  RealServer server(
      name, {"--ssl-ca=" + tls + "/ca.pem", "--ssl-cert=" + tls + "/server.pem", "--ssl-key=" + tls + "/server.key"});
  server.run({"CREATE USER 'relay'@'%' IDENTIFIED BY 'secret'"});
  SourceSettings settings = server.tcp_settings("relay", "secret");
  settings.host = "localhost";
  for (const TlsMode mode : {TlsMode::verify_ca, TlsMode::verify_identity}) {
    settings.tls = mode;
    settings.tls_ca = tls + "/ca.pem";
    CHECK(outcome(try_login(settings, true)) == "connected");
    settings.tls_ca = tls + "/other.pem";
    CHECK_FALSE(try_login(settings, true));
  }
  settings.tls_ca = tls + "/ca.pem";
  settings.host = "127.0.0.1";  // the certificate does not name it
  CHECK_FALSE(try_login(settings, true));
  settings.tls = TlsMode::required;  // encrypted, whoever it is
  settings.tls_ca.clear();
  CHECK(outcome(try_login(settings, true)) == "connected");
  (void)std::system(("rm -rf " + std::string(folder)).c_str());
}

TEST_CASE("source_login: nobody there is an error that passes", "[server]") {
  SourceSettings settings;
  settings.port = 1;
  settings.user = "relay";
  const auto refused = try_login(settings, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind() == base::ErrorKind::io);
  CHECK(refused.error().subject() == "relay@127.0.0.1");
  CHECK(refused.error().remedy().find("source.host and source.port") != std::string_view::npos);
  settings.socket = "/nowhere/there.sock";
  const auto no_socket = try_login(settings, false);
  REQUIRE_FALSE(no_socket);
  CHECK(no_socket.error().subject() == "relay@/nowhere/there.sock");
  CHECK(no_socket.error().remedy().find("source.socket") != std::string_view::npos);
}

}  // namespace relay::source::testing
