#include "relay/seed/rule_merge.h"

#include <catch2/catch.hpp>

#include "draft_maker.h"
#include "relay/seed/settling.h"

namespace relay::seed {
namespace {

using scrub_rules::ActionKind;
using scrub_rules::RuleSet;
using testing::draft_of;

const std::string kFile = "rules.toml";

std::vector<TableDraft> drafts() {
  std::vector<TableDraft> made = {
      draft_of("kunde", {{"id", "int not null"}, {"navn", "varchar(60)"}, {"epost", "varchar(60)"}, {"x", "int"}}),
      draft_of("ordre", {{"id", "int not null"}, {"belop", "int"}})};
  for (TableDraft& table : made) {
    table.definition.columns[0].auto_increment = true;
    testing::add_index(table, sql::IndexKind::primary, {"id"});
  }
  return made;
}

bool keeps(const std::string& before, const std::string& after) {
  const std::vector<scrub_rules::RuleText> old_texts = {scrub_rules::RuleText{kFile, before}};
  const std::vector<scrub_rules::RuleText> new_texts = {scrub_rules::RuleText{kFile, after}};
  return keeps_decisions(old_texts, new_texts);
}

struct Merge {
  std::vector<TableDraft> tables = drafts();
  MergedText merged;
  RuleSet rules;

