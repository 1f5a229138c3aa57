#include "relay/sql/printer.h"

#include "relay/sql/character_set.h"
#include "relay/sql/sql_mode.h"

namespace relay::sql {

using base::Error;
using base::ErrorKind;
using base::Result;

Printer& Printer::text(std::string_view words) {
  out_ += words;
  return *this;
}

Printer& Printer::name(std::string_view identifier) {
  out_ += '`';
  for (const char c : identifier) {
    if (c == '`') out_ += '`';
    out_ += c;
  }
  out_ += '`';
  return *this;
}

Printer& Printer::table(const TableName& name_of_table) {
  return name(name_of_table.database).text(".").name(name_of_table.table);
}

Printer& Printer::number(std::uint64_t value) { return text(std::to_string(value)); }

Printer& Printer::names(const std::vector<std::string>& list) {
  text("(");
  for (std::size_t i = 0; i < list.size(); ++i) text(i == 0 ? "" : ", ").name(list[i]);
  return text(")");
}

namespace {

// A word before a string must not become its prefix: n"a" is two tokens, n'a' is one.
bool must_stand_apart(const Token& before, const Token& token) {
  const bool literal =
      token.kind == TokenKind::string || token.kind == TokenKind::hex_string || token.kind == TokenKind::bit_string;
  return !token.glued || (literal && before.kind == TokenKind::word);
}

}  // namespace

Printer& Printer::tokens(const TokenList& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0 && must_stand_apart(list[i - 1], list[i])) out_ += ' ';
    token(list[i]);
  }
  return *this;
}

void Printer::token(const Token& token) {
  switch (token.kind) {
    case TokenKind::name:
      name(token.text);
      return;
    case TokenKind::string:
      string(token);
      return;
    case TokenKind::hex_string:
    case TokenKind::bit_string:
    case TokenKind::hex_number:
    case TokenKind::bit_number: {
      if (!token.introducer.empty()) text("_").text(token.introducer).text(" ");
      if (token.kind == TokenKind::hex_string) text("X'").text(token.text).text("'");
      if (token.kind == TokenKind::bit_string) text("b'").text(token.text).text("'");
      if (token.kind == TokenKind::hex_number) text("0x").text(token.text);
      if (token.kind == TokenKind::bit_number) text("0b").text(token.text);
      return;
    }
    case TokenKind::word:
    case TokenKind::number:
    case TokenKind::symbol:
      text(token.text);
      return;
    case TokenKind::end:
      return;
  }
}

void Printer::string(const Token& token) {
  if (token.introducer == "n") {
    text("N");
  } else if (!token.introducer.empty()) {
    text("_").text(token.introducer);
  }
  quoted(token.text);
}

// Single quotes mean a string under every sql_mode.
void Printer::quoted(std::string_view value) {
  const bool escapes = (context_.sql_mode & kNoBackslashEscapes) == 0;
  out_ += '\'';
  for (const char c : value) {
    if (c == '\'') out_ += '\'';
    if (c == '\\' && escapes) out_ += '\\';
    if (c == '\0' && escapes) {
      out_ += "\\0";
    } else {
      out_ += c;
    }
  }
  out_ += '\'';
}

// MySQL before 8.0 and MariaDB before 10.6 know utf8mb3 by its old name.
std::string Printer::set_name(std::string_view canonical) const {
  const std::uint32_t renamed = context_.dialect == Dialect::mysql ? 80000 : 100600;
  const bool old = context_.server_version != 0 && context_.server_version < renamed;
  if (old && canonical.substr(0, 7) == "utf8mb3") return "utf8" + std::string(canonical.substr(7));
  return std::string(canonical);
}

void Printer::characters(std::string_view character_set, std::string_view collation) {
  if (!character_set.empty()) text(" CHARACTER SET ").text(set_name(character_set));
  // No collation but its own goes with binary, and before MySQL 8.0 the word cannot be one.
  if (!collation.empty() && collation != "binary") text(" COLLATE ").text(set_name(collation));
}

void Printer::type(const TypeSpec& type) {
  text(type.written);
  if (!type.members.empty()) {
    text("(");
    for (std::size_t i = 0; i < type.members.size(); ++i) {
      text(i == 0 ? "" : ",");
      token(type.members[i]);
    }
    text(")");
  }
  if (type.length) {
    text("(").number(*type.length);
    if (type.scale) text(",").number(*type.scale);
    text(")");
  }
  if (type.is_unsigned) text(" unsigned");
  if (type.zerofill) text(" zerofill");
  if (type.compressed) text(" COMPRESSED");
  const bool national = type.written.rfind("national", 0) == 0;
  if (type.binary_collation) text(" BINARY");
  characters(national ? std::string() : type.character_set, type.collation);
}

