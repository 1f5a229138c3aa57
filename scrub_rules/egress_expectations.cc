#include "scrub_rules/egress_expectations.h"

#include <algorithm>
#include <set>
#include <vector>

#include "relay/sql/character_set.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/constant.h"
#include "scrub_rules/json_path.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using proof::Cells;
using proof::ExpectedColumn;
using proof::ExpectedTable;
using proof::ExpectedType;
using sql::ColumnDefinition;
using sql::TableDefinition;

// MariaDB's make_unique_invisible_field_name (sql/sql_table.cc).
constexpr std::string_view kHiddenPrefix = "DB_ROW_HASH_";

// What the rules say of a table's columns, asked column by column.
class ColumnRules {
 public:
  ColumnRules(const RuleView& rules, const sql::TableName& table, const TableDefinition* definition)
      : rules_(rules),
        definition_(definition),
        rule_(rules.find(table)),
        kept_by_default_(rules.column_default(table) == ColumnDefault::keep) {}

  [[nodiscard]] bool names(std::string_view column) const { return rule_ != nullptr && rule_->find(column) != nullptr; }
  [[nodiscard]] Action action(std::string_view column) const {
    const ColumnRule* named = rule_ == nullptr ? nullptr : rule_->find(column);
    if (named != nullptr) return named->action;
    Action action;
    if (kept_by_default_ && !copies_what_is_dropped(column)) action.kind = ActionKind::keep;
    return action;
  }

 private:
  // A foreign key's column has the values of the one that it refers to, in a table that leaves without them.
  [[nodiscard]] bool copies_what_is_dropped(std::string_view column) const {
    if (definition_ == nullptr) return false;
    for (const sql::ForeignKeyDefinition& key : definition_->foreign_keys) {
      const sql::TableName parent = sql::parent_of(*definition_, key);
      if (!rules_.table_leaves(parent)) continue;
      const ColumnRules there(rules_, parent, nullptr);
      for (std::size_t i = 0; i < std::min(key.columns.size(), key.referenced_columns.size()); ++i) {
        if (!sql::equal_names(key.columns[i], column)) continue;
        if (there.action(key.referenced_columns[i]).kind != ActionKind::keep) return true;
      }
    }
    return std::ranges::any_of(definition_->foreign_keys, [&](const sql::ForeignKeyDefinition& key) {
      return key.origins && std::ranges::any_of(*key.origins, [&](const sql::KeyOrigin& origin) {
               return origin.key_column < key.columns.size() &&
                      sql::equal_names(key.columns[origin.key_column], column) && is_dropped(origin);
             });
    });
  }

  [[nodiscard]] bool is_dropped(const sql::KeyOrigin& origin) const {
    const sql::TableName table{origin.database, origin.table};
    return rules_.table_leaves(table) &&
           ColumnRules(rules_, table, nullptr).action(origin.column).kind != ActionKind::keep;
  }

  const RuleView& rules_;
  const TableDefinition* definition_;
  const TableRule* rule_;
  bool kept_by_default_;
};

// Follows what a column is computed from down to columns that are computed from nothing.
class Origins {
 public:
  Origins(const TableDefinition& definition, const ColumnRules& rules) : definition_(definition), rules_(rules) {}

  // Whether every value that goes into the column is one that the rules keep.
  [[nodiscard]] bool are_kept(std::string_view name) {
    const std::optional<std::size_t> index = definition_.find(name);
    if (!index) return false;
    const ColumnDefinition& column = definition_.columns[*index];
    if (column.implicit) return true;
    if (rules_.action(column.name).kind != ActionKind::keep) return false;
    if (!visited_.insert(*index).second) return true;
    return std::ranges::all_of(column.depends_on, [this](const std::string& other) { return are_kept(other); });
  }

 private:
  const TableDefinition& definition_;
  const ColumnRules& rules_;
  std::set<std::size_t> visited_;
};

bool origins_are_kept(const TableDefinition& definition, const ColumnRules& rules, std::string_view column) {
  return Origins(definition, rules).are_kept(column);
}

// The code that the egress check knows a type by.
ExpectedType expected_type(const binlog::ColumnType& type) {
  return {static_cast<std::uint8_t>(type.code), type.metadata};
}

void add_type(const ColumnDefinition& declared, binlog::Flavor flavor, std::vector<ExpectedType>& into) {
  if (const auto type = column_type_of(declared, flavor)) into.push_back(expected_type(*type));
}

