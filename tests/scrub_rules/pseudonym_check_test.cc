#include <catch2/catch.hpp>

#include "declared_column.h"
#include "scrub_rules/table_check.h"

namespace relay::scrub_rules {
namespace {

using binlog::Flavor;
using sql::IndexKind;
using testing::declared_column;

class OneKey final : public KeyReader {
 public:
  base::Result<base::Secret> read(const KeySource&, const std::string&) override {
    return base::Secret(std::string(32, 'k'));
  }
};

// Column a of table db.t, which has a key over it and another column that is kept; and a table that its rows refer to.
struct Subject {
  std::string type = "int not null";
  std::string collation = {};
  std::string rule = {};
  std::optional<IndexKind> key = IndexKind::primary;
  std::optional<std::uint32_t> prefix = {};
  std::string parent_rule = {};  // of the column that a foreign key over a refers to; empty: no such key
  std::string parent_type = {};  // of that column; empty: its table is not known
  std::string on_delete = {};
  bool auto_increment = false;
  bool partitioned = false;
  bool checked = false;
  bool minimal = false;
};

// The table that the foreign key refers to.
class OneParent final : public sql::Catalog {
 public:
  explicit OneParent(const std::string& type) {
    table_.database = "db";
    table_.table = "p";
    if (!type.empty()) table_.columns = {declared_column(type, "id")};
  }
  [[nodiscard]] const sql::TableDefinition* find(const sql::TableName& name) const override {
    return !table_.columns.empty() && name.table == "p" ? &table_ : nullptr;
  }
  [[nodiscard]] std::vector<sql::TableName> tables_of(std::string_view) const override { return {}; }
  [[nodiscard]] std::vector<const sql::TableDefinition*> tables_with_foreign_keys() const override { return {}; }
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view) const override {
    return {};
  }

