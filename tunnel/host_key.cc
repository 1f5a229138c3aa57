#include "tunnel/host_key.h"

#include <algorithm>
#include <iterator>

#include "relay/base/sha256.h"
#include "tunnel/base64.h"
#include "tunnel/ssh_wire.h"

namespace relay::tunnel {

bool is_key_algorithm(std::string_view name) {
  return std::find(std::begin(kKeyAlgorithms), std::end(kKeyAlgorithms), name) != std::end(kKeyAlgorithms);
}

std::string key_type(base::ByteView key) {
  constexpr std::size_t kLongestName = 64;  // RFC 4251, 6
  const auto name = SshReader(key).string();
  if (!name || name->empty() || name->size() > kLongestName) return "unknown";
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7f; };
  const std::string_view text = name->text();
  return std::all_of(text.begin(), text.end(), is_plain) ? std::string(text) : "unknown";
}

std::string key_fingerprint(base::ByteView key) {
  const base::Sha256 digest = base::sha256({key});
  std::string text = encode_base64({digest.data(), digest.size()});
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

}  // namespace relay::tunnel
