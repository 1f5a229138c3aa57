#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/sql/ddl.h"

namespace relay::scrub_rules {

// Where the rows of a table came from, as far as its own name does not say it.
struct Origin {
  // The table whose rules hold for it. None: it is a copy of a table that does not leave, and does not leave either.
  std::optional<sql::TableName> rules_of;
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct LineageChange {
  sql::TableName name;
  std::optional<Origin> origin;  // none: the name alone decides
  bool made = false;             // the statement puts a table under this name; else the name is free after it
};

// The tables that are copies of others under a name that does not tell: made by CREATE TABLE LIKE or by RENAME. Kept by
// the schema history.
class Lineage {
 public:
  explicit Lineage(bool fold_case = false) : fold_case_(fold_case) {}

  // Null when the name alone decides. Valid until the next change of the name.
  [[nodiscard]] const Origin* find(const sql::TableName& name) const;
  // Returns what was there.
  std::optional<Origin> put(const sql::TableName& name, std::optional<Origin> origin);
  [[nodiscard]] std::vector<std::pair<sql::TableName, Origin>> all() const;
  void clear() { origins_.clear(); }

 private:
  [[nodiscard]] std::pair<std::string, std::string> key(const sql::TableName& name) const;

  bool fold_case_;
  std::map<std::pair<std::string, std::string>, std::pair<sql::TableName, Origin>> origins_;
};

}  // namespace relay::scrub_rules
