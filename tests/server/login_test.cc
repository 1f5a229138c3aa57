#include <catch2/catch.hpp>

#include "relay/wire/digest.h"
#include "relay/wire/password_proof.h"
#include "tests/support/certificate.h"
#include "tests/support/fake_replica.h"
#include "tests/support/sample_spool.h"
#include "tunnel/tcp_stream.h"

using namespace relay;
using namespace relay::testing;

namespace {

std::uint16_t error_code(const std::function<void()>& action) {
  try {
    action();
  } catch (const ServerError& error) {
    return error.code;
  }
  return 0;
}

ClientOptions client(ClientSort sort) {
  ClientOptions options;
  options.sort = sort;
  return options;
}

// A spool of one transaction, and a server with a fresh certificate.
struct TlsServer {
  explicit TlsServer(const std::string& like, bool require = false) : spool(like) {
    spool.start_file();
    spool.add(1);
    certificate = spool.folder() + "/cert.pem";
    key = spool.folder() + "/key.pem";
    write_certificate(certificate, key);
    auto settings = spool.settings();
    settings.tls = tunnel::TlsFiles{certificate, key, ""};
    settings.require_tls = require;
    server = spool.serve(std::move(settings));
  }
  SampleSpool spool;
  std::string certificate;
  std::string key;
  std::unique_ptr<server::ReplicaServer> server;
};

std::shared_ptr<const tunnel::TlsContext> tls_client() { return *tunnel::TlsContext::client({}); }

}  // namespace

TEST_CASE("login: before anything is spooled a client is asked to come again", "[server]") {
  SampleSpool spool("my97-nopk");
  server::ServerSettings settings = spool.settings();
  settings.first_file_patience = std::chrono::milliseconds(10);
  const auto server = spool.serve(std::move(settings));
  CHECK(error_code([&] { FakeReplica replica(server->port(), {}); }) == 1040);
}

TEST_CASE("login: greets as the source of the spool would", "[server]") {
  struct Sample {
    const char* like;
    const char* version;
    const char* plugin;
  };
  for (const Sample& sample : {Sample{"my97-nopk", "9.7.4", "caching_sha2_password"},
                               Sample{"my56-nopk", "5.6.24-log", "mysql_native_password"},
                               Sample{"ma1011-nopk", "5.5.5-10.11.19-MariaDB", "mysql_native_password"},
                               Sample{"ma118-nopk", "11.8.6-MariaDB", "mysql_native_password"}}) {
    SampleSpool spool(sample.like);
    spool.start_file();
    const auto server = spool.serve();
    const FakeReplica replica(server->port(), client(ClientSort::mysql97));
    CHECK(replica.server_version().substr(0, std::string(sample.version).size()) == sample.version);
    CHECK(replica.offered_plugin() == sample.plugin);
  }
}

TEST_CASE("login: both plugins, offered or switched to, fast or full", "[server]") {
  for (const char* like : {"my97-nopk", "ma1011-nopk"}) {
    SampleSpool spool(like);
    spool.start_file();
    server::ServerSettings settings = spool.settings();
    settings.rsa_key = nullptr;  // the server makes its own, as in a relay
    const auto server = spool.serve(std::move(settings));
    for (const char* plugin : {"mysql_native_password", "caching_sha2_password"}) {
      for (const bool spoil : {false, true}) {
        INFO(like << " " << plugin << (spoil ? " full" : ""));
        ClientOptions options;
        options.plugin = plugin;
        options.spoil_first_proof = spoil && plugin == std::string("caching_sha2_password");
        FakeReplica replica(server->port(), options);
        CHECK(replica.full_authentication() == options.spoil_first_proof);
        CHECK(replica.query("select connection_id()")[0][0] == std::to_string(replica.connection_id()));
      }
    }
  }
}

TEST_CASE("login: a wrong password and an unknown user get the same answer", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  const auto server = spool.serve();
  for (const char* plugin : {"mysql_native_password", "caching_sha2_password"}) {
    std::vector<std::string> messages;
    for (const auto& [user, password] : {std::pair{"replica", "wrong"}, std::pair{"nobody", "secret"}}) {
      ClientOptions options;
      options.plugin = plugin;
      options.user = user;
      options.password = password;
      try {
        FakeReplica replica(server->port(), options);
        FAIL("logged in");
      } catch (const ServerError& error) {
        CHECK(error.code == 1045);
        messages.emplace_back(error.what());
      }
    }
    CHECK(messages.at(0) == "Access denied for user 'replica'@'127.0.0.1' (using password: YES)");
    CHECK(messages.at(1) == "Access denied for user 'nobody'@'127.0.0.1' (using password: YES)");
  }
}

