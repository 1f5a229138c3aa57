#include <algorithm>

#include "relay/sql/character_set.h"
#include "relay/sql/definition_maker.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// make_unique_key_name() of sql/sql_table.cc: the first column, then _2, _3 ... MySQL has another first name for an
// index with an expression at any place (add_functional_index_to_create_list()).
std::string choose_name(const TableDefinition& table, const IndexSpec& spec) {
  if (spec.kind == IndexKind::primary) return "PRIMARY";
  if (!spec.name.empty()) return spec.name;
  const bool functional =
      std::any_of(spec.parts.begin(), spec.parts.end(), [](const auto& part) { return part.column.empty(); });
  const std::string base = functional ? "functional_index" : spec.parts.front().column;
  if (find_index(table, base) == nullptr && !equal_names(base, "PRIMARY")) return base;
  for (int i = 2; i < 100; ++i) {
    std::string name = base + "_" + std::to_string(i);
    if (find_index(table, name) == nullptr) return name;
  }
  return "not_specified";
}

bool serves(const IndexDefinition& index, const std::vector<std::string>& columns) {
  if (index.kind == IndexKind::fulltext || index.kind == IndexKind::spatial || index.kind == IndexKind::vector ||
      index.hash)
    return false;
  if (index.parts.size() < columns.size()) return false;
  return std::equal(columns.begin(), columns.end(), index.parts.begin(),
                    [](const std::string& column, const IndexPart& part) {
                      return !part.prefix && equal_names(part.column, column);
                    });
}

std::uint64_t part_bytes(const ColumnDefinition& column, const IndexPart& part) {
  const bool text = is_text_type(column.type) && column.type != "enum" && column.type != "set";
  const std::uint64_t width = text ? maximum_bytes(column.character_set) : 1;
  if (part.prefix) return *part.prefix * width;
  if (text || column.type == "varbinary" || column.type == "binary") return column.length.value_or(0) * width;
  return 8;
}

// MariaDB 10.4 and later (sql/sql_table.cc, mysql_prepare_create_table_finalize): a unique index that no key can hold
// is kept by a hidden hash column. The longest key of InnoDB is 3072 bytes, of MyISAM and Aria less.
bool needs_hash(const TableDefinition& table, const IndexDefinition& index, const SqlContext& context,
                bool using_hash = false) {
  if (context.dialect != Dialect::mariadb || index.kind != IndexKind::unique || table.engine == "memory" ||
      table.engine == "heap")
    return false;
  if (using_hash) return true;
  const std::uint64_t limit = table.engine == "myisam" ? 1000 : table.engine == "aria" ? 2000 : 3072;
  std::uint64_t total = 0;
  for (const auto& part : index.parts) {
    const auto at = table.find(part.column);
    if (!at) continue;
    const ColumnDefinition& column = table.columns[*at];
    if (is_blob_type(column.type) && !part.prefix) return true;
    total += part_bytes(column, part);
  }
  return total > limit;
}

std::vector<std::string> column_names(const IndexDefinition& index) {
  std::vector<std::string> names;
  for (const auto& part : index.parts) names.push_back(part.column);
  return names;
}

// Numbers that the server appends to the names it makes: one more than the largest there is.
template <typename Items>
std::size_t next_number(const Items& items, const std::string& prefix) {
  std::size_t largest = 0;
  for (const auto& item : items) {
    if (item.name.size() <= prefix.size() || !equal_names(std::string_view(item.name).substr(0, prefix.size()), prefix))
      continue;
    std::size_t number = 0;
    bool digits = true;
    for (const char c : item.name.substr(prefix.size()).substr(0, 9)) {
      digits = digits && c >= '0' && c <= '9';
      number = number * 10 + static_cast<std::size_t>(c - '0');
    }
    if (digits) largest = std::max(largest, number);
  }
  return largest + 1;
}

// The server keeps such an index over the period's end and start (sql/sql_table.cc, init_key_info).
Result<void> add_period_parts(const TableDefinition& table, IndexDefinition& index, const std::string& name) {
  for (const auto& period : table.periods) {
    if (!equal_names(period.name, name)) continue;
    index.without_overlaps = period.name;
    index.parts.push_back({period.end, std::nullopt, {}});
    index.parts.push_back({period.start, std::nullopt, {}});
    return {};
  }
  return base::fail(Error(ErrorKind::malformed, "index names a period that the table does not have")
                        .about(table.database + "." + table.table));
}