// Tables made before MySQL 5.6, or with MariaDB's mysql56_temporal_format=OFF.
void add_old_temporal(const ColumnDefinition& declared, binlog::Flavor flavor, std::vector<ExpectedType>& into) {
  const auto digits = static_cast<std::uint16_t>(declared.length.value_or(0));
  if (digits != 0 && flavor == binlog::Flavor::mysql) return;
  const std::string& type = declared.type;
  using binlog::TypeCode;
  if (type == "timestamp") into.push_back({static_cast<std::uint8_t>(TypeCode::timestamp), digits});
  if (type == "datetime") into.push_back({static_cast<std::uint8_t>(TypeCode::datetime), digits});
  if (type == "time") into.push_back({static_cast<std::uint8_t>(TypeCode::time), digits});
}

// The types that a column may have in the binary log. Several where the declaration does not tell everything.
std::vector<ExpectedType> types_of(const ColumnDefinition& declared, binlog::Flavor flavor) {
  std::vector<ExpectedType> types;
  if ((declared.type == "enum" || declared.type == "set") && declared.members.empty()) return types;
  add_type(declared, flavor, types);
  add_old_temporal(declared, flavor, types);
  if (maximum_character_bytes(declared.character_set) == 0) {
    // Character sets of one to four bytes a character.
    ColumnDefinition guessed = declared;
    for (const char* set : {"latin1", "ucs2", "utf8mb3", "utf8mb4"}) {
      guessed.character_set = set;
      add_type(guessed, flavor, types);
    }
  }
  return types;
}

// The cell without its length, which the egress check reads by the type that was written.
Result<std::string> value_of(const ColumnDefinition& declared, const Action& action, std::uint32_t collation,
                             binlog::Flavor flavor) {
  RELAY_ASSIGN(const binlog::ColumnType type, column_type_of(declared, flavor));
  ColumnTraits traits = column_traits(declared, type, flavor);
  if (traits.character_set.empty()) traits.character_set = character_set_of_collation(collation);
  base::Buffer cell;
  RELAY_TRY(action.kind == ActionKind::null ? encode_zero_value(traits, cell)
                                            : encode_constant(traits, action.value, cell));
  RELAY_ASSIGN(const binlog::CellShape shape, binlog::cell_shape(type));
  return std::string(cell.view().sub(shape.prefix).text());
}

// What pseudonyms look like, as docs/pseudonyms.md has it: found out without the code that makes them.
proof::CellForm form_of(const ColumnDefinition& declared, const Action& action) {
  proof::CellForm form;
  const std::string& type = declared.type;
  const bool text = type.ends_with("char") || type.ends_with("text");
  if (!text) return form;
  std::string_view signs;
  if (action.kind == ActionKind::hash) {
    signs = "abcdefghijklmnopqrstuvwxyz234567";
    if (action.encoding == "hex") signs = "0123456789abcdef";
    if (action.encoding == "base64url") signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const bool numbers =
        action.encoding.empty() || action.encoding == "digits" || action.encoding.find("int") != std::string::npos;
    if (numbers) signs = "abcdefghijklmnopqrstuvwxyz0123456789-";
  } else if (action.kind == ActionKind::digits) {
    signs = "abcdefghijklmnopqrstuvwxyz0123456789 +-./():#,;";
  } else if (action.kind == ActionKind::ip) {
    signs = "0123456789abcdef.:";
  } else if (action.kind == ActionKind::email) {
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.@";
  }
  if (signs.empty()) return form;
  form.bytes.reset();
  for (const char sign : signs) form.bytes.set(static_cast<unsigned char>(sign));
  // Zeros in front of, or behind, each letter.
  const std::string& set = declared.character_set;
  if (set == "ucs2" || set.starts_with("utf16") || set == "utf32" || set.empty()) form.bytes.set(0);
  const bool plain = action.encoding.empty() || action.encoding == "base32" || action.encoding == "hex" ||
                     action.encoding == "base64url";
  if (action.kind == ActionKind::hash && plain) {
    // Numbers up to 2147483647 stay numbers, unless an encoding says otherwise.
    form.least = action.encoding.empty() ? 1 : action.length.value_or(6);
    form.most = std::size_t{4} * std::max(action.length.value_or(32), 10U);
  }
  return form;
}

// The paths of a rule. Of texts in other character sets only the size is judged.
Result<void> expect_json(const ColumnDefinition& declared, const Action& action, ExpectedColumn& into) {
  const std::string& set = declared.character_set;
  if (declared.type != "json" && !set.starts_with("utf8") && set != "ascii") return {};
  into.cells = Cells::json;
  into.json.keeps = action.remove.empty();
  for (const std::string& text : into.json.keeps ? action.keep : action.remove) {
    RELAY_ASSIGN(const JsonPath path, parse_json_path(text));
    auto& steps = into.json.paths.emplace_back();
    for (const JsonLeg& leg : path) {
      steps.push_back({static_cast<proof::JsonForm::Step::Kind>(leg.kind), leg.name});
    }
  }
  return {};
}