 private:
  sql::TableDefinition table_;
};

struct Judgement {
  TableReport report;
  std::string lines;  // empty: no problem
};

Judgement judged(const Subject& subject) {
  std::string text =
      "[keys]\nk = { env = \"K\" }\nother = { env = \"O\" }\n[[table]]\nname = \"db.t\"\n[table.columns]\na = " +
      subject.rule + "\nb = \"keep\"\n";
  if (!subject.parent_rule.empty())
    text += "[[table]]\nname = \"db.p\"\n[table.columns]\nid = " + subject.parent_rule + "\n";
  OneKey key;
  base::Problems problems;
  const RuleSet rules = RuleSet::parse(text, "rules.toml", problems, &key);
  for (const base::Problem& problem : problems) FAIL_CHECK(base::problem_line(problem));
  sql::TableDefinition table;
  table.database = "db";
  table.table = "t";
  table.columns = {declared_column(subject.type, "a"), declared_column("int", "b")};
  table.columns[0].collation = subject.collation;
  table.columns[0].auto_increment = subject.auto_increment;
  if (subject.key) {
    sql::IndexDefinition index;
    index.kind = *subject.key;
    index.name = "u";
    index.parts.push_back({"a", subject.prefix, {}});
    table.indexes.push_back(index);
  }
  if (!subject.parent_rule.empty()) {
    table.foreign_keys.push_back({"fk", {"a"}, "", "p", {"id"}, subject.on_delete, "", {}});
  }
  if (subject.partitioned) table.partition_columns = {"a"};
  if (subject.checked) table.checks.push_back({"positive", {"a"}});
  Judgement judgement;
  const OneParent parent(subject.parent_type);
  const SourceTraits source{Flavor::mariadb, 101100, subject.minimal, &parent};
  judgement.report = check_table(RuleView(rules, false), table, source, problems);
  for (const base::Problem& problem : problems) {
    judgement.lines += base::problem_line(problem) + "\n";
    CHECK_FALSE(problem.remedy.empty());
  }
  return judgement;
}

std::string hash(const std::string& options = "") { return "{ action = \"hash\", key = \"k\"" + options + " }"; }

TEST_CASE("pseudonym_check: keys stay where pseudonyms are as different as the values", "[scrub_rules]") {
  const std::vector<Subject> good = {
      {.type = "int not null", .rule = hash()},
      {.type = "bigint unsigned not null", .rule = hash(), .auto_increment = true},
      {.type = "bigint not null", .rule = "{ action = \"digits\", key = \"k\" }"},
      {.type = "decimal(12,2) not null", .rule = hash()},
      {.type = "bit(40) not null", .rule = hash()},
      {.type = "uuid not null", .rule = hash()},
      {.type = "inet6 not null", .rule = hash()},
      {.type = "varchar(18) not null", .rule = hash()},
      {.type = "varchar(60) not null", .rule = hash(", length = 18")},
      {.type = "varchar(23) not null", .rule = hash(", encoding = \"hex\"")},
      {.type = "varchar(15) not null", .collation = "utf8mb4_bin", .rule = hash(", encoding = \"base64url\"")},
      {.type = "varchar(23) not null", .collation = "utf8mb4_roman_ci", .rule = hash()},
      {.type = "char(18) not null", .rule = hash(", encoding = \"digits\"")},
      {.type = "varchar(40) not null", .rule = "{ action = \"email\", key = \"k\" }"},
      {.type = "binary(12) not null", .rule = hash()},
      {.type = "varchar(40)", .rule = hash(), .key = IndexKind::unique},
      {.type = "int not null", .rule = hash(), .key = IndexKind::unique},
      {.type = "varchar(9)", .rule = hash(), .key = IndexKind::plain},
      {.type = "date", .rule = "{ action = \"date\", to = \"year\" }", .key = IndexKind::plain},
      {.type = "int not null", .rule = hash(), .key = std::nullopt, .parent_rule = hash(), .on_delete = "cascade"},
      {.type = "uuid not null", .rule = hash(), .key = std::nullopt, .parent_rule = hash(), .on_delete = "cascade"},
  };
  for (const Subject& subject : good) {
    INFO(subject.type << " " << subject.rule);
    const Judgement judgement = judged(subject);
    CHECK(judgement.lines.empty());
    CHECK_THAT(judgement.report.columns.at(0).example, Catch::Contains(" -> "));
  }
}

TEST_CASE("pseudonym_check: examples are written as a person reads them", "[scrub_rules]") {
  const auto date = [](const std::string& to) { return "{ action = \"date\", to = \"" + to + "\" }"; };
  const std::vector<std::array<std::string, 3>> cases = {
      {"date", date("year"), "1987-06-05 -> 1987-01-01"},
      {"datetime", date("month"), "1987-06-05 13:14:15 -> 1987-06-01 00:00:00"},
      {"datetime(6)", date("day"), "1987-06-05 13:14:15.000000 -> 1987-06-05 00:00:00.000000"},
      {"timestamp", date("day"), "1987-06-05 13:14:15 -> 1987-06-05 00:00:00"},
      {"timestamp(3)", date("year"), "1987-06-05 13:14:15.000 -> 1987-01-01 00:00:00.000"},
      {"inet4", "\"ip\"", "192.0.2.129 -> 192.0.2.0"},
      {"inet6", "\"ip\"", "2001:db8:1:2::3 -> 2001:db8:1::"},
      {"double", "{ action = \"round\", to = 500 }", "1234.5 -> 1000"},
      {"float", "{ action = \"round\", to = 0.25 }", "1234.5 -> 1234.5"},
      {"varchar(40)", "{ action = \"mask\", with = \"•\", keep_first = 1 }", "'Kari Nordmann' -> 'K••••••••••••'"},
      {"varchar(40) charset latin1", "{ action = \"mask\", with = \"é\" }", "'Kari Nordmann' -> 'ééééééééééééé'"},
      {"varchar(40) charset utf16", "{ action = \"mask\", with = \"日\", keep_last = 4 }",
       "'Kari Nordmann' -> '日日日日日日日日日mann'"},
      {"varchar(40) charset swe7", "{ action = \"mask\", with = \"Ü\" }", "'Kari Nordmann' -> 'ÜÜÜÜÜÜÜÜÜÜÜÜÜ'"},
  };
  for (const auto& [type, rule, example] : cases) {
    INFO(type << " " << rule);
    CHECK(judged({.type = type, .rule = rule, .key = std::nullopt}).report.columns.at(0).example == example);
  }
  const std::string bits = judged({.type = "bit(40)", .rule = hash()}).report.columns.at(0).example;
  CHECK(bits.starts_with("100 -> "));
  CHECK(bits.find_first_not_of("0123456789", 7) == std::string::npos);
  const std::string uuid = judged({.type = "uuid", .rule = hash()}).report.columns.at(0).example;
  CHECK(uuid.starts_with("123e4567-e89b-42d3-a456-426655440001 -> "));
  CHECK(std::ranges::count(uuid, '-') == 4 + 1 + 4);
}

TEST_CASE("pseudonym_check: what could break a replica is refused, and what it will lack is told", "[scrub_rules]") {
  const std::string email = "{ action = \"email\", key = \"k\" }";
  const std::string digits = "{ action = \"digits\", key = \"k\" }";
  const std::string json = "{ action = \"json\", keep = [\"$.a\"] }";
  const std::string short_key = "are too short";
  struct Case {
    Subject subject;
    const char* severity;
    std::string words;
  };
  const std::vector<Case> cases = {
      // Shortened digests in keys.
      {{.type = "varchar(17) not null", .rule = hash()}, "error", "about 1 in 39 million"},
      {{.type = "varchar(60) not null", .rule = hash(", length = 17")}, "error", short_key},
      {{.type = "varchar(60) not null", .rule = hash(", length = 6")}, "error", "all but certain"},
      {{.type = "varchar(22) not null", .rule = hash(", encoding = \"hex\"")}, "error", "about 1 in 619 million"},
      {{.type = "varchar(14) not null", .collation = "utf8mb4_bin", .rule = hash(", encoding = \"base64url\"")},
       "error",
       short_key},
      {{.type = "varchar(18) not null", .collation = "utf8mb4_lithuanian_ci", .rule = hash()}, "error", short_key},
      {{.type = "varchar(18) not null", .collation = "utf8mb4_la_0900_ai_ci", .rule = hash()}, "error", short_key},
      {{.type = "varchar(20) not null", .collation = "macce_general_ci", .rule = email}, "error", short_key},
      {{.type = "varchar(17)", .rule = hash(), .key = IndexKind::unique}, "error", "the unique key u"},
      {{.type = "binary(11) not null", .rule = hash()}, "error", short_key},
      {{.type = "varchar(17) not null", .rule = hash(", encoding = \"digits\"")}, "warning", "no numbers"},
      {{.type = "varchar(10) not null", .rule = digits}, "warning", "no numbers"},
      // Beginnings are not as different.
      {{.type = "varchar(60) not null", .rule = hash(), .prefix = 10}, "error", "primary key"},
      {{.type = "varchar(60)", .rule = hash(), .key = IndexKind::unique, .prefix = 10},
       "warning",
       "unique key u will be missing"},
      // Generalised values in keys.
      {{.type = "varchar(60) not null", .rule = "\"mask\""}, "error", "primary key"},
      {{.type = "varchar(60) not null", .rule = "{ action = \"truncate\", length = 5 }"}, "error", "primary key"},
      {{.type = "date not null", .rule = "{ action = \"date\", to = \"month\" }"}, "error", "primary key"},
      {{.type = "int not null", .rule = "{ action = \"round\", to = 10 }"}, "error", "primary key"},
      {{.type = "varchar(45) not null", .rule = "\"ip\""}, "error", "primary key"},
      {{.type = "varchar(45) not null", .rule = "\"redact\""}, "error", "primary key"},
      {{.type = "varchar(45) not null", .rule = json}, "error", "primary key"},
      {{.type = "varchar(45)", .rule = json, .key = IndexKind::unique}, "warning", "unique key u will be missing"},
      {{.type = "date", .rule = "{ action = \"date\", to = \"month\" }", .key = IndexKind::unique},
       "warning",
       "unique key u will be missing"},
      {{.type = "int not null",
        .rule = "{ action = \"round\", to = 10 }",
        .key = IndexKind::plain,
        .auto_increment = true},
       "error",
       "AUTO_INCREMENT"},
      // Foreign keys.
      {{.type = "int", .rule = hash(), .key = std::nullopt, .parent_rule = "{ action = \"hash\", key = \"other\" }"},
       "warning",
       "foreign key fk will be missing"},
      {{.type = "int", .rule = hash(), .key = std::nullopt, .parent_rule = "\"keep\""},
       "warning",
       "foreign key fk will be missing"},
      {{.type = "int", .rule = hash(), .key = std::nullopt, .parent_rule = "\"keep\"", .on_delete = "cascade"},
       "error",
       "without row events"},
      // Servers take numbers of other lengths for the same there, and their pseudonyms differ.
      {{.type = "decimal(10,0)",
        .rule = hash(),
        .key = std::nullopt,
        .parent_rule = hash(),
        .parent_type = "decimal(11,0)",
        .on_delete = "cascade"},
       "error",
       "without row events"},
      {{.type = "bit(30)", .rule = hash(), .key = std::nullopt, .parent_rule = hash(), .parent_type = "bit(32)"},
       "warning",
       "foreign key fk will be missing"},
      {{.type = "varchar(40)", .rule = hash(), .key = std::nullopt, .parent_rule = hash()},
       "warning",
       "foreign key fk will be missing"},
      {{.type = "varchar(40)", .rule = hash(), .key = std::nullopt, .parent_rule = hash(), .on_delete = "cascade"},
       "error",
       "without row events"},
      {{.type = "int",
        .rule = "{ action = \"round\", to = 10 }",
        .key = std::nullopt,
        .parent_rule = "{ action = \"round\", to = 10 }",
        .on_delete = "set null"},
       "error",
       "without row events"},
      // The rest of the table.
      {{.type = "int not null", .rule = hash(), .partitioned = true}, "warning", "partitioning will be missing"},
      {{.type = "int not null", .rule = hash(), .checked = true}, "warning", "check positive will be missing"},
      {{.type = "int not null", .rule = hash(), .minimal = true}, "error", "MINIMAL"},
      {{.type = "tinyint not null", .rule = hash()}, "warning", "fewer than a million"},
      {{.type = "bigint not null", .rule = hash(", encoding = \"smallint\"")}, "warning", "fewer than a million"},
      // Types and lengths.
      {{.type = "json", .rule = hash(), .key = std::nullopt}, "error", "makes no sense"},
      {{.type = "blob", .rule = json, .key = std::nullopt}, "error", "makes no sense"},
      {{.type = "int", .rule = json, .key = std::nullopt}, "error", "makes no sense"},
      {{.type = "varchar(3)", .rule = json, .key = std::nullopt}, "error", "too short for a JSON document"},
      {{.type = "longtext", .rule = json, .key = std::nullopt, .minimal = true}, "error", "MINIMAL"},
      {{.type = "enum('a','b')", .rule = "\"mask\"", .key = std::nullopt}, "error", "makes no sense"},
      {{.type = "varchar(5)", .rule = hash(), .key = std::nullopt}, "error", "at least six characters"},
      {{.type = "varchar(20) charset latin1", .rule = "{ action = \"mask\", with = \"\u2603\" }", .key = std::nullopt},
       "error",
       "to mask with"},
  };
  for (const Case& each : cases) {
    INFO(each.subject.type << " " << each.subject.collation << " " << each.subject.rule);
    const std::string lines = judged(each.subject).lines;
    CHECK_THAT(lines, Catch::Contains(each.words));
    INFO(lines);
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
    CHECK((lines.find("warning") != std::string::npos) == (std::string(each.severity) == "warning"));
  }
}

TEST_CASE("pseudonym_check: an example is invented and shows no key", "[scrub_rules]") {
  const Judgement judgement = judged({.type = "varchar(40) not null", .rule = hash()});
  const ColumnReport& column = judgement.report.columns.at(0);
  CHECK_THAT(column.example, Catch::StartsWith("'Kari Nordmann' -> '"));
  CHECK_THAT(column.action, Catch::Contains("key k"));
  CHECK(column.example.find("kkkk") == std::string::npos);
}

}  // namespace
}  // namespace relay::scrub_rules
