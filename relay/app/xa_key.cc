#include "relay/app/xa_key.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>

namespace relay::app {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr std::size_t kKeySize = 32;  // bytes, written as hex

}  // namespace

Result<base::Secret> xa_key(base::FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/xa.key";
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) {
    std::array<unsigned char, kKeySize> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
      return base::fail(ErrorKind::io, "there is no random number to be had");
    std::string made;
    for (const unsigned char byte : random) made += fmt::format("{:02x}", byte);
    made += '\n';
    RELAY_TRY(base::replace_file(files, path, base::ByteView::of(made)));
  }
  RELAY_ASSIGN(std::string text, base::read_file(files, path, 4096));
  if (text.size() != 2 * kKeySize + 1) {
    return base::fail(Error(ErrorKind::malformed, "not a key")
                          .about(path)
                          .remedy("put the file back; or remove it, if no XA transaction is prepared"));
  }
  return base::Secret(std::move(text));
}

}  // namespace relay::app