  explicit Merge(const std::string& text, const std::string& file = kFile) {
    base::Problems problems;
    const RuleSet before = RuleSet::parse(text, file, problems);
    for (const base::Problem& problem : problems) FAIL_CHECK(base::problem_line(problem));
    respect_rules(tables, before, kFile, false);
    draft_actions(tables, "person", false);
    auto result = merge_rules(text, tables, "person", before.keys().declares("person"));
    REQUIRE(result);
    merged = std::move(*result);
    rules = RuleSet::parse(merged.text, file, problems);
    for (const base::Problem& problem : problems) FAIL_CHECK(base::problem_line(problem));
    if (merged.by_hand.empty()) CHECK(keeps(text, merged.text));
  }
  [[nodiscard]] const scrub_rules::TableRule* rule(const std::string& table) const {
    return rules.find("db", table, false);
  }
};

// Whether `whole` is `part` with lines put between its lines.
bool has_every_line(const std::string& whole, const std::string& part) {
  std::size_t at = 0;
  for (std::size_t begin = 0; begin < part.size();) {
    const std::size_t end = std::min(part.find('\n', begin), part.size());
    at = whole.find(part.substr(begin, end - begin), at);
    if (at == std::string::npos) return false;
    at += end - begin;
    begin = end + 1;
  }
  return true;
}

TEST_CASE("rule_merge: columns go behind those that are there, and nothing that stood there changes", "[seed]") {
  const std::string text =
      "# ours\n[defaults]\ntable = \"deny\" # always\n\n[[table]]   # the customers\nname = 'db.kunde'\n"
      "[table.columns]\n  id   = \"keep\"   # needed\n  \"epost\" = { action = \"constant\",   value = \"x\" }\n"
      "# the end\n\n[[table]]\nname = \"db.ordre\"\n[table.columns]\nid = \"keep\"\nbelop = \"drop\"\n";
  const Merge merge(text);
  CHECK(has_every_line(merge.merged.text, text));
  CHECK(merge.merged.columns == 2);
  CHECK(merge.merged.tables == 0);
  CHECK(merge.rule("kunde")->find("epost")->action.kind == ActionKind::constant);
  CHECK(merge.rule("kunde")->find("navn")->action.kind == ActionKind::drop);
  CHECK(merge.rule("kunde")->find("x")->action.kind == ActionKind::drop);
  CHECK(merge.rule("ordre")->find("belop")->action.kind == ActionKind::drop);
  CHECK(merge.merged.text.find("value = \"x\" }\nnavn = ") != std::string::npos);
}

TEST_CASE("rule_merge: a file that says all is left as it is", "[seed]") {
  const std::string text = "[[table]]\nname = \"db.*\"\n[table.columns]\nid = \"keep\"\n# no end of line";
  CHECK(Merge(text).merged.text == text);
  const Merge twice(Merge("[[table]]\nname = \"db.kunde\"\n[table.columns]\nid = \"keep\"\n").merged.text);
  CHECK(twice.merged.columns == 0);
  CHECK(twice.merged.tables == 0);
}

TEST_CASE("rule_merge: tables that no rule names are added with the key that they need", "[seed]") {
  const Merge merge("[[table]]\nname = \"db.ordre\"\n[table.columns]\nid = \"keep\"\nbelop = \"keep\"");
  CHECK(merge.merged.tables == 1);
  CHECK(merge.rules.keys().declares("person"));
  CHECK(merge.rule("kunde")->find("epost")->action.kind == ActionKind::email);
  CHECK(merge.rule("kunde")->column_default == scrub_rules::ColumnDefault::drop);
}

TEST_CASE("rule_merge: a key is added to the [keys] that are there", "[seed]") {
  const std::string text = "[keys]\nold = { file = \"old.key\" }  # ours\n\n[statements]\ndml = \"halt\"\n";
  const Merge merge(text);
  CHECK(merge.rules.keys().declares("person"));
  CHECK(merge.rules.keys().declares("old"));
  CHECK(has_every_line(merge.merged.text, text));
}

TEST_CASE("rule_merge: a file keeps its own ends of lines", "[seed]") {
  const Merge merge("[[table]]\r\nname = \"db.kunde\"\r\n[table.columns]\r\nid = \"keep\"\r\n");
  CHECK(merge.merged.text.find("\r\nnavn = ") != std::string::npos);
  for (std::size_t at = merge.merged.text.find('\n'); at != std::string::npos;
       at = merge.merged.text.find('\n', at + 1)) {
    CHECK(merge.merged.text[at - 1] == '\r');
  }
}

TEST_CASE("rule_merge: a [[table]] without columns gets a [table.columns]", "[seed]") {
  const Merge merge(
      "[[table]]\nname = \"db.kunde\"\ncolumn_default = \"halt\"\n\n[[table]]\nname = \"db.ordre\"\n"
      "column_default = \"halt\"\n");
  CHECK(merge.rule("kunde")->columns.size() == 4);
  CHECK(merge.rule("ordre")->columns.size() == 2);
  const Merge empty("[[table]]\nname = \"db.kunde\"\ncolumn_default = \"halt\"\n[table.columns] # none yet\n");
  CHECK(empty.rule("kunde")->columns.size() == 4);
}

TEST_CASE("rule_merge: what is held back stays held back", "[seed]") {
  const std::string text = "[[table]]\nname = \"db.kunde\"\n[table.columns]\nnavn = \"drop\"\n";
  const Merge merge(text);
  CHECK_FALSE(merge.rule("kunde")->leaves());
  CHECK(merge.rule("kunde")->columns.size() == 1);
}

TEST_CASE("rule_merge: a default of keep is not turned round without evidence", "[seed]") {
  const Merge merge("[[table]]\nname = \"db.kunde\"\ncolumn_default = \"keep\"\n[table.columns]\nid = \"keep\"\n");
  CHECK(merge.rule("kunde")->find("epost") != nullptr);
  CHECK(merge.rule("kunde")->find("x") == nullptr);
}

TEST_CASE("rule_merge: tables under patterns and in other files are left alone", "[seed]") {
  CHECK(Merge("[[table]]\nname = \"db.*\"\n[table.columns]\nid = \"keep\"\n").merged.columns == 0);
  CHECK(Merge("[[table]]\nname = \"db.kunde\"\n[table.columns]\nid = \"keep\"\n", "other.toml").merged.columns == 0);
}

TEST_CASE("rule_merge: forms that lines cannot be added to are told, with the lines", "[seed]") {
  for (const char* text : {"[[table]]\nname = \"db.kunde\"\ncolumns = { id = \"keep\" }\n",
                           "[[table]]\nname = \"db.kunde\"\ncolumns.id = \"keep\"\n"}) {
    INFO(text);
    const Merge merge(text);
    REQUIRE(merge.merged.by_hand.size() == 1);
    CHECK(merge.merged.by_hand[0].find("epost = ") != std::string::npos);
    CHECK(merge.rule("kunde")->columns.size() == 1);
  }
}

TEST_CASE("rule_merge: rules that keep what seems personal are told", "[seed]") {
  std::vector<TableDraft> tables = drafts();
  base::Problems problems;
  const RuleSet rules =
      RuleSet::parse("[[table]]\nname = \"db.kunde\"\n[table.columns]\nid = \"keep\"\nepost = \"keep\"\nx = \"keep\"\n",
                     kFile, problems);
  respect_rules(tables, rules, kFile, false);
  draft_actions(tables, "person", false);
  const std::vector<std::string> lines = kept_against_evidence(tables, "person");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("db.kunde, column epost: e-mail address (likely)"));
}

TEST_CASE("rule_merge: a changed decision is seen", "[seed]") {
  const std::string text = "[[table]]\nname = \"db.kunde\"\n[table.columns]\nid = \"keep\"\n";
  CHECK(keeps(text, text + "navn = \"drop\"\n"));
  CHECK_FALSE(keeps(text, "[[table]]\nname = \"db.kunde\"\n[table.columns]\nid = \"drop\"\n"));
  CHECK_FALSE(keeps(text, text + "id = \"drop\"\n"));
  CHECK_FALSE(keeps(text, "[defaults]\ntable = \"pass\"\n" + text));
  CHECK_FALSE(keeps(text, ""));
}

}  // namespace
}  // namespace relay::seed
