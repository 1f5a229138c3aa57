#include "relay/seed/row_digest.h"

#include <openssl/rand.h>

#include <cstring>

#include "relay/base/sha256.h"

namespace relay::seed {

base::Result<RowHasher> RowHasher::make() {
  Key key;
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    return base::fail(base::ErrorKind::unsupported, "the system gives no random numbers");
  }
  return RowHasher(key);
}

RowDigest RowHasher::digest(base::ByteView row) const {
  const base::Sha256 hash = base::sha256({base::ByteView(key_.data(), key_.size()), row});
  RowDigest digest;
  std::memcpy(&digest.high, hash.data(), sizeof digest.high);
  std::memcpy(&digest.low, hash.data() + sizeof digest.high, sizeof digest.low);
  return digest;
}

}  // namespace relay::seed
