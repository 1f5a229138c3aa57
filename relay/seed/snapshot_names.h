#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/sql/table_definition.h"

namespace relay::seed {

// Files of a snapshot folder.
inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kSchemaFile = "schema.sql";
inline constexpr std::string_view kIndexesFile = "indexes.sql";
// There while a snapshot is being made, and locked by who makes it.
inline constexpr std::string_view kUnfinishedFile = "unfinished";
// Beside it: what is done of the snapshot (snapshot_journal.h).
inline constexpr std::string_view kJournalFile = "journal";
// What a file ends in until it is whole (base::replace_file).
inline constexpr std::string_view kPartEnding = ".new";

// "shop.orders.00001.sql.zst". Bytes of names that are none of a-z, 0-9, _ and - are written as %XX, and long names are
// cut and end in a digest, so that no two tables share a name, on disks that fold case neither, and none is too long.
[[nodiscard]] std::string rows_file_name(const sql::TableName& table, std::uint32_t number);
// "shop.orders.00001.rows": scrubbed rows on their way (row_shuffle.h), none of a finished snapshot.
[[nodiscard]] std::string pile_file_name(const sql::TableName& table, std::uint32_t number);

// Whether a snapshot may have made a file of this name in its folder.
[[nodiscard]] bool is_snapshot_file(std::string_view name);

}  // namespace relay::seed