Result<IndexDefinition> make_index(TableDefinition& table, const IndexSpec& spec, const ColumnNames& names) {
  IndexDefinition index;
  index.kind = spec.kind;
  index.name = choose_name(table, spec);
  index.visible = spec.visible.value_or(true);
  index.generated = spec.generated_by_foreign_key;
  for (const auto& part : spec.parts) {
    IndexPart made;
    if (part.without_overlaps) {
      RELAY_TRY(add_period_parts(table, index, part.column));
      continue;
    }
    if (part.column.empty()) {
      made.depends_on = names.named_in(part.expression);
    } else {
      const auto at = table.find(part.column);
      if (!at) {
        return base::fail(Error(ErrorKind::malformed, "index names a column that the table does not have")
                              .about(table.database + "." + table.table));
      }
      made.column = table.columns[*at].name;
      made.prefix = part.prefix;
      if (spec.kind == IndexKind::primary) table.columns[*at].nullable = false;
    }
    index.parts.push_back(std::move(made));
  }
  return index;
}

}  // namespace

IndexDefinition* find_index(TableDefinition& table, std::string_view name) {
  for (auto& index : table.indexes) {
    if (equal_names(index.name, name)) return &index;
  }
  return nullptr;
}

const IndexDefinition* find_index(const TableDefinition& table, std::string_view name) {
  return find_index(const_cast<TableDefinition&>(table), name);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

Result<std::string> add_index(TableDefinition& table, const IndexSpec& spec, const ColumnNames& names,
                              const SqlContext& context) {
  RELAY_ASSIGN(IndexDefinition index, make_index(table, spec, names));
  index.hash = needs_hash(table, index, context, spec.algorithm == "hash");
  const std::vector<std::string> columns = column_names(index);
  auto& all = table.indexes;
  const bool served =
      index.generated && std::any_of(all.begin(), all.end(), [&](const auto& other) {
        const bool twin = other.generated && other.parts.size() == columns.size();
        return serves(other, columns) && !(twin && !spec.name.empty() && !equal_names(other.name, spec.name));
      });
  if (served) return std::string();
  // An index takes the place of one that the server made for a foreign key before (mysql_prepare_create_table of
  // sql/sql_table.cc).
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const auto& other) { return other.generated && serves(index, column_names(other)); }),
            all.end());
  index.name = choose_name(table, spec);
  std::string name = index.name;
  if (index.kind == IndexKind::primary) {
    table.indexes.insert(table.indexes.begin(), std::move(index));
  } else {
    table.indexes.push_back(std::move(index));
  }
  return name;
}

void decide_hashes(TableDefinition& table, const SqlContext& context) {
  for (auto& index : table.indexes) index.hash = needs_hash(table, index, context);
}

std::string add_foreign_key(TableDefinition& table, const ForeignKeySpec& spec) {
  ForeignKeyDefinition key;
  key.name = !spec.name.empty() ? spec.name : spec.index_name;
  if (key.name.empty())
    key.name = table.table + "_ibfk_" + std::to_string(next_number(table.foreign_keys, table.table + "_ibfk_"));
  key.columns = spec.columns;
  if (!equal_names(spec.referenced.database, table.database)) key.referenced_database = spec.referenced.database;
  key.referenced_table = spec.referenced.table;
  key.referenced_columns = spec.referenced_columns;
  key.on_delete = spec.on_delete;
  key.on_update = spec.on_update;
  table.foreign_keys.push_back(key);
  return key.name;
}

std::string add_check(TableDefinition& table, const CheckSpec& spec, const ColumnNames& names, Dialect dialect) {
  CheckDefinition check;
  check.name = spec.name;
  const std::string prefix = dialect == Dialect::mariadb ? "CONSTRAINT_" : table.table + "_chk_";
  if (check.name.empty()) check.name = prefix + std::to_string(next_number(table.checks, prefix));
  check.depends_on = names.named_in(spec.expression);
  table.checks.push_back(check);
  return check.name;
}

void set_partitioning(TableDefinition& table, const PartitionSpec& spec, const ColumnNames& names) {
  table.partitioned = true;
  table.partition_columns = names.named_in(spec.columns);
  const IndexDefinition* key = find_index(table, "PRIMARY");
  for (const auto& index : table.indexes) {
    if (key == nullptr && index.kind == IndexKind::unique) key = &index;
  }
  if (!spec.by_primary_key || key == nullptr) return;
  for (const auto& column : column_names(*key)) {
    const auto& all = table.partition_columns;
    if (std::find(all.begin(), all.end(), column) == all.end()) table.partition_columns.push_back(column);
  }
}

}  // namespace relay::sql
