#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/seed/consistent_view.h"
#include "relay/seed/manifest.h"

namespace relay::seed {

// A snapshot as its manifest tells it.
struct KnownSnapshot {
  std::string sha256;  // of the manifest
  binlog::Flavor flavor = binlog::Flavor::mysql;
  std::uint32_t version_number = 0;  // of the source
  std::uint32_t server_id = 0;
  std::string server_uuid;
  std::uint32_t lower_case_table_names = 0;
  ViewPosition position;
  std::string rules_digest;
  FileRecord schema, indexes;
  std::vector<TableRecord> tables;

  [[nodiscard]] std::uint64_t bytes() const;  // of all files with rows
  [[nodiscard]] bool has(const sql::TableName& table) const;
};

// Whether a snapshot may have a database of this name: not a server's own, nor that of load_progress.h.
[[nodiscard]] bool may_be_loaded(std::string_view database);

// Reads a manifest. Every file in it is one that a snapshot of these tables has in its own folder, named once. Errors:
// malformed; unsupported for another format.
[[nodiscard]] base::Result<KnownSnapshot> read_manifest(std::string_view text);
// That of a folder. Errors: those, io; configuration where the folder holds no snapshot.
[[nodiscard]] base::Result<KnownSnapshot> read_snapshot_folder(base::FileSystem& files, const std::string& directory);
// The text of one of its files with statements, which has to be what the manifest says. Errors: io, malformed.
[[nodiscard]] base::Result<std::string> read_statements_file(base::FileSystem& files, const std::string& directory,
                                                             const FileRecord& record);

}  // namespace relay::seed
