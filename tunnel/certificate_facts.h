#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "tunnel/byte_stream.h"

namespace relay::tunnel {

// What a certificate says of its owner.
[[nodiscard]] PeerCertificate owner_of(const X509& certificate);

struct CertificateFacts {
  PeerCertificate owner;
  std::int64_t seconds_left = 0;   // until it ends; below zero: it has
  std::int64_t seconds_until = 0;  // until it begins; below zero: it has
  bool signs_last = true;          // it has signed the one before it in the file
};
// The certificates of a PEM file, one at least, in their order. Errors: configuration, naming the file.
[[nodiscard]] base::Result<std::vector<CertificateFacts>> read_certificate_facts(const std::string& file);

// Seconds until the list of revoked certificates ends, from when on it lets nobody in; below zero: it has. Of several
// in a file the first to end. Errors: configuration, naming the file.
[[nodiscard]] base::Result<std::int64_t> read_revoked_seconds_left(const std::string& file);

}  // namespace relay::tunnel
