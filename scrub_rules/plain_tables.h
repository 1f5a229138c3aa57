#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "relay/sql/ddl.h"

namespace relay::scrub_rules {

struct PlainChange {
  sql::TableName name;
  bool plain = false;
};

// The tables of which it is certain that a statement that writes to them touches no other: base tables of an engine
// that keeps its own rows, without triggers. Kept by the schema history for [statements] dml = "drop-if-denied".
class PlainTables {
 public:
  explicit PlainTables(bool fold_case = false) : fold_case_(fold_case) {}
  [[nodiscard]] bool contains(const sql::TableName& name) const { return names_.contains(key(name)); }
  // Returns what was so before.
  bool put(const sql::TableName& name, bool plain);
  [[nodiscard]] std::vector<sql::TableName> all() const;
  void clear() { names_.clear(); }

 private:
  [[nodiscard]] std::pair<std::string, std::string> key(const sql::TableName& name) const;

  bool fold_case_;
  std::set<std::pair<std::string, std::string>> names_;
};

// Whether tables of an engine (lower case; empty: the server's default) hold their own rows and no other's.
[[nodiscard]] bool keeps_own_rows(std::string_view engine);

// What `statement` does to `plain`. `catalog` has the tables that leave, as before the statement.
[[nodiscard]] std::vector<PlainChange> plain_changes(const sql::Statement& statement, const sql::Catalog& catalog,
                                                     const PlainTables& plain);

}  // namespace relay::scrub_rules
