#include "relay/seed/manifest_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "relay/base/json_number.h"
#include "relay/base/nesting.h"
#include "relay/base/sha256.h"
#include "relay/seed/load_progress.h"
#include "relay/seed/record_json.h"
#include "relay/seed/snapshot_names.h"
#include "relay/source/schema_reader.h"
#include "relay/sql/token.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;
using nlohmann::json;

constexpr std::size_t kLongestManifest = std::size_t{64} << 20;
constexpr std::size_t kLongestStatements = std::size_t{256} << 20;  // of schema.sql and indexes.sql

tl::unexpected<Error> malformed_manifest(FixedText what) {
  return base::fail(Error(ErrorKind::malformed, what).about(kManifestFile).remedy("make a new snapshot"));
}

// Throws nlohmann::json::exception for what is missing or of another type.
KnownSnapshot snapshot_of(const json& from) {
  KnownSnapshot snapshot;
  const json& source = from.at("source");
  snapshot.flavor =
      source.at("flavor").get<std::string>() == "mariadb" ? binlog::Flavor::mariadb : binlog::Flavor::mysql;
  snapshot.version_number = source::version_number_of(source.at("version").get<std::string>());
  snapshot.server_id = base::whole_number<std::uint32_t>(source.at("server_id"));
  snapshot.server_uuid = source.at("server_uuid").get<std::string>();
  snapshot.lower_case_table_names = base::whole_number<std::uint32_t>(source.at("lower_case_table_names"));
  const json& position = from.at("position");
  snapshot.position = {position.at("file").get<std::string>(), base::whole_number<std::uint64_t>(position.at("offset")),
                       position.at("gtids").get<std::string>()};
  snapshot.rules_digest = from.at("rules").get<std::string>();
  snapshot.schema = file_of(from.at("schema"));
  snapshot.indexes = file_of(from.at("indexes"));
  for (const json& table : from.at("tables")) snapshot.tables.push_back(table_of(table));
  return snapshot;
}

Result<void> check_snapshot(const KnownSnapshot& snapshot) {
  if (snapshot.schema.name != kSchemaFile || snapshot.indexes.name != kIndexesFile) {
    return malformed_manifest("the manifest names other files than a snapshot has");
  }
  bool digests = is_digest(snapshot.schema.sha256) && is_digest(snapshot.indexes.sha256);
  std::set<std::string> names;
  for (const TableRecord& table : snapshot.tables) {
    if (!may_be_loaded(table.database))
      return malformed_manifest("the manifest has a table of a server's own database");
    std::uint64_t rows = 0;
    for (const FileRecord& file : table.files) {
      if (!is_rows_file_of({table.database, table.table}, file.name) || !names.insert(file.name).second) {
        return malformed_manifest("the manifest names other files than a snapshot has");
      }
      digests = digests && is_digest(file.sha256);
      rows += file.rows;
    }
    if (rows != table.rows) return malformed_manifest("the manifest's numbers of rows are not those of its files");
  }
  if (!digests) return malformed_manifest("the manifest has a digest that is none");
  return {};
}

}  // namespace

bool may_be_loaded(std::string_view database) {
  return !source::is_system_database(database) && !sql::equal_keywords(database, kProgressDatabase);
}

std::uint64_t KnownSnapshot::bytes() const {
  std::uint64_t sum = 0;
  for (const TableRecord& table : tables) {
    for (const FileRecord& file : table.files) sum += file.bytes;
  }
  return sum;
}

bool KnownSnapshot::has(const sql::TableName& table) const {
  return std::ranges::any_of(
      tables, [&](const TableRecord& each) { return each.database == table.database && each.table == table.table; });
}

Result<KnownSnapshot> read_manifest(std::string_view text) {
  if (base::is_deep_json(text)) return malformed_manifest("the manifest cannot be read");
  const json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return malformed_manifest("the manifest is no JSON");
  try {
    if (base::whole_number<std::uint32_t>(parsed.at("format")) != kManifestFormat) {
      return base::fail(Error(ErrorKind::unsupported, "the snapshot has another format than this version reads")
                            .about(kManifestFile)
                            .remedy("load it with the version that made it, or make a new one"));
    }
    KnownSnapshot snapshot = snapshot_of(parsed);
    RELAY_TRY(check_snapshot(snapshot));
    snapshot.sha256 = base::sha256_hex({base::ByteView::of(text)});
    return snapshot;
  } catch (const json::exception&) {
    // Its text may quote the file.
    return malformed_manifest("the manifest lacks something, or has it in another form");
  }
}

Result<KnownSnapshot> read_snapshot_folder(base::FileSystem& files, const std::string& directory) {
  const std::string path = directory + '/' + std::string(kManifestFile);
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) {
    return base::fail(Error(ErrorKind::configuration, "the folder holds no snapshot, or one that was not finished")
                          .about(directory)
                          .remedy("give the folder that `binlog-relay snapshot` wrote to its end"));
  }
  RELAY_ASSIGN(const std::string text, base::read_file(files, path, kLongestManifest));
  return read_manifest(text);
}

Result<std::string> read_statements_file(base::FileSystem& files, const std::string& directory,
                                         const FileRecord& record) {
  RELAY_ASSIGN(std::string text, base::read_file(files, directory + '/' + record.name, kLongestStatements));
  if (text.size() != record.bytes || base::sha256_hex({base::ByteView::of(text)}) != record.sha256) {
    return base::fail(Error(ErrorKind::malformed, "a file of the snapshot is not the one of its manifest")
                          .about(record.name)
                          .remedy("make a new snapshot"));
  }
  return text;
}

}  // namespace relay::seed
