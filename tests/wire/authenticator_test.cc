#include "relay/wire/authenticator.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <catch2/catch.hpp>
#include <optional>

#include "relay/wire/password_proof.h"

using relay::base::ByteView;
using relay::base::Secret;
using namespace relay::wire;
using Next = Authenticator::Next;

namespace {

const std::shared_ptr<const RsaKey>& rsa_key() {
  static const auto key = std::make_shared<const RsaKey>();
  return key;
}

// Bob's; nobody else may log in.
const Secret& password() {
  static const Secret secret("secret");
  return secret;
}

HandshakeResponse response(const std::string& user, const std::string& plugin, const std::string& proof) {
  HandshakeResponse made;
  made.capabilities = kClientPluginAuth;
  made.user = user;
  made.plugin = plugin;
  made.auth_data = proof;
  return made;
}

template <typename Digest>
std::string text(const Digest& digest) {
  return {digest.begin(), digest.end()};
}

std::string packet(const Authenticator::Step& step) { return std::string(step.packet.view().text()); }

std::string encrypted(const std::string& password, const Scramble& scramble) {
  std::string clear = password + '\0';
  for (std::size_t i = 0; i < clear.size(); ++i) clear[i] = static_cast<char>(clear[i] ^ scramble[i % scramble.size()]);
  const std::string& pem = rsa_key()->public_key();
  BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PUBKEY(memory, nullptr, nullptr, nullptr);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
  std::string cipher(512, '\0');
  std::size_t size = cipher.size();
  EVP_PKEY_encrypt_init(context);
  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
  EVP_PKEY_encrypt(context, reinterpret_cast<unsigned char*>(cipher.data()), &size,
                   reinterpret_cast<const unsigned char*>(clear.data()), clear.size());
  cipher.resize(size);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  BIO_free(memory);
  return cipher;
}

// A log-in with a scramble of its own.
struct Login {
  explicit Login(const std::string& offered_plugin, bool tls = false)
      : offered(offered_plugin), inside_tls(tls), scramble(make_scramble()) {}
  Authenticator::Step start(const std::string& user, const std::string& plugin, const std::string& proof) {
    authenticator.emplace(user == "bob" ? &password() : nullptr, *rsa_key(), offered, scramble, inside_tls);
    return authenticator->start(response(user, plugin, proof));
  }
  Authenticator::Step step(const std::string& bytes) { return authenticator->step(ByteView::of(bytes)); }
  std::string offered;
  bool inside_tls;
  Scramble scramble;
  std::optional<Authenticator> authenticator;
};

}  // namespace

TEST_CASE("authenticator: the native proof of the right password is accepted at once", "[wire]") {
  Login login(kNativePassword);
  const auto step = login.start("bob", kNativePassword, text(native_proof("secret", login.scramble)));
  CHECK(step.next == Next::accepted);
  CHECK(packet(step).empty());
  CHECK(login.authenticator->password().reveal() == "secret");
}

TEST_CASE("authenticator: another account's password does not do", "[wire]") {
  Login login(kNativePassword);
  CHECK(login.start("bob", kNativePassword, text(native_proof("else", login.scramble))).next == Next::denied);
}

TEST_CASE("authenticator: an unknown user takes the steps of a wrong password", "[wire]") {
  for (const char* plugin : {kNativePassword, kCachingSha2Password}) {
    for (const bool tls : {false, true}) {
      INFO(plugin << (tls ? " in TLS" : ""));
      Login known(plugin, tls);
      Login unknown(plugin, tls);
      const std::string wrong(plugin == std::string(kNativePassword) ? 20 : 32, 'w');
      auto a = known.start("bob", plugin, wrong);
      auto b = unknown.start("nobody", plugin, wrong);
      for (int i = 0; i < 3; ++i) {
        CHECK(a.next == b.next);
        CHECK(packet(a) == packet(b));
        if (a.next != Next::send_and_read) break;
        a = known.step(i == 0 && !tls ? "\x02" : "wrong");
        b = unknown.step(i == 0 && !tls ? "\x02" : "wrong");
      }
      CHECK(a.next == Next::denied);
    }
  }
}

