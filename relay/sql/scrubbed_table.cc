#include "relay/sql/scrubbed_table.h"

#include <algorithm>

#include "relay/sql/character_set.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

tl::unexpected<Error> refused(FixedText what, const std::string& subject, FixedText remedy) {
  return base::fail(Error(ErrorKind::rule, what).about(subject).remedy(remedy));
}

bool begins_with(const IndexDefinition& index, const std::vector<std::string>& columns) {
  if (index.parts.size() < columns.size()) return false;
  return std::equal(columns.begin(), columns.end(), index.parts.begin(),
                    [](const std::string& column, const IndexPart& part) {
                      return !part.prefix && equal_names(part.column, column);
                    });
}

bool same_column(const ColumnDefinition& a, const ColumnDefinition& b) {
  return equal_names(a.name, b.name) && a.type == b.type && a.length == b.length && a.scale == b.scale &&
         a.is_unsigned == b.is_unsigned && a.nullable == b.nullable && a.generated == b.generated &&
         a.compressed == b.compressed && a.row_period == b.row_period && a.character_set == b.character_set &&
         a.collation == b.collation && a.members == b.members;
}

}  // namespace

ScrubbedTable::ScrubbedTable(const TableDefinition& definition, const TableFates& fates, FindTable find)
    : definition_(definition), fates_(fates), find_(std::move(find)) {
  const TableFate fate = fates.fate_of(definition);
  leaves_ = fate.leaves;
  for (std::size_t i = 0; i < definition.columns.size(); ++i) {
    by_name_.emplace(folded(definition.columns[i].name), i < fate.fates.size() ? fate.fates[i] : ColumnFate::stripped);
    if (i < fate.mappings.size()) mappings_.emplace(folded(definition.columns[i].name), fate.mappings[i]);
    if (i < fate.constants.size() && fate.constants[i])
      constants_.emplace(folded(definition.columns[i].name), *fate.constants[i]);
  }
}

ColumnFate ScrubbedTable::fate(std::string_view column) const {
  const auto found = by_name_.find(folded(column));
  return found == by_name_.end() ? ColumnFate::stripped : found->second;
}

std::string ScrubbedTable::mapping(std::string_view column) const {
  const auto found = mappings_.find(folded(column));
  return found == mappings_.end() ? std::string() : found->second;
}

std::optional<std::string> ScrubbedTable::constant(std::string_view column) const {
  const auto found = constants_.find(folded(column));
  return found == constants_.end() ? std::nullopt : std::optional(found->second);
}

bool ScrubbedTable::leaves_alike(std::string_view column, const ScrubbedTable& other, std::string_view others) const {
  return fate(column) == other.fate(others) && mapping(column) == other.mapping(others) &&
         constant(column) == other.constant(others);
}

bool ScrubbedTable::keeps_all(const std::vector<std::string>& columns) const {
  return std::all_of(columns.begin(), columns.end(), [this](const std::string& column) { return keeps(column); });
}

// Pseudonyms are as different as the values, but their beginnings are not. MariaDB's hidden hash columns are not made
// anew.
bool ScrubbedTable::stays_unique(const IndexDefinition& index, const IndexPart& part) const {
  return fate(part.column) == ColumnFate::mapped && !part.prefix && !index.hash && index.without_overlaps.empty();
}

std::optional<IndexDefinition> ScrubbedTable::unaided_index(const IndexDefinition& index) const {
  IndexDefinition left = index;
  left.parts.clear();
  left.generated = false;  // the replica's statement names every index
  const bool unique = index.kind == IndexKind::unique || index.kind == IndexKind::primary;
  for (const auto& part : index.parts) {
    const bool functional = part.column.empty();
    if (functional && !keeps_all(part.depends_on)) return std::nullopt;
    if (!functional && unique && !keeps(part.column) && !stays_unique(index, part)) return std::nullopt;
    if (functional || !stripped(part.column)) left.parts.push_back(part);
  }
  if (left.parts.empty()) return std::nullopt;
  return left;
}