void Printer::default_value(const ColumnSpec& spec, const ColumnPrinting& printing) {
  const bool is_null = spec.default_value.size() == 1 && spec.default_value[0].is_word("null");
  if (spec.default_value.empty() || !printing.default_value || (!printing.literals && !is_null)) return;
  text(" DEFAULT ").text(spec.default_parenthesized ? "(" : "");
  tokens(spec.default_value).text(spec.default_parenthesized ? ")" : "");
}

void Printer::column(const ColumnSpec& spec, const ColumnPrinting& printing) {
  name(spec.name).text(" ");
  type(spec.type);
  if (!spec.generated.empty()) {
    text(" GENERATED ALWAYS AS (").tokens(spec.generated).text(")");
    if (!spec.generated_kind.empty()) text(" ").text(spec.generated_kind);
  }
  if (!spec.row_period.empty()) text(" GENERATED ALWAYS AS ROW ").text(spec.row_period);
  column_attributes(spec, printing);
}

void Printer::column_attributes(const ColumnSpec& spec, const ColumnPrinting& printing) {
  const bool computed = !spec.generated.empty() || !spec.row_period.empty();
  const bool not_null = computed ? spec.row_period.empty() && spec.nullable == false : printing.not_null;
  const bool null = !not_null && !computed && (spec.nullable == true || spec.type.base == "timestamp");
  text(not_null ? " NOT NULL" : null ? " NULL" : "");
  default_value(spec, printing);
  if (!spec.on_update.empty() && printing.literals) text(" ON UPDATE ").tokens(spec.on_update);
  if (spec.auto_increment && printing.auto_increment) text(" AUTO_INCREMENT");
  if (spec.visible) text(*spec.visible ? (context_.dialect == Dialect::mysql ? " VISIBLE" : "") : " INVISIBLE");
  if (spec.srid) text(context_.dialect == Dialect::mysql ? " SRID " : " REF_SYSTEM_ID=").number(*spec.srid);
  if (!spec.column_format.empty()) text(" COLUMN_FORMAT ").text(spec.column_format);
  if (spec.versioned) text(*spec.versioned ? " WITH SYSTEM VERSIONING" : " WITHOUT SYSTEM VERSIONING");
  for (std::size_t i = 0; i < spec.checks.size() && i < printing.checks.size(); ++i) {
    if (printing.checks[i]) text(" CHECK (").tokens(spec.checks[i].expression).text(")");
  }
}

void Printer::index_head(IndexKind kind, std::string_view index_name) {
  switch (kind) {
    case IndexKind::primary:
      text("PRIMARY KEY");
      return;
    case IndexKind::unique:
      text("UNIQUE KEY ");
      break;
    case IndexKind::plain:
      text("KEY ");
      break;
    case IndexKind::fulltext:
      text("FULLTEXT KEY ");
      break;
    case IndexKind::spatial:
      text("SPATIAL KEY ");
      break;
    case IndexKind::vector:
      text("VECTOR KEY ");
      break;
  }
  name(index_name);
}

void Printer::index(const IndexSpec& spec, const IndexDefinition& definition) {
  index_head(definition.kind, definition.name);
  text(" (");
  std::size_t printed = 0;
  for (const auto& part : spec.parts) {
    if (printed >= definition.parts.size()) break;
    if (part.without_overlaps) {
      text(",").name(part.column).text(" WITHOUT OVERLAPS");
      break;
    }
    const IndexPart& kept = definition.parts[printed];
    if (!equal_names(part.column, kept.column)) continue;
    text(printed++ == 0 ? "" : ",");
    if (part.column.empty()) {
      text("(").tokens(part.expression).text(")");
    } else {
      name(kept.column);
      if (kept.prefix) text("(").number(*kept.prefix).text(")");
    }
    if (part.descending) text(" DESC");
  }
  text(")");
  index_options(spec);
}

void Printer::index(const IndexDefinition& definition) {
  index_head(definition.kind, definition.name);
  text(" (");
  const std::size_t columns = definition.parts.size() - (definition.without_overlaps.empty() ? 0 : kPeriodColumns);
  for (std::size_t i = 0; i < columns; ++i) {
    text(i == 0 ? "" : ",").name(definition.parts[i].column);
    if (definition.parts[i].prefix) text("(").number(*definition.parts[i].prefix).text(")");
  }
  if (!definition.without_overlaps.empty()) text(",").name(definition.without_overlaps).text(" WITHOUT OVERLAPS");
  text(definition.hash ? ") USING HASH" : ")");
}

