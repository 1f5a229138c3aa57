#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "scrub_rules/schema_history.h"
#include "tests/support/faulty_file.h"

namespace relay::scrub_rules::testing {

// Schema histories in a file system that can fail, with tables of one column.
inline constexpr const char* kPath = "spool/schema.history";
inline constexpr const char* kEndPath = "spool/schema.history.end";

inline sql::TableDefinition table(const std::string& name, const std::string& column) {
  sql::TableDefinition definition;
  definition.database = "shop";
  definition.table = name;
  definition.columns.emplace_back().name = column;
  definition.columns.back().type = "int";
  return definition;
}

inline std::vector<sql::CatalogChange> change(const std::string& name, const std::string& column) {
  std::vector<sql::CatalogChange> changes;
  changes.push_back({{"shop", name}, std::make_unique<sql::TableDefinition>(table(name, column))});
  return changes;
}

inline std::vector<sql::CatalogChange> gone(const std::string& name) {
  std::vector<sql::CatalogChange> changes;
  changes.push_back({{"shop", name}, nullptr});
  return changes;
}

inline std::unique_ptr<SchemaHistory> open(relay::testing::FaultyFileSystem& files, HistoryPosition resume,
                                           bool fold_case = false) {
  auto history = SchemaHistory::open(files, kPath, resume, fold_case);
  REQUIRE(history);
  return std::move(*history);
}

// "t:a u:b": each table with its first column.
inline std::string summary(const SchemaHistory& history) {
  std::string text;
  for (const sql::TableName& name : history.tables_of("shop")) {
    text += (text.empty() ? "" : " ") + name.table + ":" + history.find(name)->columns.at(0).name;
  }
  return text;
}

inline constexpr HistoryPosition kEnd{1000, 0};

}  // namespace relay::scrub_rules::testing
