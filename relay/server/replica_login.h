#pragma once

#include <memory>
#include <optional>

#include "relay/base/stop_token.h"
#include "relay/server/login_guard.h"
#include "relay/server/packet_channel.h"
#include "relay/server/server_settings.h"
#include "relay/server/source_facts.h"
#include "relay/wire/handshake_response.h"
#include "relay/wire/rsa_key.h"

namespace relay::server {

// What logging in needs and all sessions share.
struct LoginTools {
  const ServerSettings& settings;
  std::shared_ptr<const tunnel::RenewableTls> tls;  // none: not offered
  std::shared_ptr<const wire::RsaKey> rsa_key;
  LoginGuard& guard;
};

// Greets the client, goes over to TLS when it asks, and lets it prove its password. None when it was refused (and told
// so) or left. Errors: io, malformed, peer (TLS), interrupted.
[[nodiscard]] base::Result<std::optional<wire::HandshakeResponse>> log_in(PacketChannel& channel,
                                                                          const LoginTools& tools,
                                                                          const SourceFacts& facts,
                                                                          std::uint32_t connection_id,
                                                                          const base::StopToken& stop);

}  // namespace relay::server
