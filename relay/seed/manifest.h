#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/seed/consistent_view.h"
#include "relay/seed/rows_file.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// What a snapshot holds of one table.
struct TableRecord {
  std::string database;
  std::string table;
  std::string key;  // the index that its rows were read by; empty: without one, all at once
  std::uint64_t rows = 0;
  std::vector<FileRecord> files;  // in no order of the rows
};

// What manifest.json says. Names, numbers and digests; no value of a row.
struct Manifest {
  std::string made_by;  // "binlog-relay 1.2.3"
  const source::SourceFacts& facts;
  const ConsistentView& view;
  std::string rules_digest;  // RuleSet::digest()
  FileRecord schema;
  FileRecord indexes;
  std::vector<TableRecord> tables;
};

inline constexpr int kManifestFormat = 1;

[[nodiscard]] std::string manifest_text(const Manifest& manifest);

}  // namespace relay::seed
