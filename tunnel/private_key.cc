#include "tunnel/private_key.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "relay/base/ascii.h"
#include "tunnel/base64.h"
#include "tunnel/host_key.h"
#include "tunnel/ssh_library.h"
#include "tunnel/ssh_wire.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::Result;

constexpr std::size_t kLargestKeyFile = std::size_t{64} << 10;
constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----";

// What a key file shows to everybody.
struct Facts {
  bool is_encrypted = false;
  std::string type;
  std::string fingerprint;
};

// The front of OpenSSH's PROTOCOL.key: a name, cipher, key derivation and its options, how many keys, the public key.
std::optional<Facts> read_facts(base::ByteView bytes) {
  constexpr std::string_view kMagic{"openssh-key-v1\0", 15};
  if (bytes.sub(0, kMagic.size()).text() != kMagic) return std::nullopt;
  SshReader reader(bytes.sub(kMagic.size()));
  const auto cipher = reader.string();
  const auto derivation = reader.string();
  const auto options = reader.string();
  const auto count = reader.uint32();
  const auto key = reader.string();
  if (!cipher || !derivation || !options || count != 1U || !key) return std::nullopt;
  return Facts{cipher->text() != "none", key_type(*key), key_fingerprint(*key)};
}

std::optional<Facts> facts_of(const base::Secret& text) {
  const std::string_view all = text.reveal();
  const std::size_t begin = all.find(kBegin);
  const std::size_t end = all.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return std::nullopt;
  std::string compact;
  compact.reserve(all.size());  // so that no copy of it stays behind
  for (const char c : all.substr(begin + kBegin.size(), end - begin - kBegin.size())) {
    if (!base::is_space(c)) compact += c;
  }
  const base::Secret encoded(std::move(compact));
  std::optional<std::vector<std::uint8_t>> bytes = decode_base64(encoded.reveal());
  if (!bytes) return std::nullopt;
  std::optional<Facts> facts = read_facts({bytes->data(), bytes->size()});
  base::wipe_memory(bytes->data(), bytes->size());
  return facts;
}

// What OpenSSL calls for a passphrase, and not the terminal.
int give_passphrase(char* into, int size, int, void* secret) {
  const std::string& text = static_cast<const base::Secret*>(secret)->reveal();
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(into, text.data(), text.size());
  return static_cast<int>(text.size());
}

using PemKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

PemKey read_pem(const base::Secret& text, const base::Secret& passphrase) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> input(
      BIO_new_mem_buf(text.reveal().data(), static_cast<int>(text.reveal().size())), &BIO_free);
  EVP_PKEY* key = nullptr;
  if (input)
    key = PEM_read_bio_PrivateKey(input.get(), nullptr, give_passphrase, const_cast<base::Secret*>(&passphrase));
  ERR_clear_error();
  return {key, &EVP_PKEY_free};
}

base::Error unused_type(const std::string& type, const std::string& path) {
  return base::Error(ErrorKind::configuration, "the private key is of a type that tunnels do not use")
      .about(fmt::format("{} in {}", type, path))
      .remedy("make one with ssh-keygen -t ed25519, and add its public key to the account");
}

base::Error ecdsa_file(const std::string& path) {
  return base::Error(ErrorKind::configuration, "this version of libssh2 cannot log in with an ECDSA key from a file")
      .about(path)
      .remedy("have an agent hold the key: agent = true; or make an Ed25519 key with ssh-keygen -t ed25519");
}

base::Error has_passphrase(const std::string& path) {
  return base::Error(ErrorKind::configuration, "the private key has a passphrase")
      .about(path)
      .remedy("name a file that holds it: passphrase_file; or use an agent");
}

// libssh2 would sign with an RSA key by SHA-1.
Result<void> check_pem(const base::Secret& text, const std::string& path, const base::Secret& passphrase) {
  const PemKey key = read_pem(text, passphrase);
  if (!key) {
    const bool is_encrypted = text.reveal().find("ENCRYPTED") != std::string::npos;
    return base::fail(is_encrypted && passphrase.empty() ? has_passphrase(path) : unusable_key(path));
  }
  const int type = EVP_PKEY_base_id(key.get());
  if (type == EVP_PKEY_EC && !takes_ecdsa_files()) return base::fail(ecdsa_file(path));
  if (type == EVP_PKEY_ED25519 || type == EVP_PKEY_EC) return {};
  const char* const name = EVP_PKEY_get0_type_name(key.get());
  return base::fail(unused_type(name == nullptr ? "another type" : name, path));
}

// OpenSSL takes the first key that it understands, and we have looked at one.
bool holds_several(std::string_view text) {
  constexpr std::string_view kMark = "PRIVATE KEY-----";
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(kMark, at)) != std::string_view::npos; at += kMark.size()) ++count;
  return count > 2;
}

}  // namespace

base::Error unusable_key(const std::string& path) {
  return base::Error(ErrorKind::configuration, "the private key cannot be used")
      .about(path)
      .remedy(
          "it must be one Ed25519 key, or an ECDSA one where libssh2 is older than 1.11.1, as ssh-keygen makes it, and "
          "passphrase_file hold its passphrase where it has one");
}

Result<PrivateKey> read_private_key(base::FileSystem& files, const std::string& path, const base::Secret& passphrase) {
  RELAY_ASSIGN(std::string text, base::read_file(files, path, kLargestKeyFile));
  PrivateKey key{base::Secret(std::move(text)), {}};
  if (holds_several(key.text.reveal())) return base::fail(unusable_key(path));
  if (key.text.reveal().find(kBegin) == std::string::npos) {
    RELAY_TRY(check_pem(key.text, path, passphrase));
    return key;
  }
  const std::optional<Facts> facts = facts_of(key.text);
  if (!facts) return base::fail(unusable_key(path));
  if (!is_key_algorithm(facts->type)) return base::fail(unused_type(facts->type, path));
  if (facts->type.starts_with("ecdsa") && !takes_ecdsa_files()) return base::fail(ecdsa_file(path));
  if (facts->is_encrypted && passphrase.empty()) return base::fail(has_passphrase(path));
  key.public_key = fmt::format("{} {}", facts->type, facts->fingerprint);
  return key;
}

}  // namespace relay::tunnel
