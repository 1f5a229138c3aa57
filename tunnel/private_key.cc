#include "tunnel/private_key.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <vector>

#include "relay/base/ascii.h"
#include "tunnel/base64.h"
#include "tunnel/host_key.h"
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

}  // namespace

Result<PrivateKey> read_private_key(base::FileSystem& files, const std::string& path, bool has_passphrase) {
  RELAY_ASSIGN(std::string text, base::read_file(files, path, kLargestKeyFile));
  PrivateKey key{base::Secret(std::move(text)), {}};
  const std::optional<Facts> facts = facts_of(key.text);
  if (!facts) return key;
  if (!is_key_algorithm(facts->type)) {
    return base::fail(base::Error(ErrorKind::configuration, "the private key is of a type that tunnels do not use")
                          .about(fmt::format("{} in {}", facts->type, path))
                          .remedy("make one with ssh-keygen -t ed25519, and add its public key to the account"));
  }
  if (facts->is_encrypted && !has_passphrase) {
    return base::fail(base::Error(ErrorKind::configuration, "the private key has a passphrase")
                          .about(path)
                          .remedy("name a file that holds it: passphrase_file; or use an agent"));
  }
  key.public_key = fmt::format("{} {}", facts->type, facts->fingerprint);
  return key;
}

}  // namespace relay::tunnel
