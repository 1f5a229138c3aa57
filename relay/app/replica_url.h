#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/source/source_settings.h"

namespace relay::app {

// A replica's server as the command line names it:
//   mysql://USER@HOST[:PORT]/[?KEY=VALUE[&KEY=VALUE...]]
// Keys are those of [source], with the same meaning: socket, tls, tls_ca, tls_cert, tls_key, password_file (a path, as
// seen from the working directory) or password_env; and `tunnel`, the host of one of the [[tunnels]]: the server is
// reached through it, and HOST is as that host sees it. "%XX" stands for a byte. A password has no place in it: command
// lines are seen by all.
struct ReplicaUrl {
  source::SourceSettings connection;
  std::string tunnel;  // empty: none
};

// Reads the text, and the password from where it says, or else from the variable BINLOG_RELAY_REPLICA_PASSWORD. TLS is
// verify_identity unless said otherwise; preferred where the way is protected already: a socket, or a loopback address,
// here or of a tunnel's host; required where the way goes on behind a tunnel's host, for whose connections no name is
// checked. Errors: configuration, with the place in the URL; never with a password in it.
[[nodiscard]] base::Result<ReplicaUrl> read_replica_url(base::FileSystem& files, std::string_view text);

}  // namespace relay::app