TEST_CASE("login: goes over to TLS in the middle of the handshake", "[server]") {
  TlsServer tls("my97-nopk");
  for (const bool spoil : {false, true}) {
    ClientOptions options;
    options.tls = tls_client();
    options.spoil_first_proof = spoil;
    FakeReplica replica(tls.server->port(), options);
    CHECK(replica.full_authentication() == spoil);
    replica.introduce();
    replica.dump("", 4);
    CHECK(replica.next()->type() == 4);
  }
  CHECK(FakeReplica(tls.server->port(), {}).query("select user()")[0][0] == "replica");
}

TEST_CASE("login: where TLS is required, clear connections are refused before the password", "[server]") {
  TlsServer tls("my97-nopk", true);
  CHECK(error_code([&] { FakeReplica replica(tls.server->port(), {}); }) == 3159);
  ClientOptions options;
  options.tls = tls_client();
  CHECK(FakeReplica(tls.server->port(), options).query("select user()")[0][0] == "replica");
}

TEST_CASE("login: with a CA, only clients with a certificate of it are let in", "[server]") {
  TlsServer tls("my97-nopk");
  auto settings = tls.spool.settings();
  settings.tls = tunnel::TlsFiles{tls.certificate, tls.key, tls.certificate};
  settings.require_tls = true;
  const auto server = tls.spool.serve(std::move(settings));
  ClientOptions options;
  options.tls = tls_client();
  CHECK_THROWS_AS(FakeReplica(server->port(), options), ConnectionLost);
  options.tls = *tunnel::TlsContext::client({tls.certificate, tls.key, ""});
  CHECK(FakeReplica(server->port(), options).query("select user()")[0][0] == "replica");
}

TEST_CASE("login: a MariaDB client in TLS gets the proof that the certificate is the server's", "[server]") {
  TlsServer tls("ma118-nopk");
  ClientOptions options = client(ClientSort::mariadb);
  options.tls = tls_client();
  const FakeReplica replica(tls.server->port(), options);
  CHECK(replica.ok_info().size() == 65);
  CHECK(replica.ok_info()[0] == '\x01');
  CHECK(replica.ok_info().find_first_not_of("0123456789ABCDEF", 1) == std::string::npos);
  CHECK(FakeReplica(tls.server->port(), client(ClientSort::mariadb)).ok_info().empty());
}

TEST_CASE("login: TLS files that do not work are named at the start", "[server]") {
  SampleSpool spool("my97-nopk");
  for (const auto& files :
       {tunnel::TlsFiles{"/nowhere/cert.pem", "/nowhere/key.pem", ""}, tunnel::TlsFiles{"", "", ""}}) {
    auto settings = spool.settings();
    settings.tls = files;
    CHECK_THROWS_WITH(spool.serve(std::move(settings)), Catch::Contains("certificate"));
  }
}

TEST_CASE("login: a client that is too slow or says nothing is dropped", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  auto settings = spool.settings();
  settings.handshake_time = std::chrono::milliseconds(100);
  const auto server = spool.serve(std::move(settings));
  base::StopToken stop;
  auto stream =
      tunnel::TcpStream::connect("127.0.0.1", server->port(), tunnel::deadline_after(std::chrono::seconds(5)), stop);
  REQUIRE(stream);
  std::vector<std::uint8_t> block(4096);
  const auto deadline = tunnel::deadline_after(std::chrono::seconds(5));
  auto got = (*stream)->read_some(block.data(), block.size(), deadline);
  while (got && *got > 0) got = (*stream)->read_some(block.data(), block.size(), deadline);
  REQUIRE(got);
  CHECK(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("login: one connection more than allowed is refused, and let in when one has left", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  auto settings = spool.settings();
  settings.maximum_connections = 2;
  const auto server = spool.serve(std::move(settings));
  auto first = std::make_unique<FakeReplica>(server->port(), ClientOptions{});
  const FakeReplica second(server->port(), {});
  CHECK(error_code([&] { FakeReplica third(server->port(), {}); }) == 1040);
  first.reset();
  bool let_in = false;
  for (int i = 0; i < 50 && !let_in; ++i) {
    let_in = error_code([&] { FakeReplica third(server->port(), {}); }) == 0;
    if (!let_in) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  CHECK(let_in);
}
