#include "relay/seed/settling.h"

#include <catch2/catch.hpp>

#include "draft_maker.h"
#include "relay/seed/rule_text.h"

namespace relay::seed {
namespace {

using scrub_rules::ActionKind;
using testing::add_foreign_key;
using testing::add_index;
using testing::draft_of;

void settled(std::vector<TableDraft>& tables, bool minimal = false) {
  draft_actions(tables, "person", false);
  const RuleTexts texts = [](const std::vector<TableDraft>& drafts) {
    return std::vector<scrub_rules::RuleText>{{"rules.toml", rule_file_text(drafts, "person")}};
  };
  settle(tables, texts, {binlog::Flavor::mariadb, 101106, minimal}, "person", false);
}

ActionKind action_of(const TableDraft& table, std::size_t column) { return table.columns[column].proposal.action.kind; }

TEST_CASE("settling: a key that nothing is known of becomes a pseudonym, since it cannot be dropped", "[seed]") {
  std::vector<TableDraft> tables = {draft_of("t", {{"id", "int not null"}, {"x", "int"}, {"created_at", "datetime"}}),
                                    draft_of("u", {{"uid", "char(36) not null"}, {"created_at", "datetime"}})};
  add_index(tables[0], sql::IndexKind::primary, {"id"});
  add_index(tables[1], sql::IndexKind::primary, {"uid"});
  settled(tables);
  CHECK(action_of(tables[0], 0) == ActionKind::hash);
  CHECK(action_of(tables[1], 0) == ActionKind::hash);
  CHECK(action_of(tables[0], 1) == ActionKind::drop);
}

TEST_CASE("settling: a table whose key cannot leave does not leave", "[seed]") {
  std::vector<TableDraft> tables = {draft_of("t", {{"kode", "char(2) not null"}, {"created_at", "datetime"}})};
  add_index(tables[0], sql::IndexKind::primary, {"kode"});
  settled(tables);
  CHECK_FALSE(tables[0].held_back.empty());
  CHECK(action_of(tables[0], 1) == ActionKind::drop);
  CHECK(table_text(tables[0]).find("does not leave") != std::string::npos);
}

TEST_CASE("settling: a short key of digits alone has pseudonyms of digits", "[seed]") {
  std::vector<TableDraft> tables = {draft_of("t", {{"sak", "char(8) not null"}, {"created_at", "datetime"}})};
  add_index(tables[0], sql::IndexKind::primary, {"sak"});
  testing::sample(tables[0], 0, {"10000123", "10000124"});
  settled(tables);
  CHECK(action_text(tables[0].columns[0].proposal.action) ==
        "{ action = \"hash\", key = \"person\", encoding = \"digits\" }");
}

TEST_CASE("settling: foreign keys have what they refer to has", "[seed]") {
  std::vector<TableDraft> tables = {
      draft_of("ordre", {{"id", "int not null"}, {"kjoper", "int"}, {"eier", "char(11)"}, {"fremmed", "int"}}),
      draft_of("person", {{"id", "int not null"}, {"fnr", "char(11) not null"}})};
  tables[0].definition.columns[0].auto_increment = true;
  tables[1].definition.columns[0].auto_increment = true;
  add_index(tables[0], sql::IndexKind::primary, {"id"});
  add_index(tables[1], sql::IndexKind::primary, {"id"});
  add_index(tables[1], sql::IndexKind::unique, {"fnr"});
  add_foreign_key(tables[0], "kjoper", "person", "id");
  add_foreign_key(tables[0], "eier", "person", "fnr");
  add_foreign_key(tables[0], "fremmed", "elsewhere", "id");
  settled(tables);
  CHECK(action_of(tables[0], 1) == ActionKind::keep);
  CHECK(tables[0].columns[2].proposal.action == tables[1].columns[1].proposal.action);
  CHECK(action_of(tables[0], 2) == ActionKind::hash);
  CHECK(tables[0].columns[2].proposal.kind == DataKind::national_id);
  CHECK(action_of(tables[0], 3) == ActionKind::drop);
}

TEST_CASE("settling: rings of foreign keys come to rest", "[seed]") {
  std::vector<TableDraft> tables = {draft_of("a", {{"x", "int"}, {"y", "int"}}),
                                    draft_of("b", {{"x", "int"}, {"y", "int"}})};
  for (const char* column : {"x", "y"}) {
    add_foreign_key(tables[0], column, "b", "x");
    add_foreign_key(tables[1], column, "a", "y");
    add_foreign_key(tables[0], column, "a", column);
  }
  settled(tables);
  CHECK(action_of(tables[0], 0) == ActionKind::drop);
}

TEST_CASE("settling: kunde_id has what the counted key of kunder has", "[seed]") {
  std::vector<TableDraft> tables = {
      draft_of("faktura", {{"id", "int not null"}, {"kunde_id", "int"}, {"lege_id", "bigint"}}),
      draft_of("kunder", {{"id", "int not null"}})};
  for (TableDraft& table : tables) {
    table.definition.columns[0].auto_increment = true;
    add_index(table, sql::IndexKind::primary, {"id"});
  }
  settled(tables);
  CHECK(action_of(tables[0], 1) == ActionKind::keep);
  CHECK(action_of(tables[0], 2) == ActionKind::drop);
}

TEST_CASE("settling: what is made of values is dropped where inserted rows come without defaults", "[seed]") {
  std::vector<TableDraft> tables = {draft_of("t", {{"id", "int not null"}, {"epost", "varchar(60)"}})};
  tables[0].definition.columns[0].auto_increment = true;
  add_index(tables[0], sql::IndexKind::primary, {"id"});
  settled(tables, true);
  CHECK(action_of(tables[0], 1) == ActionKind::drop);
  CHECK(action_of(tables[0], 0) == ActionKind::keep);
}

TEST_CASE("settling: a cascade that the replica cannot have holds the child back", "[seed]") {
  std::vector<TableDraft> tables = {draft_of("p", {{"kode", "char(2) not null"}, {"created_at", "datetime"}}),
                                    draft_of("c", {{"id", "int not null"}, {"p", "char(2)"}})};
  add_index(tables[0], sql::IndexKind::primary, {"kode"});
  tables[1].definition.columns[0].auto_increment = true;
  add_index(tables[1], sql::IndexKind::primary, {"id"});
  add_foreign_key(tables[1], "p", "p", "kode", "cascade");
  settled(tables);
  CHECK_FALSE(tables[0].held_back.empty());
  CHECK_FALSE(tables[1].held_back.empty());
}

}  // namespace
}  // namespace relay::seed
