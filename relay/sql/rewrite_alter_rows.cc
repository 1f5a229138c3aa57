#include "relay/sql/alter_rewriter.h"
#include "relay/sql/sql_mode.h"
#include "relay/sql/type_change.h"

// What ALTER TABLE does to the rows that are there: the replica's must come to be the source's, scrubbed.
namespace relay::sql {

namespace {

using base::FixedText;
using base::Result;

constexpr FixedText kSeed{"seed the table at the replica, then go on after this statement"};
constexpr FixedText kByHand{
    "make the same change at the replica by hand, without strict sql_mode, then go on after this statement"};
constexpr FixedText kGiveKey{
    "give the table a primary key first, or seed it at the replica, then go on after this statement"};

}  // namespace

Result<void> AlterRewriter::check_rows() const {
  RELAY_TRY(check_fates());
  RELAY_TRY(check_defaults());
  RELAY_TRY(check_older_rows());
  return check_numbers();
}

bool AlterRewriter::is_strict() const { return (rewriting_.context.sql_mode & kStrictTables) != 0 && !alter_.ignore; }

// A replica's rows cannot follow a column whose values begin or end to leave.
Result<void> AlterRewriter::check_fates() const {
  for (std::size_t i = 0; i < after_.columns.size(); ++i) {
    if (!outcome_.origin[i]) continue;
    const ColumnDefinition& before = before_.columns[*outcome_.origin[i]];
    const ColumnDefinition& after = after_.columns[i];
    if (new_.stripped(after.name)) continue;
    const bool made_of_value = !new_.mapping(after.name).empty();  // then they go as the source's do
    if (new_.fate(after.name) == ColumnFate::altered && !made_of_value) RELAY_TRY(check_replaced(before, after));
    // A schema-change tool alters its working table before it copies rows to it.
    if (before_.empty && made_of_value && old_.fate(before.name) == new_.fate(after.name)) continue;
    if (made_of_value && !old_.stripped(before.name) && !values_stay(before, after)) {
      return refused(
          "ALTER TABLE may change values that leave as pseudonyms or generalised, and the replica's rows have those of "
          "the old ones",
          kSeed, after.name);
    }
    if (old_.leaves_alike(before.name, new_, after.name)) continue;
    return refused("ALTER TABLE changes how a column leaves, and the replica's rows do not fit", kSeed, after.name);
  }
  return {};
}

// Rows that are older than a column may have another value in it at the replica than the row events say: one that looks
// a row up by all its columns does not find it again, and a foreign key of the column does not hold.
Result<void> AlterRewriter::check_older_rows() const {
  std::vector<std::string> differing;
  std::vector<std::string> differed;
  for (std::size_t i = 0; i < after_.columns.size(); ++i) {
    const ColumnDefinition& column = after_.columns[i];
    if (!differs_in_older_rows(new_, column)) continue;
    differing.push_back(column.name);
    const ColumnDefinition* before = outcome_.origin[i] ? &before_.columns[*outcome_.origin[i]] : nullptr;
    if (before != nullptr && differs_in_older_rows(old_, *before)) differed.push_back(before->name);
    if (before != nullptr && before->nullable && !column.nullable && is_strict())
      return refused("ALTER TABLE makes a column NOT NULL whose older rows are NULL at the replica", kSeed,
                     column.name);
  }
  for (const ForeignKeyDefinition& key : after_.foreign_keys) {
    if (named(before_.foreign_keys, key.name) == nullptr) RELAY_TRY(new_.verify_older_rows(key));
  }
  if (differing.empty() || finds_rows_without(new_, differing)) return {};
  if (differing.size() > differed.size()) {
    return refused(
        "ALTER TABLE gives rows a value in a column with replaced values, in a table without a key that leaves, and "
        "the replica's rows would not be found again",
        kGiveKey, differing.front());
  }
  if (!finds_rows_without(old_, differed)) return {};
  return refused("ALTER TABLE takes the key away by which the replica finds rows that are older than a column", kSeed,
                 differing.front());
}

Result<void> AlterRewriter::check_defaults() const {
  for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
    const AlterClause& clause = alter_.clauses[i];
    if (clause.kind == ClauseKind::add_column && !effect(i).empty() && !new_.stripped(clause.name))
      RELAY_TRY(check_default(*clause.column));
  }
  return {};
}

// What the source's rows get that are there, and the replica's do not.
Result<void> AlterRewriter::check_default(const ColumnSpec& added) const {
  if (!added.has_default()) return {};
  if (new_.keeps(added.name)) {
    if (new_.printing(added).default_value) return {};
    return refused("ALTER TABLE fills a column by an expression that does not leave", kSeed, added.name);
  }
  const ColumnDefinition& column = after_.columns[*after_.find(added.name)];
  if (column.nullable || !is_day(column) || !is_strict() || (rewriting_.context.sql_mode & kNoZeroDate) == 0) return {};
  return refused("ALTER TABLE adds a NOT NULL day whose DEFAULT does not leave, and the zero day is refused", kByHand,
                 added.name);
}

