#pragma once

#include <string_view>

#include "relay/base/error.h"

namespace relay::source {

// The error of a server or of the client library as an Error: fixed text by number, the number, no word of the message,
// since a server quotes the statement in it. `message` is only looked at, to tell the causes apart that share number
// 1236 (the binary log cannot be read from there) or 2026 (TLS). Kind peer for a server's number (1000 to 1999, 3000
// and up), io for the client library's own (2000 to 2999).
[[nodiscard]] base::Error client_error(unsigned number, std::string_view message);

// Whether the same attempt may succeed later without the operator: a lost connection, a server that restarts, a damaged
// packet.
[[nodiscard]] bool worth_retrying(const base::Error& error);

}  // namespace relay::source
