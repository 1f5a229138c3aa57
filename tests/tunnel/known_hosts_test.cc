#include "tunnel/known_hosts.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <catch2/catch.hpp>

#include "tunnel/base64.h"
#include "tunnel/host_key.h"
#include "tunnel/ssh_wire.h"

using namespace relay;
using tunnel::KnownHosts;

namespace {

using Bytes = std::vector<std::uint8_t>;

base::ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

// A key of the type's form whose number is `number` over and over.
Bytes make_key(std::uint8_t number, const std::string& type = "ssh-ed25519") {
  const Bytes point(32, number);
  Bytes key;
  tunnel::append_string(key, base::ByteView::of(type));
  tunnel::append_string(key, view(point));
  return key;
}

std::string line(const std::string& names, const Bytes& key) {
  return fmt::format("{} {} {} a comment\n", names, tunnel::key_type(view(key)), tunnel::encode_base64(view(key)));
}

// As HashKnownHosts of ssh writes a name.
std::string hashed(const std::string& name) {
  const Bytes salt(20, 7);
  std::array<std::uint8_t, 20> digest{};
  unsigned size = 0;
  HMAC(EVP_sha1(), salt.data(), static_cast<int>(salt.size()), reinterpret_cast<const unsigned char*>(name.data()),
       name.size(), digest.data(), &size);
  return fmt::format("|1|{}|{}", tunnel::encode_base64(view(salt)),
                     tunnel::encode_base64({digest.data(), digest.size()}));
}

base::Result<void> check(const std::string& text, const Bytes& key, const std::string& host = "cloud.example",
                         std::uint16_t port = 22) {
  const auto hosts = KnownHosts::parse(text, "pins", host, port);
  if (!hosts) return base::fail(hosts.error());
  return hosts->check(view(key));
}

std::string parse_error(const std::string& text) {
  const auto hosts = KnownHosts::parse(text, "pins", "cloud.example", 22);
  return hosts ? "" : hosts.error().message();
}

const Bytes kKey = make_key(1);
const Bytes kOther = make_key(2);

}  // namespace

TEST_CASE("known_hosts: a pinned key is taken, by a plain, a listed and a hashed name", "[tunnel]") {
  CHECK(check(line("cloud.example", kKey), kKey));
  CHECK(check("# a comment\n\n" + line("other,Cloud.Example,192.0.2.7", kKey), kKey));
  CHECK(check(line(hashed("cloud.example"), kKey), kKey));
  CHECK(check(line("cloud.example", kKey), kKey, "CLOUD.example"));
  CHECK(check("  \t" + line("cloud.example", kKey), kKey));
  std::string crlf = line("cloud.example", kKey);
  crlf.insert(crlf.size() - 1, "\r");
  CHECK(check(crlf, kKey));
  CHECK(check(line("ab", kKey), kKey, "ab"));
}

TEST_CASE("known_hosts: a port of its own has a name with it, which goes before the bare one", "[tunnel]") {
  CHECK(check(line("[cloud.example]:2222", kKey), kKey, "cloud.example", 2222));
  CHECK(check(line(hashed("[cloud.example]:2222"), kKey), kKey, "cloud.example", 2222));
  CHECK_FALSE(check(line("[cloud.example]:2222", kKey), kKey, "cloud.example", 22));
  CHECK_FALSE(check(line("[cloud.example]:2222", kKey), kKey, "cloud.example", 2223));
  CHECK(check(line("cloud.example", kKey), kKey, "cloud.example", 2222));
  const std::string both = line("cloud.example", kKey) + line("[cloud.example]:2222", kOther);
  CHECK_FALSE(check(both, kKey, "cloud.example", 2222));
  CHECK(check(both, kOther, "cloud.example", 2222));
}

TEST_CASE("known_hosts: an unknown key is refused with its fingerprint, its type, the file and the way out",
          "[tunnel]") {
  for (const std::string& text : {std::string(), line("other.example", kKey), line("*", kKey), line("*.example", kKey),
                                  "@cert-authority " + line("cloud.example", kKey)}) {
    const auto checked = check(text, kKey, "cloud.example", 2222);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().kind() == base::ErrorKind::configuration);
    const std::string message = checked.error().message();
    CHECK(message.find("the host's key is not known") != std::string::npos);
    CHECK(message.find("ssh-ed25519 " + tunnel::key_fingerprint(view(kKey))) != std::string::npos);
    CHECK(message.find("pins") != std::string::npos);
    CHECK(message.find("ssh-keyscan -p 2222 cloud.example") != std::string::npos);
    CHECK(message.find("by another way") != std::string::npos);
  }
}