void Printer::counter(const ColumnDefinition& column, bool auto_increment) {
  name(column.name).text(" ").text(column.type);
  if (column.length) text("(").number(*column.length);
  if (column.length && column.scale) text(",").number(*column.scale);
  text(column.length ? ")" : "").text(column.is_unsigned ? " unsigned" : "").text(" NOT NULL");
  text(auto_increment ? " AUTO_INCREMENT" : "").text(column.invisible ? " INVISIBLE" : "");
}

void Printer::period(const PeriodDefinition& definition) {
  text("PERIOD FOR ").name(definition.name).text(" ").names({definition.start, definition.end});
}

void Printer::index_options(const IndexSpec& spec) {
  if (!spec.algorithm.empty()) text(" USING ").text(spec.algorithm);
  if (spec.key_block_size) text(" KEY_BLOCK_SIZE=").number(*spec.key_block_size);
  if (!spec.parser.empty()) text(" WITH PARSER ").name(spec.parser);
  if (spec.vector_m) text(" M=").number(*spec.vector_m);
  if (!spec.vector_distance.empty()) text(" DISTANCE=").text(spec.vector_distance);
  if (spec.visible == false) text(context_.dialect == Dialect::mysql ? " INVISIBLE" : " IGNORED");
}

void Printer::foreign_key(const ForeignKeySpec& spec, std::string_view constraint) {
  text("CONSTRAINT ")
      .name(constraint)
      .text(" FOREIGN KEY ")
      .names(spec.columns)
      .text(" REFERENCES ")
      .table(spec.referenced);
  if (!spec.referenced_columns.empty()) text(" ").names(spec.referenced_columns);
  if (!spec.match.empty()) text(" MATCH ").text(spec.match);
  if (!spec.on_delete.empty()) text(" ON DELETE ").text(spec.on_delete);
  if (!spec.on_update.empty()) text(" ON UPDATE ").text(spec.on_update);
}

void Printer::check(const CheckSpec& spec, std::string_view constraint) {
  text("CONSTRAINT ").name(constraint).text(" CHECK (").tokens(spec.expression).text(")");
  if (spec.enforced == false) text(" NOT ENFORCED");
}

void Printer::options(const TableOptions& options, bool auto_increment) {
  if (!options.engine.empty()) text(" ENGINE=").text(options.engine);
  for (const auto& option : options.others) {
    if (option.name == "auto_increment" && !auto_increment) continue;
    text(" ").text(option.name).text("=");
    option.value.empty() ? void(text(option.text)) : quoted(option.text);
  }
  if (!options.row_format.empty()) text(" ROW_FORMAT=").text(options.row_format);
}

void Printer::partitioning(const PartitionSpec& spec) {
  text(" PARTITION BY ").tokens(spec.head);
  if (!spec.partitions.empty()) text(" "), partition_list(spec.partitions);
}

void Printer::partition_list(const std::vector<PartitionDefinition>& list) {
  text("(");
  for (std::size_t i = 0; i < list.size(); ++i) {
    text(i == 0 ? "" : ", ");
    definition_values(list[i], false);
    if (list[i].subpartitions.empty()) continue;
    text(" (");
    for (std::size_t j = 0; j < list[i].subpartitions.size(); ++j) {
      text(j == 0 ? "" : ", ");
      definition_values(list[i].subpartitions[j], true);
    }
    text(")");
  }
  text(")");
}

void Printer::definition_values(const PartitionDefinition& definition, bool sub) {
  text(sub ? "SUBPARTITION " : "PARTITION ").name(definition.name);
  if (!definition.values.empty()) text(" ").tokens(definition.values);
  if (!definition.engine.empty()) text(" ENGINE = ").text(definition.engine);
}

Result<std::string> Printer::take() {
  const ClientEncoding encoding = client_encoding(context_.client_collation);
  if (encoding == ClientEncoding::latin1) {
    auto converted = utf8_to_latin1(out_);
    if (converted) return std::move(*converted);
  } else if (encoding == ClientEncoding::utf8 || is_ascii(out_)) {
    return std::move(out_);
  }
  return base::fail(Error(ErrorKind::unsupported, "the statement cannot be written in its client's character set"));
}

}  // namespace relay::sql
