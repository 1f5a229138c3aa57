#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/problem.h"
#include "relay/base/secret.h"
#include "relay/proof/canary_search.h"
#include "relay/server/replica_account.h"
#include "relay/source/source_settings.h"
#include "relay/source/start_spec.h"
#include "relay/spool/spool_writer.h"

namespace relay::app {

// Where something listens.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  // 127.0.0.0/8, ::1 or "localhost".
  [[nodiscard]] bool is_loopback() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct SourceSection {
  source::SourceSettings connection;
  std::uint32_t server_id = 0;
  source::StartSpec start;
};

struct SpoolSection {
  std::string directory;
  spool::SyncPolicy sync;
  std::optional<std::chrono::seconds> keep;  // neither of the two: 7 days
  std::optional<std::uint64_t> keep_size;    // bytes
  bool prove = false;                        // a second decoder reads everything before it is published
};

enum class ReplicaTls : std::uint8_t { off, required, mutual };

struct ReplicasSection {
  Endpoint listen;
  ReplicaTls tls = ReplicaTls::off;
  std::string tls_cert, tls_key, tls_ca, tls_crl;
  std::vector<server::ReplicaAccount> accounts;
  std::size_t maximum_connections = 100;
  std::size_t maximum_logins = 30;  // of these, connections that are not logged in yet
  std::uint32_t server_id = 0;      // what the relay calls itself towards replicas; by default source.server_id
};

// An SSH tunnel from a host elsewhere to where replicas connect to.
struct TunnelSection {
  std::uint32_t line = 0;  // in the configuration
  std::string host;
  std::uint16_t port = 22;
  std::string user;
  std::string key_file;     // or, when empty,
  bool agent = false;       // the keys of the agent that SSH_AUTH_SOCK names
  base::Secret passphrase;  // of the key file
  std::string known_hosts;
  Endpoint remote_listen;  // on that host
  std::chrono::milliseconds keepalive{15000};
};

struct AdminSection {
  std::optional<Endpoint> listen;              // none: no endpoint
  std::chrono::seconds source_lost_after{60};  // how long without a source /health stays well
};

// relay.toml, read and checked. Paths are absolute or relative to the working directory, no longer to the file.
// Move-only: it holds passwords.
struct Configuration {
  std::string file;
  SourceSection source;
  std::vector<std::string> rule_files;  // globs expanded, sorted, each once
  SpoolSection spool;
  ReplicasSection replicas;
  std::vector<TunnelSection> tunnels;
  AdminSection admin;
  std::vector<proof::Canary> canaries;
};

// The file of the schema history below the spool.
[[nodiscard]] inline std::string schema_history_path(const Configuration& configuration) {
  return configuration.spool.directory + "/schema.history";
}

// What the configuration is read for. For files, as `scrub` reads them, only [rules] has to be there. For the source's
// schema, as `discover` reads it, only [source] has to be, and nothing else is read but [rules], whose files may be
// still to be written.
enum class ConfigurationUse : std::uint8_t { relay, files, schema };

// Reads and checks `path`. Adds every mistake to `problems`, each with file, line, key and remedy; none as soon as one
// of them is an error.
[[nodiscard]] std::optional<Configuration> read_configuration(base::FileSystem& files, const std::string& path,
                                                              base::Problems& problems,
                                                              ConfigurationUse use = ConfigurationUse::relay);

}  // namespace relay::app
