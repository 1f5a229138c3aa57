#include <catch2/catch.hpp>

#include "relay/server/login_guard.h"
#include "relay/server/replica_account.h"

using namespace relay::server;
using std::chrono::seconds;

TEST_CASE("address_range: addresses, ranges, and IPv4 inside of IPv6", "[server]") {
  const auto contains = [](const char* range, const char* host) {
    const auto parsed = AddressRange::parse(range);
    REQUIRE(parsed.has_value());
    return parsed->contains(host);
  };
  CHECK(contains("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(contains("192.0.2.7", "192.0.2.8"));
  CHECK(contains("192.0.2.0/24", "192.0.2.255"));
  CHECK_FALSE(contains("192.0.2.0/24", "192.0.3.0"));
  CHECK(contains("192.0.2.0/24", "::ffff:192.0.2.9"));
  CHECK(contains("::ffff:192.0.2.0/120", "192.0.2.9"));
  CHECK(contains("0.0.0.0/0", "203.0.113.1"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(contains("::/0", "192.0.2.1"));
  CHECK_FALSE(contains("192.0.2.7", "replica.example"));
  for (const char* wrong : {"", "192.0.2", "192.0.2.7/33", "192.0.2.7/24", "192.0.2.0/", "192.0.2.0/x", "192.0.2.0/-1",
                            "::/129", "2001:db8::1/32", "replica.example", "192.0.2.0/24 "}) {
    INFO(wrong);
    CHECK_FALSE(AddressRange::parse(wrong).has_value());
  }
  CHECK(host_of("192.0.2.7:51234") == "192.0.2.7");
  CHECK(host_of("[2001:db8::1]:51234") == "2001:db8::1");
}

TEST_CASE("replica_account: admits by address, subject and name", "[server]") {
  ReplicaAccount account;
  const std::optional<relay::tunnel::PeerCertificate> shown({"CN=replica,O=Example", {"replica.example", "192.0.2.7"}});
  CHECK(account.admits("203.0.113.1", std::nullopt));
  account.from = {*AddressRange::parse("127.0.0.1"), *AddressRange::parse("192.0.2.0/24")};
  CHECK(account.admits("192.0.2.3", std::nullopt));
  CHECK_FALSE(account.admits("203.0.113.1", shown));
  account.tls_subject = "CN=replica,O=Example";
  CHECK(account.admits("192.0.2.3", shown));
  CHECK_FALSE(account.admits("192.0.2.3", std::nullopt));
  account.tls_name = "replica.example";
  CHECK(account.admits("192.0.2.3", shown));
  account.tls_name = "other.example";
  CHECK_FALSE(account.admits("192.0.2.3", shown));
  account.tls_name.clear();
  account.tls_subject = "CN=replica";
  CHECK_FALSE(account.admits("192.0.2.3", shown));
}

TEST_CASE("login_guard: who guesses waits, and longer each time", "[server]") {
  LoginGuard guard;
  const LoginGuard::Client client{"192.0.2.7", "replica"};
  auto now = LoginGuard::Clock::now();
  const auto refused = [&] { return guard.begin(client, now).refused(now); };
  for (std::uint32_t i = 1; i < LoginGuard::kFree; ++i) {
    CHECK(refused().count() == 0);
    CHECK_FALSE(guard.begin(client, now).blocked());
  }
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
    CHECK(refused() == seconds(wait));
    CHECK(guard.begin(client, now).blocked());
    CHECK_FALSE(guard.begin({"192.0.2.7", "other"}, now).blocked());
    CHECK_FALSE(guard.begin({"192.0.2.8", "replica"}, now).blocked());
    now += seconds(wait);
    CHECK_FALSE(guard.begin(client, now).blocked());
  }
  guard.begin(client, now).accepted();
  CHECK(refused().count() == 0);
  INFO("a failure of long ago does not count");
  for (std::uint32_t i = 2; i < LoginGuard::kFree; ++i) CHECK(refused().count() == 0);
  now += std::chrono::hours(1);
  CHECK(refused().count() == 0);
}

TEST_CASE("login_guard: of a client that was refused one log-in goes on at a time", "[server]") {
  LoginGuard guard;
  const LoginGuard::Client client{"192.0.2.7", "replica"};
  {
    LoginGuard::Attempt first = guard.begin(client), second = guard.begin(client);
    CHECK_FALSE(first.blocked());
    CHECK_FALSE(second.blocked());
    static_cast<void>(first.refused());
  }
  {
    const LoginGuard::Attempt one = guard.begin(client);
    CHECK_FALSE(one.blocked());
    CHECK(guard.begin(client).blocked());
    CHECK(guard.begin(client).blocked());  // the end of a blocked one ends nothing
  }
  CHECK_FALSE(guard.begin(client).blocked());
}

TEST_CASE("login_guard: remembers a bounded number of clients", "[server]") {
  LoginGuard guard;
  const auto now = LoginGuard::Clock::now();
  const LoginGuard::Client first{"first", "replica"};
  for (std::uint32_t i = 0; i < LoginGuard::kFree; ++i) static_cast<void>(guard.begin(first, now).refused(now));
  CHECK(guard.begin(first, now).blocked());
  for (std::size_t i = 0; i < LoginGuard::kMaximumEntries; ++i) {
    static_cast<void>(guard.begin({std::to_string(i), "replica"}, now).refused(now + seconds(1)));
  }
  CHECK_FALSE(guard.begin(first, now).blocked());
}