TEST_CASE("authenticator: nobody logs in without a password", "[wire]") {
  for (const char* plugin : {kNativePassword, kCachingSha2Password}) {
    for (const char* user : {"bob", "nobody", ""}) {
      Login login(plugin);
      auto step = login.start(user, plugin, "");
      if (step.next == Next::send_and_read) step = login.step("");
      CHECK(step.next == Next::denied);
    }
  }
}

TEST_CASE("authenticator: the right caching_sha2 proof is accepted fast", "[wire]") {
  Login login(kCachingSha2Password);
  const auto step = login.start("bob", kCachingSha2Password, text(sha2_proof("secret", login.scramble)));
  CHECK(step.next == Next::accepted);
  CHECK(packet(step) == "\x01\x03");
}

TEST_CASE("authenticator: without a fitting proof the password comes in clear inside TLS", "[wire]") {
  using namespace std::string_literals;
  for (const auto& [sent, next] :
       {std::pair{"secret\0"s, Next::accepted}, std::pair{"secreT\0"s, Next::denied}, std::pair{""s, Next::denied}}) {
    Login login(kCachingSha2Password, true);
    const auto first = login.start("bob", kCachingSha2Password, "");
    CHECK(first.next == Next::send_and_read);
    CHECK(packet(first) == "\x01\x04");
    CHECK(login.step(sent).next == next);
  }
}

TEST_CASE("authenticator: without TLS the password is taken only encrypted", "[wire]") {
  Login login(kCachingSha2Password);
  REQUIRE(packet(login.start("bob", kCachingSha2Password, "")) == "\x01\x04");
  SECTION("with the key that was asked for") {
    const auto key = login.step("\x02");
    CHECK(key.next == Next::send_and_read);
    CHECK(packet(key) == "\x01" + rsa_key()->public_key());
    CHECK(login.step(encrypted("secret", login.scramble)).next == Next::accepted);
  }
  SECTION("with a key known before") { CHECK(login.step(encrypted("secret", login.scramble)).next == Next::accepted); }
  SECTION("for another scramble") { CHECK(login.step(encrypted("secret", make_scramble())).next == Next::denied); }
  SECTION("another password") { CHECK(login.step(encrypted("secreT", login.scramble)).next == Next::denied); }
  SECTION("in clear") { CHECK(login.step(std::string("secret\0", 7)).next == Next::denied); }
}

TEST_CASE("authenticator: a client with another plugin is switched to it, with a new scramble", "[wire]") {
  Login login(kCachingSha2Password);
  const auto request = login.start("bob", kNativePassword, "");
  CHECK(request.next == Next::send_and_read);
  const Scramble scramble = login.authenticator->scramble();
  CHECK(scramble != login.scramble);
  CHECK(packet(request) ==
        std::string("\xfe") + kNativePassword + std::string(1, '\0') + text(scramble) + std::string(1, '\0'));
  SECTION("its proof for the new scramble is accepted") {
    CHECK(login.step(text(native_proof("secret", scramble))).next == Next::accepted);
  }
  SECTION("its proof for the old one is not") {
    CHECK(login.step(text(native_proof("secret", login.scramble))).next == Next::denied);
  }
}

TEST_CASE("authenticator: a client with an unknown plugin is switched to the offered one", "[wire]") {
  Login login(kNativePassword);
  const auto request = login.start("bob", "sha256_password", "");
  CHECK(packet(request).substr(0, 22) == std::string("\xfe") + kNativePassword);
  CHECK(login.step(text(native_proof("secret", login.authenticator->scramble()))).next == Next::accepted);
}

TEST_CASE("authenticator: a packet that nobody asked for is denied", "[wire]") {
  Login login(kNativePassword);
  CHECK(login.step("anything").next == Next::denied);
}
