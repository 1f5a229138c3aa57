#include "relay/app/replica_url.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace relay;
using source::TlsMode;

namespace {

base::Result<app::ReplicaUrl> read(const std::string& text) {
  return app::read_replica_url(base::posix_file_system(), text);
}

std::string message(const std::string& text) {
  const auto url = read(text);
  REQUIRE_FALSE(url);
  CHECK(url.error().kind() == base::ErrorKind::configuration);
  CHECK_FALSE(url.error().remedy().empty());
  return url.error().message();
}

}  // namespace

TEST_CASE("replica_url: names user, host and port", "[app]") {
  const auto plain = read("mysql://seed@127.0.0.1/");
  REQUIRE(plain);
  CHECK(plain->connection.user == "seed");
  CHECK(plain->connection.host == "127.0.0.1");
  CHECK(plain->connection.port == 3306);
  CHECK(plain->connection.tls == TlsMode::preferred);
  const auto port = read("mysql://a%40b%3a@localhost:3310");
  REQUIRE(port);
  CHECK(port->connection.user == "a@b:");
  CHECK(port->connection.port == 3310);
  const auto six = read("mysql://seed@[::1]:3311/");
  REQUIRE(six);
  CHECK(six->connection.host == "::1");
  CHECK(six->connection.port == 3311);
  const auto at = read("mysql://a@b@localhost/");
  REQUIRE(at);
  CHECK(at->connection.user == "a@b");
}

TEST_CASE("replica_url: takes the keys of [source], and a tunnel", "[app]") {
  const auto url = read("mysql://seed@db/?tls=verify_ca&tls_ca=%2Fca.pem&tls_cert=c.pem&tls_key=k.pem");
  REQUIRE(url);
  CHECK(url->connection.tls == TlsMode::verify_ca);
  CHECK(url->connection.tls_ca == "/ca.pem");
  CHECK(url->connection.tls_cert == "c.pem");
  CHECK(url->connection.tls_key == "k.pem");
  const auto socket = read("mysql://seed@db/?socket=/run/mysqld.sock");
  REQUIRE(socket);
  CHECK(socket->connection.socket == "/run/mysqld.sock");
  const auto tunnel = read("mysql://seed@db.internal:3307/?tunnel=cloud.example");
  REQUIRE(tunnel);
  CHECK(tunnel->tunnel == "cloud.example");
  CHECK(tunnel->connection.tls == TlsMode::required);
}

TEST_CASE("replica_url: a way over a network is encrypted and checked, or refused", "[app]") {
  CHECK(message("mysql://seed@db.example/").find("tls_ca") != std::string::npos);
  CHECK(message("mysql://seed@db.example/?tls=off").find("unencrypted") != std::string::npos);
  CHECK(message("mysql://seed@db.example/?tls=preferred").find("unencrypted") != std::string::npos);
  CHECK(message("mysql://seed@db.internal/?tunnel=cloud.example&tls=preferred").find("unencrypted") !=
        std::string::npos);
  const auto there = read("mysql://seed@127.0.0.1/?tunnel=cloud.example");
  REQUIRE(there);
  CHECK(there->connection.tls == TlsMode::preferred);
  const auto url = read("mysql://seed@db.example/?tls_ca=ca.pem");
  REQUIRE(url);
  CHECK(url->connection.tls == TlsMode::verify_identity);
  CHECK(read("mysql://seed@db.example/?tls=required"));
}

TEST_CASE("replica_url: the password comes from a file or a variable", "[app]") {
  const auto path = std::filesystem::temp_directory_path() / ("replica_url_test." + std::to_string(::getpid()));
  std::ofstream(path) << "from a file\r\n";
  const auto file = read("mysql://seed@localhost/?password_file=" + path.string());
  REQUIRE(file);
  CHECK(file->connection.password.reveal() == "from a file");
  ::setenv("REPLICA_URL_TEST", "from a variable", 1);
  const auto variable = read("mysql://seed@localhost/?password_env=REPLICA_URL_TEST");
  REQUIRE(variable);
  CHECK(variable->connection.password.reveal() == "from a variable");
  ::setenv("BINLOG_RELAY_REPLICA_PASSWORD", "from its own variable", 1);
  const auto own = read("mysql://seed@localhost/");
  REQUIRE(own);
  CHECK(own->connection.password.reveal() == "from its own variable");
  ::unsetenv("BINLOG_RELAY_REPLICA_PASSWORD");
  const auto none = read("mysql://seed@localhost/");
  REQUIRE(none);
  CHECK(none->connection.password.empty());
  CHECK(message("mysql://s@localhost/?password_env=REPLICA_URL_TEST_NOT_SET").find("not set") != std::string::npos);
  CHECK(message("mysql://s@localhost/?password_env=A&password_file=B").find("keep one") != std::string::npos);
  CHECK_FALSE(read("mysql://seed@localhost/?password_file=/nowhere/at/all"));
  std::filesystem::remove(path);
}

TEST_CASE("replica_url: a password in the URL is refused and not repeated", "[app]") {
  for (const std::string url : {"mysql://seed:hunter2@localhost/", "mysql://seed@localhost/?password=hunter2",
                                "mysql://seed@localhost/?hunter2=x", "mysql://seed@localhost/?tls=hunter2"}) {
    INFO(url);
    CHECK(message(url).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("replica_url: a key that is not known is not told, since it may be a password", "[app]") {
  for (const char* text :
       {"mysql://seed@127.0.0.1/?hunter2", "mysql://seed@127.0.0.1/?hunter2=", "mysql://seed@127.0.0.1/?hunter2=1"}) {
    CHECK(message(text).find("hunter2") == std::string::npos);
  }
  CHECK(message("mysql://seed@127.0.0.1/?tls_ca=").find("tls_ca") != std::string::npos);
}

TEST_CASE("replica_url: what is none is refused", "[app]") {
  for (const std::string url : {"",
                                "mysql://",
                                "localhost",
                                "postgres://a@b/",
                                "mysql://@localhost/",
                                "mysql://localhost/",
                                "mysql://a@/",
                                "mysql://a@localhost:0/",
                                "mysql://a@localhost:65536/",
                                "mysql://a@localhost:33x6/",
                                "mysql://a@[::1/",
                                "mysql://a@[::1]3306/",
                                "mysql://a@localhost/shop",
                                "mysql://a%@localhost/",
                                "mysql://a%2@localhost/",
                                "mysql://a%00@localhost/",
                                "mysql://a%zz@localhost/",
                                "mysql://a@localhost/?socket=",
                                "mysql://a@localhost/?x=1",
                                "mysql://a@localhost/?socket=/s&tunnel=t",
                                "mysql://a@localhost/#x",
                                "mysql://a%-1@localhost/"}) {
    INFO(url);
    message(url);
  }
}
