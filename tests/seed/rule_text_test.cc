#include "relay/seed/rule_text.h"

#include <catch2/catch.hpp>

#include "draft_maker.h"
#include "relay/seed/settling.h"
#include "scrub_rules/rule_set.h"

namespace relay::seed {
namespace {

using scrub_rules::RuleSet;
using testing::draft_of;

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

RuleSet parsed(const std::string& text) {
  base::Problems problems;
  RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
  for (const base::Problem& problem : problems) FAIL_CHECK(base::problem_line(problem));
  return rules;
}

TEST_CASE("rule_text: the written file is a rule file, and says what was proposed", "[seed]") {
  std::vector<TableDraft> drafts = {
      draft_of("kunde", {{"id", "int not null"}, {"fnr", "char(11)"}, {"epost", "varchar(60)"}})};
  drafts[0].definition.columns[0].auto_increment = true;
  testing::add_index(drafts[0], sql::IndexKind::primary, {"id"});
  draft_actions(drafts, "person", false);
  const std::string text = rule_file_text(drafts, "person");
  const RuleSet rules = parsed(text);
  REQUIRE(rules.tables().size() == 1);
  const scrub_rules::TableRule& rule = rules.tables().front();
  CHECK(rule.name() == "db.kunde");
  CHECK(rule.find("id")->action.kind == scrub_rules::ActionKind::keep);
  CHECK(rule.find("fnr")->action.kind == scrub_rules::ActionKind::drop);
  CHECK(rule.find("epost")->action == drafts[0].columns[2].proposal.action);
  CHECK(rules.keys().declares("person"));
  CHECK(text.find("fnr = \"drop\"  # national identity number (likely): name \"fnr\" (Norwegian); char(11)\n") !=
        std::string::npos);
}

TEST_CASE("rule_text: hostile names neither break out of texts nor of comments", "[seed]") {
  const std::vector<std::string> names = {"a\"b",
                                          "a'b",
                                          "a`b",
                                          "a.b",
                                          "a\\b",
                                          "a#b",
                                          "blåbær",
                                          "a]b",
                                          "[[table]]",
                                          "a = \"keep\"",
                                          "\xe2\x80\xae"
                                          "evil",
                                          "a\xe2\x80\xa8"
                                          "b = \"keep\"",
                                          " a",
                                          "\xef\xbb\xbfx"};
  for (const std::string& name : names) {
    INFO(name);
    std::vector<TableDraft> drafts = {draft_of(name, {{name, "int"}, {"rest", "int"}})};
    drafts[0].definition.database = name;
    testing::add_foreign_key(drafts[0], "rest", name + "2", name);
    draft_actions(drafts, "person", false);
    const std::string text = rule_file_text(drafts, "person");
    const RuleSet rules = parsed(text);
    REQUIRE(rules.tables().size() == 1);
    CHECK(rules.tables()[0].database == name);
    CHECK(rules.tables()[0].table == name);
    REQUIRE(rules.tables()[0].columns.size() == 2);
    CHECK(rules.tables()[0].columns[0].name == name);
    CHECK(rules.tables()[0].columns[0].action.kind == scrub_rules::ActionKind::drop);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
    CHECK(text.find("\xe2\x80\xa8") == std::string::npos);
  }
}

TEST_CASE("rule_text: what no rule file can name is left to the default, in one line of comment", "[seed]") {
  for (const std::string& name : {std::string("a\nb = \"keep\""), std::string("a\r[[table]]"), std::string("a*"),
                                  std::string("a?b"), std::string("\x01"), std::string("a ")}) {
    std::vector<TableDraft> columns = {draft_of("t", {{name, "int"}, {"rest", "int"}})};
    draft_actions(columns, "person", false);
    const RuleSet rules = parsed(rule_file_text(columns, "person"));
    REQUIRE(rules.tables().size() == 1);
    CHECK(rules.tables()[0].columns.size() == 1);
    const std::vector<TableDraft> tables = {draft_of(name, {{"a", "int"}})};
    CHECK(parsed(rule_file_text(tables, "person")).tables().empty());
    CHECK(lines_of(table_text(tables[0])) == 1);
  }
}

TEST_CASE("rule_text: a table says what it was judged by", "[seed]") {
  TableDraft draft = draft_of("t", {{"a", "int"}});
  CHECK(table_text(draft).starts_with("# db.t: judged by names and types alone\n"));
  draft.end = SampleEnd::time_limit;
  CHECK(table_text(draft).starts_with("# db.t: the time limit was reached; judged by names and types alone\n"));
  draft.end = SampleEnd::complete;
  draft.rows = 1;
  CHECK(table_text(draft).starts_with("# db.t: 1 row sampled\n"));
  draft.end = SampleEnd::failed;
  draft.code = 1366;
  CHECK(table_text(draft).find("error 1366") != std::string::npos);
  draft.unreadable = true;
  CHECK(lines_of(table_text(draft)) == 1);
}

TEST_CASE("rule_text: a working table of a schema change has no rules of its own", "[seed]") {
  TableDraft draft = draft_of("_t_gho", {{"a", "int"}});
  draft.unreadable = true;
  draft.stands_for = "t\n[[table]]";
  CHECK(table_text(draft) == "# db._t_gho: a working table of a schema change of t?[[table]], and under its rules\n");
}

TEST_CASE("rule_text: the key's name may be any text", "[seed]") {
  const RuleSet rules = parsed(rule_file_text({}, "my \"key\"\n"));
  CHECK(rules.keys().declares("my \"key\"\n"));
}

}  // namespace
}  // namespace relay::seed