Result<ExpectedColumn> expected_column(const ColumnDefinition& declared, const Action& action, std::uint32_t collation,
                                       binlog::Flavor flavor) {
  ExpectedColumn column;
  column.name = declared.name;
  column.types = types_of(declared, flavor);
  column.nullable = declared.nullable;
  column.digits = static_cast<std::uint8_t>(declared.length.value_or(0));
  if (action.kind == ActionKind::null && declared.nullable) {
    column.cells = Cells::null;
  } else if (action.computes()) {
    column.cells = Cells::shaped;
    column.form = form_of(declared, action);
    if (action.kind == ActionKind::json) RELAY_TRY(expect_json(declared, action, column));
  } else if (action.kind != ActionKind::keep) {
    column.cells = Cells::fixed;
    RELAY_ASSIGN(column.value, value_of(declared, action, collation, flavor));
  }
  return column;
}

// MariaDB's hashes of unique keys stand behind the declared columns; they leave where everything that is hashed does.
std::size_t hidden_columns(const TableDefinition& definition, const ColumnRules& rules, const proof::WrittenMap& map) {
  std::size_t hashes = 0;
  bool all_kept = true;
  for (const sql::IndexDefinition& index : definition.indexes) {
    if (!index.hash) continue;
    ++hashes;
    for (const sql::IndexPart& part : index.parts) {
      all_kept = all_kept && (part.column.empty() || origins_are_kept(definition, rules, part.column));
    }
  }
  const bool table_kept = std::ranges::all_of(definition.columns, [&](const ColumnDefinition& column) {
    return origins_are_kept(definition, rules, column.name);
  });
  if (table_kept && !map.names.empty()) {
    const auto is_hash = [](std::string_view name) { return name.starts_with(kHiddenPrefix); };
    return static_cast<std::size_t>(std::ranges::count_if(map.names, is_hash));
  }
  return all_kept ? hashes : 0;
}

ExpectedColumn hidden_column(std::size_t number) {
  ExpectedColumn column;
  column.name = std::string(kHiddenPrefix) + std::to_string(number);
  column.types.push_back({static_cast<std::uint8_t>(binlog::TypeCode::longlong), 0});
  return column;
}

Result<ExpectedTable> by_definition(const TableDefinition& definition, const ColumnRules& rules,
                                    const proof::WrittenMap& map, binlog::Flavor flavor) {
  ExpectedTable table;
  for (const ColumnDefinition& declared : definition.columns) {
    const Action action = declared.implicit ? Action{.kind = ActionKind::keep} : rules.action(declared.name);
    if (!action.replaces() && !origins_are_kept(definition, rules, declared.name)) continue;
    const std::size_t at = table.columns.size();
    const std::uint32_t collation = at < map.collations.size() ? map.collations[at] : 0;
    RELAY_ASSIGN(ExpectedColumn column, expected_column(declared, action, collation, flavor));
    table.columns.push_back(std::move(column));
  }
  const std::size_t hidden = flavor == binlog::Flavor::mariadb ? hidden_columns(definition, rules, map) : 0;
  for (std::size_t number = 1; number <= hidden; ++number) table.columns.push_back(hidden_column(number));
  return table;
}

// Of a table that the history does not know nothing may be replaced or dropped.
std::optional<ExpectedTable> by_names(const ColumnRules& rules, const proof::WrittenMap& map, binlog::Flavor flavor) {
  ExpectedTable table;
  for (const std::string_view name : map.names) {
    const bool is_hidden = flavor == binlog::Flavor::mariadb && name.starts_with(kHiddenPrefix) && !rules.names(name);
    if (!is_hidden && rules.action(name).kind != ActionKind::keep) return std::nullopt;
    table.columns.emplace_back().name = name;
  }
  if (table.columns.empty()) return std::nullopt;
  return table;
}

}  // namespace

Result<std::optional<ExpectedTable>> EgressExpectations::table(const proof::WrittenMap& map) const {
  const sql::TableName name{std::string(map.database), std::string(map.table)};
  if (!rules_.table_leaves(name)) return std::nullopt;
  const TableDefinition* definition = history_.find(name);
  const ColumnRules rules(rules_, name, definition);
  if (definition == nullptr) return by_names(rules, map, flavor_);
  if (definition->sequence) return std::nullopt;
  Result<ExpectedTable> table = by_definition(*definition, rules, map, flavor_);
  if (table) return std::move(*table);
  return base::fail(Error(ErrorKind::rule, "egress check: it cannot be told what may leave of a table")
                        .about(name.database + "." + name.table)
                        .remedy("`binlog-relay check` shows what the rules make of the table"));
}

bool EgressExpectations::database_leaves(std::string_view database) const { return rules_.database_leaves(database); }

}  // namespace relay::scrub_rules
