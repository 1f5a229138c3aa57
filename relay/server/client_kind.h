#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "relay/server/source_facts.h"
#include "relay/wire/handshake_response.h"

namespace relay::server {

// Who connects, as far as it can be told: from the connect attributes at first, later from what it asks.
struct ClientKind {
  std::optional<binlog::Flavor> flavor;
  std::uint32_t version = 0;  // 50624, 101119; 0 when not known
  std::string version_text;   // "5.6.24"; digits and dots only

  [[nodiscard]] bool is(binlog::Flavor wanted) const { return flavor == wanted; }
  // "MySQL 5.6.24", "MariaDB", "unknown client"
  [[nodiscard]] std::string name() const;
};

[[nodiscard]] ClientKind client_kind_of(const wire::HandshakeResponse& response);

// Why a replica of this kind cannot follow a stream of `source`; none when it can, or when too little is known of it.
// These pairs stop or, worse, silently skip statements when one lets them.
[[nodiscard]] std::optional<std::string> refusal_of(const ClientKind& client, const SourceFacts& source);

}  // namespace relay::server
