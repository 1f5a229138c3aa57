#pragma once

#include <optional>
#include <string>
#include <vector>

#include "relay/base/secret.h"
#include "relay/server/address_range.h"
#include "tunnel/byte_stream.h"

namespace relay::server {

// Who may log in, from where, and with which certificate.
struct ReplicaAccount {
  std::string user;
  base::Secret password;
  std::vector<AddressRange> from = {};  // empty: from everywhere
  std::string tls_subject = {};         // as RFC 2253 writes it; empty: any
  std::string tls_name = {};            // one of subjectAltName; empty: any

  // Whether a client at `host` that has shown `certificate` may try its password.
  [[nodiscard]] bool admits(const std::string& host, const std::optional<tunnel::PeerCertificate>& certificate) const;
};

}  // namespace relay::server
