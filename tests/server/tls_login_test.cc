#include <openssl/ssl.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/support/certificate.h"
#include "tests/support/fake_replica.h"
#include "tests/support/sample_spool.h"
#include "tunnel/tcp_stream.h"
#include "tunnel/tls_stream.h"

using namespace relay;
using namespace relay::testing;

namespace {

// The number of the error that a log-in ends with; 0 where it does not, 1 where the connection is cut.
std::uint16_t refused(std::uint16_t port, const ClientOptions& options) {
  try {
    FakeReplica replica(port, options);
    return 0;
  } catch (const ServerError& error) {
    return error.code;
  } catch (const ConnectionLost&) {
    return 1;
  }
}

std::shared_ptr<const tunnel::TlsContext> tls_client(const CertificateFiles& shown = {}) {
  return *tunnel::TlsContext::client({shown.certificate, shown.key, ""});
}

ClientOptions mariadb_client() {
  ClientOptions options;
  options.sort = ClientSort::mariadb;
  return options;
}

// A spool of one transaction, and a server with a fresh certificate.
struct TlsServer {
  explicit TlsServer(const std::string& like, bool require = false) : spool(like) {
    spool.start_file();
    spool.add(1);
    certificate = spool.folder() + "/cert.pem";
    key = spool.folder() + "/key.pem";
    write_certificate({certificate, key});
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

}  // namespace

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
  CHECK(refused(tls.server->port(), {}) == 3159);
  ClientOptions options;
  options.tls = tls_client();
  CHECK(FakeReplica(tls.server->port(), options).query("select user()")[0][0] == "replica");
  // Again and again they are turned away unread, and with no line in the log.
  for (std::uint32_t i = 0; i < server::LoginGuard::kFree; ++i) CHECK(refused(tls.server->port(), {}) == 3159);
  CHECK(refused(tls.server->port(), {}) == 1129);
}

TEST_CASE("login: with a CA, only clients with a certificate of it are let in", "[server]") {
  TlsServer tls("my97-nopk");
  auto settings = tls.spool.settings();
  settings.tls = tunnel::TlsFiles{tls.certificate, tls.key, tls.certificate};
  settings.require_tls = true;
  const auto server = tls.spool.serve(std::move(settings));
  ClientOptions options;
  options.tls = tls_client();
  CHECK(refused(server->port(), options) == 1);
  options.tls = tls_client({tls.certificate, tls.key});
  CHECK(FakeReplica(server->port(), options).query("select user()")[0][0] == "replica");
}

TEST_CASE("login: a MariaDB client in TLS gets the proof that the certificate is the server's", "[server]") {
  TlsServer tls("ma118-nopk");
  ClientOptions options = mariadb_client();
  options.tls = tls_client();
  const FakeReplica replica(tls.server->port(), options);
  CHECK(replica.ok_info().size() == 65);
  CHECK(replica.ok_info()[0] == '\x01');
  CHECK(replica.ok_info().find_first_not_of("0123456789ABCDEF", 1) == std::string::npos);
  CHECK(FakeReplica(tls.server->port(), mariadb_client()).ok_info().empty());
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

namespace {

// A server that asks for certificates of its CA, of which 7 is revoked; one of its accounts needs a certain one.
struct MutualServer {
  MutualServer() : spool("my97-nopk"), authority(files("ca")), own(files("server")) {
    spool.start_file();
    spool.add(1);
    write_certificate(authority, {.common_name = "Example CA", .authority = true});
    write_certificate(own, {.issuer = &authority, .serial = 2});
    write_revoked(spool.folder() + "/revoked.pem", authority, {7});
    auto settings = spool.settings();
    settings.tls = tunnel::TlsFiles{own.certificate, own.key, authority.certificate, spool.folder() + "/revoked.pem"};
    settings.require_tls = true;
    settings.accounts.push_back({"named", base::Secret("secret"), {}, "CN=replica", "replica.example"});
    settings.accounts.push_back({"far", base::Secret("secret"), {*server::AddressRange::parse("192.0.2.0/24")}});
    server = spool.serve(std::move(settings));
  }
  CertificateFiles files(const std::string& name) const {
    return {spool.folder() + "/" + name + ".pem", spool.folder() + "/" + name + ".key"};
  }
  // With a certificate of its own.
  ClientOptions client(const CertificateOptions& shown, const std::string& user = "replica") const {
    ClientOptions options;
    options.user = user;
    write_certificate(files("client"), shown);
    options.tls = tls_client(files("client"));
    return options;
  }
  SampleSpool spool;
  CertificateFiles authority, own;
  std::unique_ptr<server::ReplicaServer> server;
};

}  // namespace

TEST_CASE("login: certificates that are revoked, out of date or of another CA let nobody in", "[server]") {
  const MutualServer mutual;
  const std::uint16_t port = mutual.server->port();
  const CertificateFiles* const ca = &mutual.authority;
  CHECK(refused(port, mutual.client({.issuer = ca, .serial = 6})) == 0);
  CHECK(refused(port, mutual.client({.issuer = ca, .serial = 7})) == 1);
  CHECK(refused(port, mutual.client({.issuer = ca, .serial = 8, .valid_seconds = -60})) == 1);
  CHECK(refused(port, mutual.client({.serial = 9})) == 1);
  ClientOptions none;
  none.tls = tls_client();
  CHECK(refused(port, none) == 1);
}

TEST_CASE("login: an account's subject, name and addresses are asked for, and told of to nobody", "[server]") {
  const MutualServer mutual;
  const std::uint16_t port = mutual.server->port();
  CertificateOptions shown{
      .common_name = "replica", .dns_names = {"x.example", "replica.example"}, .issuer = &mutual.authority};
  CHECK(refused(port, mutual.client(shown, "named")) == 0);
  CHECK(refused(port, mutual.client(shown, "far")) == 1045);
  shown.dns_names.pop_back();
  CHECK(refused(port, mutual.client(shown, "named")) == 1045);
  CHECK(refused(port, mutual.client(shown)) == 0);  // and the address is as good as new
  shown.dns_names = {"replica.example"};
  shown.common_name = "replica2";
  CHECK(refused(port, mutual.client(shown, "named")) == 1045);
}

TEST_CASE("login: new certificates count from the next handshake, and open sessions stay", "[server]") {
  const MutualServer mutual;
  FakeReplica before(mutual.server->port(), mutual.client({.issuer = &mutual.authority, .serial = 10}));
  write_revoked(mutual.spool.folder() + "/revoked.pem", mutual.authority, {7, 10});
  CHECK(refused(mutual.server->port(), mutual.client({.issuer = &mutual.authority, .serial = 10})) == 0);
  REQUIRE(mutual.server->renew_tls().has_value());
  CHECK(refused(mutual.server->port(), mutual.client({.issuer = &mutual.authority, .serial = 10})) == 1);
  CHECK(before.query("select user()")[0][0] == "replica");
  INFO("files that do not work change nothing");
  REQUIRE(std::remove(mutual.own.key.c_str()) == 0);
  const auto renewed = mutual.server->renew_tls();
  REQUIRE_FALSE(renewed.has_value());
  CHECK(renewed.error().subject() == mutual.own.key);
  CHECK(refused(mutual.server->port(), mutual.client({.issuer = &mutual.authority, .serial = 11})) == 0);
}

TEST_CASE("tls_stream: a peer that changes its keys, and asks for ours to be changed, is understood", "[server]") {
  const TlsServer files("my97-nopk");
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  std::string answered;
  int changed = 0;
  std::thread peer([&] {
    const auto context = tls_client();
    SSL* const ssl = SSL_new(context->native());
    SSL_set_fd(ssl, ends[1]);
    char byte = 0;
    if (SSL_connect(ssl) == 1) {
      for (const char sent : {'a', 'b', 'c'}) {
        changed += SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        if (SSL_write(ssl, &sent, 1) == 1 && SSL_read(ssl, &byte, 1) == 1) answered += byte;
      }
    }
    SSL_free(ssl);
    ::close(ends[1]);
  });
  base::StopToken stop;
  const auto deadline = tunnel::deadline_after(std::chrono::seconds(20));
  auto context = tunnel::TlsContext::server({files.certificate, files.key, ""});
  auto stream = tunnel::TlsStream::accept(*context, std::make_unique<tunnel::TcpStream>(ends[0], stop), {}, deadline);
  for (int i = 0; stream && i < 3; ++i) {
    std::uint8_t byte = 0;
    const auto got = (*stream)->read_some(&byte, 1, deadline);
    if (!got || *got != 1) break;
    const base::ByteView echo(&byte, 1);
    CHECK((*stream)->write_all({&echo, 1}, std::chrono::seconds(5)).has_value());
  }
  peer.join();
  CHECK(changed == 3);
  CHECK(answered == "abc");
}