// A unique index that does not stay unique is left as a plain one where the replica has a foreign key that the source
// has no other index for.
std::optional<IndexDefinition> ScrubbedTable::index(const IndexDefinition& index) const {
  std::optional<IndexDefinition> left = unaided_index(index);
  if (left || index.kind != IndexKind::unique || index.hash || !index.without_overlaps.empty()) return left;
  IndexDefinition plain = index;
  plain.kind = IndexKind::plain;
  left = unaided_index(plain);
  const auto needs = [&](const ForeignKeyDefinition& key) {
    if (!begins_with(index, key.columns) || !begins_with(*left, key.columns) || !keeps_key(key)) return false;
    return std::none_of(definition_.indexes.begin(), definition_.indexes.end(), [&](const IndexDefinition& each) {
      const auto other = unaided_index(each);
      return other && begins_with(*other, key.columns);
    });
  };
  const auto& keys = definition_.foreign_keys;
  return left && std::any_of(keys.begin(), keys.end(), needs) ? left : std::nullopt;
}

// Whether values that are equal in both columns, as the servers compare them, are equal at the replica.
bool ScrubbedTable::agrees(std::string_view column, const ScrubbedTable& other, std::string_view referenced) const {
  if (keeps(column) && other.keeps(referenced)) return true;
  const bool mapped = fate(column) == ColumnFate::mapped && other.fate(referenced) == ColumnFate::mapped;
  const std::string how = mapping(column);
  return mapped && !how.empty() && how.front() != '~' && how == other.mapping(referenced);
}

const TableDefinition* ScrubbedTable::known_parent(const ForeignKeyDefinition& key) const {
  const TableName parent = parent_of(definition_, key);
  return parent == definition_.name() ? &definition_ : find_(parent);
}

// With foreign_key_checks=0 a key is made before the table that it points to, which will have columns of such types.
TableDefinition ScrubbedTable::implied_parent(const ForeignKeyDefinition& key) const {
  TableDefinition parent;
  TableName name = parent_of(definition_, key);
  parent.database = std::move(name.database);
  parent.table = std::move(name.table);
  IndexDefinition index;
  for (std::size_t i = 0; i < std::min(key.columns.size(), key.referenced_columns.size()); ++i) {
    ColumnDefinition column;
    if (const auto at = definition_.find(key.columns[i])) column = definition_.columns[*at];
    column.name = key.referenced_columns[i];
    column.depends_on.clear();
    index.parts.push_back({column.name, {}, {}});
    parent.columns.push_back(std::move(column));
  }
  parent.indexes.push_back(std::move(index));
  return parent;
}

bool ScrubbedTable::keeps_key(const ForeignKeyDefinition& key) const {
  if (key.columns.size() != key.referenced_columns.size()) return false;
  const TableDefinition* found = known_parent(key);
  if (found == nullptr) {
    const TableDefinition implied = implied_parent(key);
    return leads_to(key, implied);
  }
  return leads_to(key, *found);
}

// Whether the replica can have `key` to what leaves of `parent`.
bool ScrubbedTable::leads_to(const ForeignKeyDefinition& key, const TableDefinition& parent) const {
  const ScrubbedTable other(parent, fates_, find_);
  if (!other.leaves()) return false;
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    if (!agrees(key.columns[i], other, key.referenced_columns[i])) return false;
  }
  // Where the source has no such index either (foreign_key_checks=0), the replica does as the source does.
  bool needed = false;
  for (const IndexDefinition& each : parent.indexes) {
    const auto left = other.unaided_index(each);
    if (left && begins_with(*left, key.referenced_columns)) return true;
    needed = needed || begins_with(each, key.referenced_columns);
  }
  return !needed;
}

bool ScrubbedTable::serves(const ForeignKeyDefinition& key) const {
  return std::any_of(definition_.indexes.begin(), definition_.indexes.end(), [&](const IndexDefinition& each) {
    const auto left = index(each);
    return left && begins_with(*left, key.columns);
  });
}

