#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::tunnel {

// The keys that a file in the format of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT", pins for one host. Names may be plain,
// "[host]:port" or hashed; patterns match nothing. Immutable after reading.
class KnownHosts {
 public:
  // Keeps what the file says of `host` at `port`: lines that name host and port or, where there are none, the host
  // alone. Errors: io (cannot be read), configuration (larger than 1 MiB), malformed (a line that is none, with its
  // number).
  [[nodiscard]] static base::Result<KnownHosts> read(base::FileSystem& files, const std::string& file,
                                                     const std::string& host, std::uint16_t port);
  // The same from the text itself; `file` is for errors.
  [[nodiscard]] static base::Result<KnownHosts> parse(std::string_view text, const std::string& file,
                                                      const std::string& host, std::uint16_t port);

  // Whether the host may show this key, in SSH's own form. Errors: configuration, with the key's type and fingerprint,
  // when it is revoked, not the pinned one, or nothing is pinned.
  [[nodiscard]] base::Result<void> check(base::ByteView key) const;
  // The algorithms to ask the host for, best first, separated by commas: those of the pinned keys before all others.
  // Errors: configuration when keys are pinned, but none that could be used.
  [[nodiscard]] base::Result<std::string> algorithms() const;

 private:
  using Key = std::vector<std::uint8_t>;
  KnownHosts(std::string file, const std::string& host, std::uint16_t port);
  struct Naming;
  [[nodiscard]] base::Result<void> add_line(std::string_view line, Naming& naming);
  [[nodiscard]] base::Result<void> add_names(std::string_view names, const Key& key, Naming& naming) const;
  [[nodiscard]] base::Error key_error(base::FixedText what, base::ByteView key) const;

  std::string file_;
  std::string host_;
  std::uint16_t port_;
  std::vector<Key> pinned_;
  std::vector<Key> revoked_;
};

}  // namespace relay::tunnel
