#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"

namespace relay::scrub_rules {

// The name of an XA transaction: free text of an application, up to 64 bytes each. It never leaves; in its place goes a
// pseudonym that is the same wherever and whenever the name is met (statements, XA_PREPARE, MariaDB's GTID events), so
// that a replica's START, PREPARE and COMMIT find each other.
struct XaId {
  std::uint32_t format = 0;
  std::string transaction;  // gtrid
  std::string branch;       // bqual
};
inline constexpr std::size_t kMaximumXaPart = 64;  // bytes (MAXGTRIDSIZE, MAXBQUALSIZE)

// HMAC-SHA-256 under `key` of each part that is not empty: 32 bytes. Without a key, short names could be guessed and
// tried.
[[nodiscard]] XaId pseudonym(const XaId& id, std::string_view key);

// X'hex',X'hex',1 as statements have it.
[[nodiscard]] std::string text_of(const XaId& id);

// Reads a statement of kind xa_start ... xa_rollback in the form in which servers write it, XA START X'hex',X'hex',1,
// and returns it with the pseudonym. Errors: unsupported for any other form.
[[nodiscard]] base::Result<std::string> pseudonymous_xa_statement(sql::StatementKind kind, std::string_view text,
                                                                  std::string_view key);

}  // namespace relay::scrub_rules