TEST_CASE("known_hosts: a changed key is refused, also one of another type", "[tunnel]") {
  const auto changed = check(line("cloud.example", kKey), kOther);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().message().find("not the pinned one") != std::string::npos);
  CHECK_FALSE(check(line("cloud.example", kKey), make_key(1, "ecdsa-sha2-nistp256")));
  CHECK_FALSE(check(line("cloud.example", kKey), {}));
}

TEST_CASE("known_hosts: a revoked key is refused whatever else says", "[tunnel]") {
  for (const std::string names : {"cloud.example", "*", "somewhere.else"}) {
    for (const std::string& text : {"@revoked " + line(names, kKey) + line("cloud.example", kKey),
                                    line("cloud.example", kKey) + "@revoked \t" + line(names, kKey)}) {
      const auto checked = check(text, kKey);
      REQUIRE_FALSE(checked);
      CHECK(checked.error().message().find("revoked") != std::string::npos);
    }
  }
  CHECK(check("@revoked " + line("*", kOther) + line("cloud.example", kKey), kKey));
}

TEST_CASE("known_hosts: the algorithms of pinned keys are asked for before all others", "[tunnel]") {
  const auto algorithms = [](const std::string& text) {
    return KnownHosts::parse(text, "pins", "cloud.example", 22)->algorithms().value_or("none");
  };
  const std::string p256 = line("cloud.example", make_key(3, "ecdsa-sha2-nistp256"));
  CHECK(algorithms("") == "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521");
  CHECK(algorithms(p256) == "ecdsa-sha2-nistp256,ssh-ed25519,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521");
  CHECK(algorithms(p256 + line("cloud.example", kKey)) ==
        "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521");
  const auto only_rsa =
      KnownHosts::parse(line("cloud.example", make_key(4, "ssh-rsa")), "pins", "cloud.example", 22)->algorithms();
  REQUIRE_FALSE(only_rsa);
  CHECK(only_rsa.error().message().find("ssh-keyscan -t ed25519,ecdsa -p 22 cloud.example") != std::string::npos);
}

TEST_CASE("known_hosts: what is no line is an error with its number", "[tunnel]") {
  const std::string good = line("cloud.example", kKey);
  const std::string base64 = tunnel::encode_base64(view(kKey));
  for (const std::string& bad :
       {std::string("cloud.example"), std::string("cloud.example ssh-ed25519"),
        "cloud.example ecdsa-sha2-nistp256 " + base64, "cloud.example ssh-ed25519 " + base64.substr(1),
        "cloud.example ssh-ed25519 !" + base64.substr(1), "@unknown cloud.example ssh-ed25519 " + base64,
        std::string("cloud.example 1024 35 1234567890"), "a,,b ssh-ed25519 " + base64,
        "|1|broken ssh-ed25519 " + base64, "|1|a|b ssh-ed25519 " + base64, hashed("x") + "AAAA ssh-ed25519 " + base64,
        std::string("\x00\x01\x02", 3), std::string(20000, 'x'), std::string(300, 'x') + " ssh-ed25519 " + base64,
        std::string("@revoked"), "cloud.example ssh-ed25519 " + base64 + std::string("\x1b[2J")}) {
    const std::string message = parse_error(good + bad + "\n" + good);
    CAPTURE(bad.substr(0, 60));
    CHECK(message.find("pins, line 2") != std::string::npos);
    CHECK(message.find(bad) == std::string::npos);
  }
  CHECK(parse_error(good).empty());
}

TEST_CASE("known_hosts: a fingerprint is what ssh-keygen shows", "[tunnel]") {
  // ssh-keygen -lf on this line: 256 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU (ED25519), GitHub's own.
  const auto key = tunnel::decode_base64("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");
  REQUIRE(key);
  CHECK(tunnel::key_type(view(*key)) == "ssh-ed25519");
  CHECK(tunnel::key_fingerprint(view(*key)) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
}

TEST_CASE("base64: one text for the same bytes, and nothing else", "[tunnel]") {
  const std::string text = "any carnal pleasure.";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const std::string part = text.substr(0, size);
    const std::string encoded = tunnel::encode_base64(base::ByteView::of(part));
    const auto bytes = tunnel::decode_base64(encoded);
    REQUIRE(bytes);
    CHECK(view(*bytes).text() == part);
  }
  for (const std::string bad : {"", "A", "AA", "AAA", "AA=A", "A===", "====", "AB==", "AAB=", " AAA", "AAA\n",
                                "AA==AAAA", "\nAAAAAAA", "AA-_", "AAAA    "}) {
    CAPTURE(bad);
    CHECK_FALSE(tunnel::decode_base64(bad));
  }
}