// The DEFAULT of a column that is not kept does not leave: the replica's older rows have NULL, or the zero value of a
// NOT NULL column, which is what the action null makes of them, too; but a TIMESTAMP may be the time of the statement.
bool AlterRewriter::differs_in_older_rows(const ScrubbedTable& table, const ColumnDefinition& column) {
  if (column.older_rows == OlderRows::none || table.stripped(column.name) || table.keeps(column.name)) return false;
  if (table.filled(column.name)) return true;
  if (table.mapping(column.name).empty()) return !column.nullable && column.type == "timestamp";
  return column.older_rows == OlderRows::value;
}

// Servers look a row up by the primary key, or by a unique key without NULL, and compare nothing else then.
bool AlterRewriter::finds_rows_without(const ScrubbedTable& table, const std::vector<std::string>& columns) {
  const TableDefinition& definition = table.source();
  bool found = false;
  for (const auto& each : definition.indexes) {
    const auto index = table.index(each);
    if (!index || (index->kind != IndexKind::primary && index->kind != IndexKind::unique)) continue;
    const bool looked_up = !index->hash && index->without_overlaps.empty() &&
                           std::all_of(index->parts.begin(), index->parts.end(), [&](const IndexPart& part) {
                             const auto at = definition.find(part.column);
                             return at && !definition.columns[*at].nullable;
                           });
    if (!looked_up) continue;
    const bool without = std::none_of(index->parts.begin(), index->parts.end(), [&](const IndexPart& part) {
      return std::any_of(columns.begin(), columns.end(),
                         [&](const std::string& column) { return equal_names(column, part.column); });
    });
    if (index->kind == IndexKind::primary || !without) return without;
    found = true;
  }
  return found;
}

// The source's values go with the change, or its server would have refused; those of the replica are the rules'.
Result<void> AlterRewriter::check_replaced(const ColumnDefinition& before, const ColumnDefinition& after) const {
  if (is_strict()) {
    if (before.nullable && !after.nullable) {
      return refused("a column whose values are replaced becomes NOT NULL, and the replica's may be NULL", kByHand,
                     after.name);
    }
    if (!before.nullable && !zero_value_converts(before, after)) {
      return refused("a column whose values are replaced changes its type, and the replica's do not fit", kByHand,
                     after.name);
    }
  }
  // From here on row events have NULL, or another type's zero value.
  const bool differs =
      !before.nullable && !new_.filled(after.name) && (after.nullable || !zero_value_stays(before, after));
  if (!differs || finds_rows_without(new_, {after.name})) return {};
  return refused("ALTER TABLE changes what replaces a column's values, and the replica's rows would not be found again",
                 kGiveKey, after.name);
}

// Rows that are there get numbers, and IGNORE keeps the first of several, in the order that the server reads them in.
Result<void> AlterRewriter::check_numbers() const {
  bool in_order = false;
  for (std::size_t i = 0; i < after_.columns.size(); ++i) {
    const ColumnDefinition& column = after_.columns[i];
    const bool begins =
        column.auto_increment && !(outcome_.origin[i] && before_.columns[*outcome_.origin[i]].auto_increment);
    const ColumnFate fate = new_.fate(column.name);
    if (!begins || (fate != ColumnFate::keeps && fate != ColumnFate::mapped)) continue;
    if (!new_.keeps_auto_increment(column.name))
      return refused("ALTER TABLE numbers the rows, and the replica's column would have no AUTO_INCREMENT", kSeed,
                     column.name);
    in_order = true;
  }
  for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
    const AlterClause& clause = alter_.clauses[i];
    const bool makes_unique =
        clause.kind == ClauseKind::add_index && !effect(i).empty() && clause.index->kind <= IndexKind::unique;
    in_order = in_order || (alter_.ignore && makes_unique);
  }
  if (!in_order || reads_rows_alike()) return {};
  return refused("ALTER TABLE depends on the order of rows, and the replica has them in another", kSeed, "");
}

// InnoDB has rows in the order of the primary key, or of the first unique key without NULL, partition by partition;
// where there is none, as they came.
bool AlterRewriter::reads_rows_alike() const {
  if (before_.partitioned != old_.partitioned()) return false;
  return std::all_of(before_.indexes.begin(), before_.indexes.end(), [this](const IndexDefinition& index) {
    const bool orders = index.kind == IndexKind::primary ||
                        (index.kind == IndexKind::unique &&
                         std::all_of(index.parts.begin(), index.parts.end(), [this](const IndexPart& part) {
                           const auto at = before_.find(part.column);
                           return at && !before_.columns[*at].nullable;
                         }));
    return !orders || std::all_of(index.parts.begin(), index.parts.end(),
                                  [this](const IndexPart& part) { return old_.keeps(part.column); });
  });
}

}  // namespace relay::sql