bool ScrubbedTable::lacks_key(std::string_view name) const {
  return std::any_of(definition_.foreign_keys.begin(), definition_.foreign_keys.end(),
                     [&](const ForeignKeyDefinition& key) { return equal_names(key.name, name) && !keeps_key(key); });
}

bool ScrubbedTable::keeps_auto_increment(std::string_view column) const {
  return keeps(column) &&
         std::any_of(definition_.indexes.begin(), definition_.indexes.end(), [&](const IndexDefinition& each) {
           const auto left = index(each);
           return left && left->kind <= IndexKind::plain && equal_names(left->parts.front().column, column);
         });
}

TableDefinition ScrubbedTable::definition() const {
  TableDefinition left = definition_;
  left.columns.clear();
  left.indexes.clear();
  left.foreign_keys.clear();
  left.checks.clear();
  left.periods.clear();
  for (const auto& column : definition_.columns) {
    if (!stripped(column.name)) left.columns.push_back(column);
  }
  for (const auto& each : definition_.indexes) {
    if (auto kept = index(each)) left.indexes.push_back(std::move(*kept));
  }
  for (const auto& key : definition_.foreign_keys) {
    if (keeps_key(key)) left.foreign_keys.push_back(key);
  }
  for (const auto& check : definition_.checks) {
    if (keeps_check(check)) left.checks.push_back(check);
  }
  for (const auto& period : definition_.periods) {
    if (keeps_period(period)) left.periods.push_back(period);
  }
  left.partitioned = partitioned();
  if (!left.partitioned) left.partition_columns.clear();
  return left;
}

ColumnPrinting ScrubbedTable::printing(const ColumnSpec& spec) const {
  ColumnPrinting printing;
  const ColumnNames names(definition_.columns);
  for (const auto& check : spec.checks)
    printing.checks.push_back(keeps(spec.name) && keeps_all(names.named_in(check.expression)));
  const auto at = definition_.find(spec.name);
  if (!at) return printing;
  const ColumnDefinition& column = definition_.columns[*at];
  printing.literals = keeps(spec.name);
  printing.default_value = column.generated || keeps_all(column.depends_on);
  if (!spec.default_is_literal && reads_sequence(spec.default_value)) printing.default_value = false;
  printing.auto_increment = spec.auto_increment && keeps_auto_increment(spec.name);
  // A column that only its primary key makes NOT NULL is left to that: MySQL 5.6 gives it a default then.
  const IndexDefinition* key = find_index(definition_, "PRIMARY");
  const bool in_key = key != nullptr && std::any_of(key->parts.begin(), key->parts.end(), [&](const IndexPart& part) {
                        return equal_names(part.column, spec.name);
                      });
  const bool by_key = in_key && !spec.nullable && !spec.primary && !spec.auto_increment && spec.row_period.empty();
  printing.not_null = !column.nullable && !by_key;
  return printing;
}

Result<void> ScrubbedTable::verify(const ScrubbedTable* before, const SqlContext& context) const {
  const std::string table = definition_.database + "." + definition_.table;
  const auto leaves = [this](const ColumnDefinition& column) { return !stripped(column.name); };
  if (std::none_of(definition_.columns.begin(), definition_.columns.end(), leaves))
    return refused("no column of the table leaves", table,
                   "keep a column of the table in the rules, or deny the table");
  if (std::none_of(definition_.columns.begin(), definition_.columns.end(),
                   [&](const ColumnDefinition& column) { return leaves(column) && !column.invisible; }))
    return refused("no visible column of the table leaves", table,
                   "keep a visible column of the table in the rules, or deny the table");
  if (shows_rows_of_others(definition_.engine))
    return refused("the table shows the rows of other tables, or of other servers", table,
                   "deny the table: its rows leave with the tables that hold them");
  for (const auto& each : definition_.indexes) {
    for (const auto& part : each.parts) {
      if (each.kind == IndexKind::primary && !keeps(part.column) && !stays_unique(each, part)) {
        return refused("a column of the primary key does not leave as it is", table + "." + part.column,
                       "keep every column of the primary key in the rules, or deny the table");
      }
    }
  }
  for (const auto& column : definition_.columns) {
    if (definition_.system_versioned && column.row_period && !keeps(column.name)) {
      return refused(
          "a period column of system versioning does not leave as it is", table + "." + column.name,
          "keep both period columns (row_start and row_end unless named otherwise) in the rules, or deny the table");
    }
  }
  // MySQL 9.6 and later log the rows that a foreign key changes.
  if (context.dialect == Dialect::mysql && context.server_version >= 90600) return {};
  for (const auto& key : definition_.foreign_keys) {
    if (keeps_key(key) || (before != nullptr && before->lacks_key(key.name))) continue;
    RELAY_TRY(verify_cascades(key));
  }
  return {};
}

