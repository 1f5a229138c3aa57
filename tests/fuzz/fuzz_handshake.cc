#include <cstdlib>

#include "relay/wire/authenticator.h"

using relay::base::ByteView;
using relay::wire::Authenticator;

// Whatever a client sends before it is logged in: the log-in packet, then answers to what the authenticator asks for,
// cut from the rest of the input. Without the password, which the input cannot know, nobody is let in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = std::make_shared<const relay::wire::RsaKey>();
  static const relay::base::Secret password("a password that no input holds: 3f9c51d7");
  if (size < 2) return 0;
  const bool tls = (data[0] & 1) != 0;
  const bool mariadb = (data[0] & 2) != 0;
  const ByteView input = ByteView(data, size).sub(2);
  const ByteView packet = input.sub(0, data[1]);
  static_cast<void>(relay::wire::is_tls_request(packet));
  const auto response = relay::wire::parse_handshake_response(packet, relay::wire::offered_capabilities(mariadb, tls));
  if (!response) return 0;
  if (response->user.size() > relay::wire::HandshakeResponse::kMaximumUser) std::abort();
  if (response->attributes.size() > relay::wire::HandshakeResponse::kMaximumAttributes) std::abort();
  Authenticator authenticator(&password, *key,
                              mariadb ? relay::wire::kNativePassword : relay::wire::kCachingSha2Password,
                              relay::wire::make_scramble(), tls);
  ByteView rest = input.sub(packet.size());
  auto step = authenticator.start(*response);
  for (int steps = 0; step.next == Authenticator::Next::send_and_read; ++steps) {
    if (steps > 4) std::abort();  // a log-in has an end
    const std::size_t length = rest.empty() ? 0 : rest[0];
    step = authenticator.step(rest.sub(1, length));
    rest = rest.sub(1 + length);
  }
  if (step.next == Authenticator::Next::accepted) std::abort();
  return 0;
}
