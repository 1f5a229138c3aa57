#include <algorithm>
#include <array>

#include "relay/sql/character_set.h"
#include "relay/sql/definition_maker.h"

namespace relay::sql {
namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// get_blob_type_from_length() of sql/field.cc.
std::string blob_type(std::uint64_t bytes, bool text) {
  const std::string kind = text ? "text" : "blob";
  if (bytes < 256) return "tiny" + kind;
  if (bytes < 65536) return kind;
  return (bytes < 16777216 ? "medium" : "long") + kind;
}

std::uint64_t capacity(const std::string& type) {
  if (type.rfind("tiny", 0) == 0) return 255;
  if (type.rfind("medium", 0) == 0) return 16777215;
  if (type.rfind("long", 0) == 0) return 4294967295;
  return 65535;
}

void set_length_defaults(ColumnDefinition& column) {
  const std::string& type = column.type;
  if (type == "decimal") {
    if (!column.length) column.length = 10;
    if (!column.scale) column.scale = 0;
  }
  if (!column.length && (type == "char" || type == "binary" || type == "bit")) column.length = 1;
}

void set_characters(ColumnDefinition& column, const TypeSpec& type, const CharacterDefaults& table, bool maria) {
  if (!is_text_type(column.type)) return;
  if (maria && type.written == "json" && type.character_set.empty() && type.collation.empty()) {
    column.character_set = "utf8mb4";
    column.collation = "utf8mb4_bin";
    return;
  }
  column.character_set = type.character_set;
  column.collation = type.collation;
  if (column.character_set.empty() && !column.collation.empty()) {
    column.character_set = character_set_of_collation(column.collation);
  } else if (column.character_set.empty()) {
    column.character_set = table.character_set;
    column.collation = table.collation;
  }
  if (type.binary_collation) column.collation = binary_collation(column.character_set);
  if (column.collation.empty()) column.collation = default_collation(column.character_set);
}

// BLOB(n) and TEXT(n) take the smallest type; a VARCHAR too long for one becomes a TEXT where the server is not strict.
void fit_length(ColumnDefinition& column) {
  const bool text = is_text_type(column.type);
  const std::uint64_t width = text ? maximum_bytes(column.character_set) : 1;
  if (is_blob_type(column.type)) {
    if (column.length && (column.type == "text" || column.type == "blob"))
      column.type = blob_type(*column.length * width, text);
    column.length.reset();
  } else if ((column.type == "varchar" || column.type == "varbinary") && column.length &&
             *column.length * width > 65535) {
    column.type = blob_type(*column.length * width, text);
    column.length.reset();
  }
}

// The primary key that MySQL makes under sql_generate_invisible_primary_key.
bool is_generated_key(const ColumnDefinition& column, const SqlContext& context) {
  return context.dialect == Dialect::mysql && equal_names(column.name, "my_row_id") && column.type == "bigint" &&
         column.is_unsigned && column.auto_increment && column.invisible && !column.nullable;
}

}  // namespace

bool is_blob_type(const std::string& type) { return ends_with(type, "blob") || ends_with(type, "text"); }

bool is_text_type(const std::string& type) {
  return type == "char" || type == "varchar" || type == "enum" || type == "set" || ends_with(type, "text");
}

CharacterDefaults table_characters(const TableOptions& options, const CharacterDefaults& inherited) {
  if (!options.character_set.empty()) {
    return {options.character_set,
            options.collation.empty() ? default_collation(options.character_set) : options.collation};
  }
  if (options.collation.empty()) return inherited;
  const std::string set = character_set_of_collation(options.collation);
  return {set.empty() ? inherited.character_set : set, options.collation};
}

ColumnDefinition make_column(const ColumnSpec& spec, const CharacterDefaults& table, const SqlContext& context) {
  ColumnDefinition column;
  column.name = spec.name;
  column.type = spec.type.base;
  column.length = spec.type.length;
  column.scale = spec.type.scale;
  column.is_unsigned = spec.type.is_unsigned;
  column.generated = !spec.generated.empty();
  column.auto_increment = spec.auto_increment;
  column.invisible = spec.visible && !*spec.visible;
  column.compressed = spec.type.compressed;
  column.row_period = !spec.row_period.empty();
  for (const auto& member : spec.type.members) column.members.push_back(member.text);
  const bool implicit_not_null =
      spec.auto_increment || spec.primary || !spec.row_period.empty() ||
      (column.type == "timestamp" && !context.explicit_defaults_for_timestamp && !column.generated);
  column.nullable = spec.nullable.value_or(!implicit_not_null) && !spec.primary && !spec.auto_increment;
  set_length_defaults(column);
  set_characters(column, spec.type, table, context.dialect == Dialect::mariadb);
  fit_length(column);
  column.implicit = is_generated_key(column, context);
  return column;
}

void convert_column(ColumnDefinition& column, const CharacterDefaults& target) {
  if (!is_text_type(column.type)) return;
  const std::uint64_t old_width = maximum_bytes(column.character_set);
  column.character_set = target.character_set;
  column.collation = target.collation;
  const std::uint64_t new_width = maximum_bytes(column.character_set);
  // A text keeps room for as many characters as it had.
  if (is_blob_type(column.type) && new_width > old_width)
    column.type = blob_type(capacity(column.type) / old_width * new_width, true);
  if (column.type == "varchar") fit_length(column);
}

ColumnNames::ColumnNames(const std::vector<ColumnDefinition>& columns) { add(columns); }

void ColumnNames::add(const std::vector<ColumnDefinition>& columns) {
  for (const auto& column : columns) names_.emplace(folded(column.name), column.name);
}

std::vector<std::string> ColumnNames::named_in(const TokenList& expression) const {
  std::vector<std::string> named;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const Token& token = expression[i];
    if (!token.is_identifier()) continue;
    const bool function =
        token.kind == TokenKind::word && i + 1 < expression.size() && expression[i + 1].is_symbol('(');
    // CAST(... AS DATE), which servers show for other functions as well.
    const bool type = token.kind == TokenKind::word && i > 0 && expression[i - 1].is_word("as");
    const auto found = names_.find(folded(token.text));
    if (function || type || found == names_.end()) continue;
    if (std::find(named.begin(), named.end(), found->second) == named.end()) named.push_back(found->second);
  }
  return named;
}

std::vector<std::string> dependencies(const ColumnSpec& spec, const ColumnNames& names) {
  TokenList all = spec.generated;
  if (!spec.default_is_literal) all.insert(all.end(), spec.default_value.begin(), spec.default_value.end());
  all.insert(all.end(), spec.on_update.begin(), spec.on_update.end());
  return names.named_in(all);
}

void set_not_null(TableDefinition& table, const PeriodDefinition& period) {
  for (const auto* name : {&period.start, &period.end}) {
    if (const auto at = table.find(*name)) table.columns[*at].nullable = false;
  }
}

void add_row_period_columns(TableDefinition& table) {
  for (const auto* name : {"row_start", "row_end"}) {
    ColumnDefinition column;
    column.name = name;
    column.type = "timestamp";
    column.length = 6;
    column.nullable = false;
    column.invisible = true;
    column.implicit = true;
    column.row_period = true;
    table.columns.push_back(std::move(column));
  }
}

}  // namespace relay::sql
