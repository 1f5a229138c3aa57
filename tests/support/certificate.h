#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace relay::testing {

// Files of a certificate and its key, PEM.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};

struct CertificateOptions {
  std::string common_name = "relay.example";
  std::vector<std::string> dns_names = {};
  const CertificateFiles* issuer = nullptr;  // null: self-signed
  long serial = 1;
  long valid_seconds = 3600;  // from now on; below zero: it has ended
  bool authority = false;
};

// Writes a certificate and its key, freshly made. Throws when it cannot.
void write_certificate(const CertificateFiles& into, const CertificateOptions& options = {});
// Writes a list of revoked certificates of `issuer`, which holds these numbers.
void write_revoked(const std::string& into, const CertificateFiles& issuer, const std::vector<long>& serials);

}  // namespace relay::testing