Result<void> ScrubbedTable::verify_older_rows(const ForeignKeyDefinition& key) const {
  if (!keeps_key(key)) return {};
  const auto has_older = [](const TableDefinition& table, const std::vector<std::string>& columns) {
    return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
      const auto at = table.find(column);
      return at && table.columns[*at].older_rows == OlderRows::value;
    });
  };
  const TableDefinition* found = known_parent(key);
  const bool mapped = std::any_of(key.columns.begin(), key.columns.end(),
                                  [this](const std::string& column) { return fate(column) == ColumnFate::mapped; });
  const bool older =
      has_older(definition_, key.columns) || (found != nullptr && has_older(*found, key.referenced_columns));
  if (!mapped || !older) return {};
  return refused("a foreign key of a column whose older rows differ at the replica",
                 definition_.database + "." + definition_.table + "." + key.name,
                 "seed the table whose column was added with a DEFAULT, and make the key at the replica, then go on "
                 "after this statement");
}

Result<void> ScrubbedTable::verify_cascades(const ForeignKeyDefinition& key) const {
  auto changes = [](const std::string& action) {
    return action == "cascade" || action == "set null" || action == "set default";
  };
  const bool has_column = std::any_of(key.columns.begin(), key.columns.end(),
                                      [this](const std::string& column) { return !stripped(column); });
  const bool harmful = key.on_delete == "cascade" || (has_column && (changes(key.on_delete) || changes(key.on_update)));
  if (!harmful) return {};
  return refused("a foreign key changes rows without row events, and the replica cannot have it",
                 definition_.database + "." + definition_.table + "." + key.name,
                 "let the parent table and the columns of the key leave, or deny this table");
}

bool reads_sequence(const TokenList& expression) {
  return std::any_of(expression.begin(), expression.end(), [](const Token& token) {
    return token.is_word("nextval") || token.is_word("lastval") || token.is_word("setval") || token.is_word("next") ||
           token.is_word("previous") || token.is_word("currval");
  });
}

bool same_columns(const TableDefinition& a, const TableDefinition& b) {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(), same_column);
}

bool same_index(const IndexDefinition& a, const IndexDefinition& b) {
  return a.kind == b.kind && equal_names(a.name, b.name) && a.hash == b.hash &&
         equal_names(a.without_overlaps, b.without_overlaps) &&
         std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(),
                    [](const IndexPart& x, const IndexPart& y) {
                      return equal_names(x.column, y.column) && x.prefix == y.prefix;
                    });
}

bool same_table(const TableDefinition& a, const TableDefinition& b) {
  const bool indexes = a.indexes.size() == b.indexes.size() &&
                       std::all_of(a.indexes.begin(), a.indexes.end(), [&](const IndexDefinition& index) {
                         const IndexDefinition* other = find_index(b, index.name);
                         return other != nullptr && same_index(index, *other);
                       });
  const bool periods =
      std::equal(a.periods.begin(), a.periods.end(), b.periods.begin(), b.periods.end(),
                 [](const PeriodDefinition& x, const PeriodDefinition& y) { return equal_names(x.name, y.name); });
  return indexes && periods && same_columns(a, b) && a.partitioned == b.partitioned &&
         a.system_versioned == b.system_versioned && a.database == b.database && a.table == b.table;
}

}  // namespace relay::sql
