#include "relay/seed/row_scrubber.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <vector>

#include "scrub_rules/rule_set.h"
#include "tests/scrub_rules/action_tester.h"
#include "tests/scrub_rules/declared_column.h"
#include "tests/scrub_rules/sent_value.h"

namespace relay::seed {
namespace {

using binlog::Flavor;
using scrub_rules::RuleSet;
using scrub_rules::RuleView;
using scrub_rules::testing::cell_of;
using scrub_rules::testing::column_of;
using scrub_rules::testing::declared_column;
using scrub_rules::testing::literal_of;
using scrub_rules::testing::rules_of;
using scrub_rules::testing::sent;
using Values = std::vector<std::optional<std::string_view>>;

RuleSet rules(const std::string& columns, const std::string& column_default = "drop") {
  base::Problems problems;
  RuleSet made = RuleSet::parse(
      "[[table]]\nname = \"d.t\"\ncolumn_default = \"" + column_default + "\"\n[table.columns]\n" + columns,
      "rules.toml", problems);
  for (const auto& problem : problems) FAIL(base::problem_line(problem));
  return made;
}

sql::TableDefinition table(std::vector<sql::ColumnDefinition> columns) {
  sql::TableDefinition definition;
  definition.database = "d";
  definition.table = "t";
  definition.columns = std::move(columns);
  return definition;
}

RowScrubber scrubber(const sql::TableDefinition& definition, const RuleSet& rules, Flavor flavor = Flavor::mysql) {
  auto made = RowScrubber::make(definition, flavor, RuleView(rules, false));
  if (!made) throw std::runtime_error(made.error().message());
  return std::move(*made);
}

// Or "error: " and what is wrong.
std::string row(RowScrubber& scrubber, const Values& values) {
  base::Buffer into;
  const auto done = scrubber.append(values, into);
  if (!done) return "error: " + done.error().message();
  return std::string(into.view().text());
}

// One column c, kept.
std::string kept(const std::string& declared, std::string_view value, Flavor flavor = Flavor::mysql) {
  const RuleSet keep = rules("c = \"keep\"\n");
  RowScrubber made = scrubber(table({declared_column(declared)}), keep, flavor);
  return row(made, {value});
}

std::string selection(const std::string& declared, Flavor flavor = Flavor::mysql) {
  const RuleSet keep = rules("c = \"keep\"\n");
  return scrubber(table({declared_column(declared)}), keep, flavor).select_list();
}

TEST_CASE("row_scrubber: ill-formed text is refused, whatever is done to it", "[seed]") {
  const std::string wrong =
      "error: a row has text that is ill-formed in its character set: d.t.c; mend the text at the source, or drop, "
      "null or constant the column";
  CHECK(kept("varchar(9) charset utf8mb4", "\xc3\xa5\xf0\x9f\x98\x80") == "('\xc3\xa5\xf0\x9f\x98\x80')");
  CHECK(kept("varchar(9) charset utf8mb4", "a\xc3") == wrong);
  CHECK(kept("varchar(9) charset utf8mb3", "\xf0\x9f\x98\x80") == wrong);
  CHECK(kept("text charset ucs2", "a") == wrong);
  CHECK(kept("varchar(9) charset ascii", "ab") == "('ab')");
  CHECK(kept("varchar(9) charset ascii",
             "a\x80"
             "b") == wrong);
  CHECK(kept("varchar(9) charset latin1", "a\xc3") == "('a\xc3')");
  CHECK(kept("varbinary(9)", "a\xc3") == "('a\xc3')");
  const RuleSet truncate = rules("c = { action = \"truncate\", length = 3 }\n");
  RowScrubber made = scrubber(table({declared_column("varchar(9) charset utf8mb4")}), truncate);
  CHECK(row(made, {"a\xc3"}) == wrong);
}

TEST_CASE("row_scrubber: what is compared, not loaded, may be ill-formed where it is kept", "[seed]") {
  const auto definition = table({declared_column("varchar(9) charset utf8mb4")});
  const RuleSet keep = rules("c = \"keep\"\n");
  auto source = RowScrubber::make_comparing(definition, Flavor::mysql, RuleView(keep, false));
  REQUIRE(source.has_value());
  auto mirror = RowScrubber::make_mirror(definition, Flavor::mysql, *source);
  REQUIRE(mirror.has_value());
  CHECK(row(*source, {"a\xc3"}) == "('a\xc3')");
  CHECK(row(*mirror, {"a\xc3"}) == "('a\xc3')");
}

TEST_CASE("row_scrubber: a mirror makes of equal values what the source's are made", "[seed]") {
  const auto definition = table({declared_column("decimal(8,2)")});
  const RuleSet constant = rules("c = { action = \"constant\", value = \"1.5\" }\n");
  auto source = RowScrubber::make_comparing(definition, Flavor::mysql, RuleView(constant, false));
  REQUIRE(source.has_value());
  auto mirror = RowScrubber::make_mirror(definition, Flavor::mysql, *source);
  REQUIRE(mirror.has_value());
  CHECK(mirror->written_columns() == std::vector<std::string>{"c"});
  CHECK(row(*source, {}) == row(*mirror, {"1.50"}));
  CHECK(row(*source, {}) != row(*mirror, {"1.51"}));
  CHECK(row(*source, {}) != row(*mirror, {std::nullopt}));
  // Whatever the replica sends is compared.
  CHECK(row(*mirror, {"no number"}) == "(!no number)");
}

TEST_CASE("row_scrubber: kept values go through as literals", "[seed]") {
  CHECK(kept("int", "-5") == "(-5)");
  CHECK(kept("bigint unsigned", "18446744073709551615") == "(18446744073709551615)");
  CHECK(kept("int(5)", "00042") == "(00042)");
  CHECK(kept("decimal(10,2)", "-0.50") == "(-0.50)");
  CHECK(kept("bit(9)", "511") == "(511)");
  CHECK(kept("year", "0000") == "(0000)");
  CHECK(kept("enum('a','b')", "0") == "(0)");
  CHECK(kept("set('a','b')", "3") == "(3)");
  CHECK(kept("float", "-0") == "('-0')");
  CHECK(kept("double", "1.7976931348623157e308") == "('1.7976931348623157e308')");
  CHECK(kept("datetime(6)", "2024-02-31 00:00:00.000001") == "('2024-02-31 00:00:00.000001')");
  CHECK(kept("time", "-838:59:59") == "('-838:59:59')");
  CHECK(kept("varchar(20)", "It's a \\ \n") == "('It\\'s a \\\\ \\n')");
  CHECK(kept("varchar(20) charset utf16", std::string_view("\0'\0\\", 4)) == "('\\0\\'\\0\\\\')");
  CHECK(kept("varbinary(20)", std::string_view("\0\x1a\r\xff\"", 5)) == "('\\0\\Z\\r\xff\"')");
  CHECK(kept("json", R"({"a": "\n"})") == R"((_utf8mb4'{"a": "\\n"}'))");
  CHECK(kept("uuid", "123e4567-e89b-12d3-a456-426655440000", Flavor::mariadb) ==
        "(_latin1'123e4567-e89b-12d3-a456-426655440000')");
  CHECK(kept("text", std::string(100, 'x')) == "('" + std::string(100, 'x') + "')");
}

TEST_CASE("row_scrubber: the server is asked for whole values", "[seed]") {
  CHECK(selection("float") == "`c`*1e0");
  CHECK(selection("double(10,2)") == "`c`*1e0");
  CHECK(selection("bit(64)") == "CAST(`c` AS UNSIGNED)");
  CHECK(selection("enum('a')") == "CAST(`c` AS UNSIGNED)");
  CHECK(selection("set('a')") == "CAST(`c` AS UNSIGNED)");
  CHECK(selection("varchar(3)") == "`c`");
  const RuleSet keep = rules("c = \"keep\"\n");
  const auto year = RowScrubber::make(table({declared_column("year(2)")}), Flavor::mariadb, RuleView(keep, false));
  REQUIRE_FALSE(year);
  CHECK(year.error().kind() == base::ErrorKind::unsupported);
  CHECK(year.error().subject() == "d.t.c");
}

TEST_CASE("row_scrubber: only what is needed is selected", "[seed]") {
  const RuleSet some = rules(
      "a = \"keep\"\ne = { action = \"mask\", keep_first = 1 }\nn = \"null\"\nz = \"null\"\n"
      "k = { action = \"constant\", value = \"it's\" }\n");
  RowScrubber made = scrubber(
      table({declared_column("int", "a"), declared_column("varchar(9)", "secret"), declared_column("varchar(9)", "e"),
             declared_column("int", "n"), declared_column("int not null", "z"), declared_column("varchar(9)", "k")}),
      some);
  CHECK(made.select_list() == "`a`, `e`");
  CHECK(made.selected() == 2);
  CHECK(made.insert_list() == "(`a`, `e`, `n`, `z`, `k`)");
  CHECK(row(made, {"7", "Kari"}) == "(7,'K***',NULL,0,'it\\'s')");
  CHECK(row(made, {std::nullopt, std::nullopt}) == "(NULL,NULL,NULL,0,'it\\'s')");
  CHECK(row(made, {"7"}).starts_with("error: the server sent another number of values"));
}

TEST_CASE("row_scrubber: a table of constants needs no value", "[seed]") {
  const RuleSet constants = rules("a = \"null\"\nb = { action = \"constant\", value = 5 }\n");
  RowScrubber made = scrubber(table({declared_column("int not null", "a"), declared_column("int", "b")}), constants);
  CHECK(made.select_list().empty());
  CHECK(made.selected() == 0);
  CHECK(row(made, {}) == "(0,5)");
}

TEST_CASE("row_scrubber: names are quoted", "[seed]") {
  const RuleSet keep = rules("", "keep");
  RowScrubber made = scrubber(table({declared_column("float", "a`b"), declared_column("int", "c, d")}), keep);
  CHECK(made.select_list() == "`a``b`*1e0, `c, d`");
  CHECK(made.insert_list() == "(`a``b`, `c, d`)");
}

TEST_CASE("row_scrubber: what the server computes is neither asked for nor written", "[seed]") {
  const RuleSet keep = rules("", "keep");
  auto generated = declared_column("int", "g");
  generated.generated = true;
  auto start = declared_column("timestamp(6)", "row_start");
  start.row_period = start.implicit = true;
  auto invisible = declared_column("int", "i");
  invisible.invisible = true;
  auto hidden_key = declared_column("bigint unsigned not null", "my_row_id");
  hidden_key.implicit = hidden_key.invisible = true;
  RowScrubber made = scrubber(table({hidden_key, generated, start, invisible}), keep);
  CHECK(made.select_list() == "`my_row_id`, `i`");
  CHECK(made.insert_list() == "(`my_row_id`, `i`)");
}

TEST_CASE("row_scrubber: tables without columns to write, or that do not leave, are refused", "[seed]") {
  const RuleSet drop = rules("c = \"drop\"\nd = \"keep\"\n");
  const auto made = RowScrubber::make(table({declared_column("int")}), Flavor::mysql, RuleView(drop, false));
  REQUIRE_FALSE(made);
  CHECK(made.error().subject() == "d.t");
  auto other = table({declared_column("int", "d")});
  other.table = "other";
  CHECK_FALSE(RowScrubber::make(other, Flavor::mysql, RuleView(drop, false)));
}

// A server is not believed: nothing that it sends ends a literal or is more than one.
TEST_CASE("row_scrubber: values that are none of their type are errors without the value", "[seed]") {
  struct Case {
    const char* declared;
    const char* action;
    std::string value;
  };
  const std::vector<Case> cases = {
      {"int", "keep", "1);DROP TABLE t;--SECRET"},
      {"int", "keep", "SECRET"},
      {"int", "keep", ""},
      {"int", "keep", "-"},
      {"int", "keep", "0xSECRET"},
      {"decimal(5,2)", "keep", "1.SECRET"},
      {"decimal(5,2)", "keep", "."},
      {"decimal(5,2)", "keep", "1.2.3"},
      {"decimal(5,2)", "keep", "1--1"},
      {"float", "keep", "SECRET"},
      {"date", "keep", "SECRET"},
      {"timestamp", "keep", ""},
      {"varchar(2) charset latin1", "keep", "SECRET"},
      {"tinytext", "keep", "SECRET" + std::string(250, 'x')},
      {"int", "hash key=person", "2147483648"},
      {"int", "hash key=person", "SECRET"},
      {"int", "hash key=person", "true"},
      {"int", "hash key=person", "0x12"},
      {"int unsigned", "hash key=person", "-1"},
      {"decimal(5,2)", "round to=10", "1000.00"},
      {"decimal(5,2)", "round to=10", "1.001"},
      {"decimal(5,2)", "round to=10", "SECRET"},
      {"decimal(30,2)", "round to=10", "1e3"},
      {"double", "round to=10", "nan"},
      {"double", "round to=10", "1e999"},
      {"date", "date to=year", "2024-13-01"},
      {"date", "date to=year", "2024-01-01 10:00:00"},
      {"datetime", "date to=year", "2024-01-01 24:00:00"},
      {"timestamp", "date to=year", "2024-02-31 00:00:00"},
      {"varchar(2) charset latin1", "mask keep_first=1", "SECRET"},
      {"varbinary(5)", "hash key=person", "SECRET"},
      {"json", "json keep=[\"$.a\"]", "{SECRET"},
  };
  for (const Case& each : cases) {
    INFO(each.declared << " " << each.action << " " << each.value);
    const RuleSet made_rules = rules_of(each.action);
    RowScrubber made = scrubber(table({declared_column(each.declared)}), made_rules);
    const std::string answer = row(made, {each.value});
    CHECK(answer.starts_with("error: "));
    CHECK(answer.find("d.t.c") != std::string::npos);
    CHECK(answer.find("SECRET") == std::string::npos);
  }
  const RuleSet keep = rules("c = \"keep\"\n");
  RowScrubber made = scrubber(table({declared_column("timestamp not null")}), keep);
  CHECK(row(made, {std::nullopt}).starts_with("error: the server sent NULL"));
}

TEST_CASE("row_scrubber: makes what the golden vectors of every action and type say", "[seed]") {
  std::ifstream file(ACTION_VECTORS);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    INFO(line);
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t tab = std::min(line.find('\t', at), line.size());
      fields.push_back(line.substr(at, tab - at));
      at = tab + 1;
    }
    REQUIRE(fields.size() == 4);
    const auto column = column_of(fields[0]);
    const RuleSet made_rules = rules_of(fields[1]);
    RowScrubber made = scrubber(table({column.declared}), made_rules, column.traits.flavor);
    const std::string before = sent(column.traits, cell_of(column.traits, fields[2]));
    CHECK(row(made, {before}) == "(" + literal_of(column.traits, cell_of(column.traits, fields[3])) + ")");
    ++count;
  }
  CHECK(count > 200);
}

}  // namespace
}  // namespace relay::seed
