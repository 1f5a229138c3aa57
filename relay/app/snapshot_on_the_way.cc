#include "relay/app/snapshot_on_the_way.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "relay/app/replica_url.h"
#include "relay/app/replica_way.h"
#include "relay/base/log.h"
#include "relay/seed/manifest_reader.h"
#include "relay/seed/replica_check.h"
#include "relay/seed/replica_error.h"
#include "relay/seed/snapshot_names.h"

namespace relay::app {

using base::Error;
using base::ErrorKind;
using base::Result;

Result<std::string> folder_on_the_way(const Configuration& configuration, const std::string& url) {
  RELAY_ASSIGN(const ReplicaUrl replica, read_replica_url(base::posix_file_system(), url));
  const source::SourceSettings& connection = replica.connection;
  std::string name =
      connection.socket.empty() ? fmt::format("{}-{}", connection.host, connection.port) : connection.socket;
  if (!replica.tunnel.empty()) name = replica.tunnel + '-' + name;
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!plain) c = '_';
  }
  std::filesystem::path spool(configuration.spool.directory);
  if (!spool.has_filename()) spool = spool.parent_path();
  return (spool.parent_path() / ("snapshot-" + name)).string();
}

Result<bool> is_finished_snapshot(const std::string& directory, const std::string& rules_digest,
                                  const source::SourceFacts& source) {
  base::FileSystem& files = base::posix_file_system();
  RELAY_ASSIGN(const bool there, files.exists(directory + '/' + std::string(seed::kManifestFile)));
  if (!there) return false;
  RELAY_ASSIGN(const seed::KnownSnapshot snapshot, seed::read_snapshot_folder(files, directory));
  const bool of_source = snapshot.flavor == source.flavor && snapshot.server_id == source.server_id &&
                         snapshot.server_uuid == source.server_uuid;
  if (!of_source) {
    return base::fail(Error(ErrorKind::configuration, "the folder holds a snapshot of another source")
                          .about(directory)
                          .remedy("remove it, or load it by `binlog-relay load`"));
  }
  if (snapshot.rules_digest != rules_digest) {
    return base::fail(Error(ErrorKind::configuration, "the folder holds a snapshot that was made under other rules")
                          .about(directory)
                          .remedy("remove it, or load it by `binlog-relay load`"));
  }
  base::log(base::LogLevel::info, "{} holds a snapshot: it is loaded", base::Subject(directory).text());
  return true;
}

Result<void> check_replica_early(const Configuration& configuration, const std::string& url, const Preflight& judged,
                                 base::Problems& problems) {
  seed::KnownSnapshot expected;
  expected.flavor = judged.facts.flavor;
  expected.version_number = judged.facts.version_number;
  expected.server_id = judged.facts.server_id;
  expected.lower_case_table_names = judged.facts.lower_case_table_names;
  for (const scrub_rules::TableReport& table : judged.tables) {
    if (table.leaves) expected.tables.push_back({table.database, table.table, "", 0, {}});
  }
  RELAY_ASSIGN(const ReplicaWay way, ReplicaWay::open(url, configuration));
  source::SourceConnection connection;
  const auto checked = [&]() -> Result<void> {
    RELAY_TRY(connection.connect(way.connection(), source::SourceConnection::Purpose::questions));
    RELAY_ASSIGN(const source::SourceFacts replica, source::read_source_facts(connection));
    return seed::check_replica(connection, replica, expected, {.follows = false}, problems);
  }();
  return checked ? checked : base::fail(seed::replica_error(checked.error()));
}

Result<void> remove_snapshot(const std::string& directory) {
  base::FileSystem& files = base::posix_file_system();
  const auto path = [&](std::string_view name) { return directory + '/' + std::string(name); };
  {
    // What has this file, and no manifest, was not finished.
    RELAY_ASSIGN(const auto lock, files.lock(path(seed::kUnfinishedFile)));
    RELAY_TRY(files.remove(path(seed::kManifestFile)));
    RELAY_TRY(files.sync_directory(directory));
    RELAY_ASSIGN(const std::vector<std::string> names, files.list(directory));
    for (const std::string& name : names) {
      if (name != seed::kUnfinishedFile && seed::is_snapshot_file(name)) RELAY_TRY(files.remove(path(name)));
    }
    RELAY_TRY(files.remove(path(seed::kUnfinishedFile)));
  }
  if (::rmdir(directory.c_str()) == 0) return {};
  return base::fail(Error(ErrorKind::io, "the folder cannot be removed").about(directory).code(errno));
}

}  // namespace relay::app
