#include "relay/wire/greeting.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace relay::wire {

Scramble make_scramble() {
  Scramble scramble{};
  // Cannot fail once the library's generator is seeded, which it is from the kernel; without randomness there is no
  // safe going on.
  if (RAND_bytes(scramble.data(), static_cast<int>(scramble.size())) != 1) std::abort();
  for (std::uint8_t& byte : scramble) {
    byte &= 0x7f;
    if (byte == 0 || byte == '$') ++byte;
  }
  return scramble;
}

std::uint32_t offered_capabilities(bool mariadb, bool tls) {
  std::uint32_t offered = kClientFoundRows | kClientLongFlag | kClientConnectWithDatabase | kClientProtocol41 |
                          kClientTransactions | kClientSecureConnection | kClientPluginAuth | kClientConnectAttributes |
                          kClientLengthEncodedAuth;
  if (!mariadb) offered |= kClientLongPassword;
  if (tls) offered |= kClientTls;
  return offered;
}

void encode_greeting(const Greeting& greeting, base::Buffer& into) {
  const base::ByteView scramble(greeting.scramble.data(), greeting.scramble.size());
  into.append_u8(10);  // protocol version
  into.append(greeting.server_version);
  into.append_u8(0);
  into.append_u32(greeting.connection_id);
  into.append(scramble.sub(0, 8));
  into.append_u8(0);
  into.append_u16(static_cast<std::uint16_t>(greeting.capabilities));
  into.append_u8(greeting.collation);
  into.append_u16(kStatusAutocommit);
  into.append_u16(static_cast<std::uint16_t>(greeting.capabilities >> 16));
  into.append_u8(kScrambleSize + 1);
  into.append_fill(10, 0);  // reserved; the last four are MariaDB's extended capabilities: none
  into.append(scramble.sub(8));
  into.append_u8(0);
  into.append(greeting.plugin);
  into.append_u8(0);
}

}  // namespace relay::wire
