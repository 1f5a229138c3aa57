#include "relay/server/replica_account.h"

#include <algorithm>

namespace relay::server {

bool ReplicaAccount::admits(const std::string& host, const std::optional<tunnel::PeerCertificate>& certificate) const {
  const bool near = from.empty() || std::ranges::any_of(from, [&](const auto& range) { return range.contains(host); });
  if (!near) return false;
  if (!tls_subject.empty() && (!certificate || certificate->subject != tls_subject)) return false;
  return tls_name.empty() ||
         (certificate && std::ranges::find(certificate->names, tls_name) != certificate->names.end());
}

}  // namespace relay::server
