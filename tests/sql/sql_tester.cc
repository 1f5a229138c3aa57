#include "sql_tester.h"

#include <catch2/catch.hpp>

#include "relay/sql/statement_tree.h"

namespace relay::sql::test {
namespace {

const char* text_of(IndexKind kind) {
  switch (kind) {
    case IndexKind::primary:
      return "primary";
    case IndexKind::unique:
      return "unique";
    case IndexKind::plain:
      return "plain";
    case IndexKind::fulltext:
      return "fulltext";
    case IndexKind::spatial:
      return "spatial";
    case IndexKind::vector:
      return "vector";
  }
  return "?";
}

std::string joined(const std::vector<std::string>& list) {
  std::string all;
  for (const auto& each : list) all += (all.empty() ? "" : ",") + each;
  return all;
}

std::string described(const ColumnDefinition& column) {
  std::string text = column.name + " " + column.type;
  if (column.length)
    text += "(" + std::to_string(*column.length) + (column.scale ? "," + std::to_string(*column.scale) : "") + ")";
  if (column.is_unsigned) text += " unsigned";
  if (!column.nullable) text += " not null";
  if (column.generated) text += " generated";
  if (column.auto_increment) text += " auto";
  if (column.invisible) text += " invisible";
  if (column.compressed) text += " compressed";
  if (column.implicit) text += " implicit";
  if (!column.character_set.empty()) text += " " + column.character_set + "/" + column.collation;
  if (!column.members.empty()) text += " {" + joined(column.members) + "}";
  if (!column.depends_on.empty()) text += " <" + joined(column.depends_on) + ">";
  return text;
}

std::string described(const IndexDefinition& index) {
  std::vector<std::string> parts;
  for (const auto& part : index.parts) {
    parts.push_back(part.column.empty() ? "<" + joined(part.depends_on) + ">"
                                        : part.column + (part.prefix ? "/" + std::to_string(*part.prefix) : ""));
  }
  return std::string(text_of(index.kind)) + " " + index.name + "(" + joined(parts) + ")" + (index.hash ? " hash" : "") +
         (index.visible ? "" : " invisible");
}

}  // namespace

std::string error_name(const base::Error& error) {
  switch (error.kind()) {
    case base::ErrorKind::rule:
      return "error rule";
    case base::ErrorKind::unsupported:
      return "error unsupported";
    case base::ErrorKind::malformed:
      return "error malformed";
    default:
      return "error of another kind";
  }
}

std::string rewritten(const Golden& golden) {
  const auto text = rewritten_text(golden.context, golden.before, golden.rules, golden.statement);
  if (text) return squeezed(*text);
  UNSCOPED_INFO(text.error().message());
  return error_name(text.error());
}

void check(const Golden& golden) {
  INFO(golden.name);
  INFO(golden.statement);
  CHECK(rewritten(golden) == squeezed(golden.expected));
}

void check_all(const std::vector<Golden>& goldens) {
  for (const auto& golden : goldens) check(golden);
}

std::string described(const TableDefinition& table) {
  std::string text;
  for (const auto& column : table.columns) text += (text.empty() ? "" : "; ") + described(column);
  std::string indexes;
  for (const auto& index : table.indexes) indexes += (indexes.empty() ? " | " : "; ") + described(index);
  return text + indexes;
}

std::string kind_of(const std::string& statement, const SqlContext& context) {
  static const std::vector<std::string> names = {
      "begin",           "commit",         "rollback",      "savepoint", "rollback to savepoint", "release savepoint",
      "xa start",        "xa end",         "xa prepare",    "xa commit", "xa rollback",           "create table",
      "alter table",     "drop table",     "rename table",  "truncate",  "create index",          "drop index",
      "create database", "alter database", "drop database", "harmless",  "changes data"};
  const auto read = read_statement(statement, context);
  if (read && (*read)->why_unread() != nullptr) return error_name(*(*read)->why_unread());
  return read ? names.at(static_cast<std::size_t>((*read)->kind())) : error_name(read.error());
}

}  // namespace relay::sql::test
