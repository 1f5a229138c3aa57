#include <catch2/catch.hpp>

#include "../scrub_rules/declared_column.h"
#include "relay/seed/relay_log.h"
#include "relay/seed/row_digest.h"
#include "relay/seed/row_scrubber.h"
#include "relay/seed/schema_comparison.h"
#include "relay/seed/verify_findings.h"
#include "relay/seed/verify_record.h"
#include "snapshot_test_folder.h"

namespace relay::seed {

namespace {

using base::ByteView;

source::SourceFacts facts(binlog::Flavor flavor, std::uint32_t version) {
  source::SourceFacts made;
  made.flavor = flavor;
  made.version_number = version;
  return made;
}

std::vector<SchemaDifference> compared(std::string_view a, std::string_view b) {
  const source::CharacterSets databases{{"d", {"utf8mb4", "utf8mb4_general_ci"}}};
  const DefaultCollations collations{{"utf8mb3", "utf8mb3_general_ci"}, {"utf8mb4", "utf8mb4_general_ci"}};
  const auto old_one = facts(binlog::Flavor::mysql, 50651);
  const auto new_one = facts(binlog::Flavor::mysql, 90704);
  const auto comparison =
      compare_schema({"d", "t"}, {a, old_one, databases, collations}, {b, new_one, databases, collations});
  REQUIRE(comparison.has_value());
  return comparison->differences;
}

TableKey integer_key() {
  sql::ColumnDefinition column;
  column.name = "id";
  column.type = "int";
  return {"PRIMARY", {column}};
}

}  // namespace

TEST_CASE("row_digest: a sum is of a multiset, and of no two that differ", "[seed]") {
  const auto hasher = RowHasher::make();
  REQUIRE(hasher.has_value());
  const RowDigest a = hasher->digest(ByteView::of("a"));
  const RowDigest b = hasher->digest(ByteView::of("b"));
  CHECK(a == hasher->digest(ByteView::of("a")));
  CHECK(a != b);
  RowSum one, other, twice;
  for (const RowDigest digest : {a, b}) one.add(digest);
  for (const RowDigest digest : {b, a}) other.add(digest);
  for (const RowDigest digest : {a, a}) twice.add(digest);
  CHECK(one == other);
  CHECK(one != twice);
  CHECK(RowHasher::make()->digest(ByteView::of("a")) != a);
}

TEST_CASE("row_digest: sums carry from the low half into the high one", "[seed]") {
  RowSum sum;
  sum.add({1, ~std::uint64_t{0}});
  sum.add({1, 1});
  CHECK(sum.sum == RowDigest{3, 0});
}

TEST_CASE("schema_comparison: other words of other versions are no difference", "[seed]") {
  CHECK(compared("CREATE TABLE `t` (`id` int(11) NOT NULL, `a` varchar(20) CHARACTER SET utf8 DEFAULT NULL, `n` "
                 "int(11) DEFAULT '0',"
                 " `at` timestamp NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (`id`), KEY `by_a` (`a`)) ENGINE=InnoDB "
                 "DEFAULT CHARSET=utf8mb4",
                 "CREATE TABLE `t` (`id` int NOT NULL, `a` varchar(20) CHARACTER SET utf8mb3 COLLATE "
                 "utf8mb3_general_ci DEFAULT NULL,"
                 " `n` int DEFAULT 0, `at` timestamp NULL DEFAULT current_timestamp(), PRIMARY KEY (`id`), KEY `by_a` "
                 "(`a`)) ENGINE=InnoDB "
                 "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci")
            .empty());
}

TEST_CASE("schema_comparison: what differs is named, and no literal", "[seed]") {
  const auto differences = compared(
      "CREATE TABLE `t` (`id` int NOT NULL, `a` varchar(20) DEFAULT 'x', `b` int, PRIMARY KEY (`id`), KEY `k` (`a`)) "
      "ENGINE=InnoDB",
      "CREATE TABLE `t` (`id` bigint NOT NULL, `a` varchar(20) COLLATE utf8mb4_bin DEFAULT 'secret', `c` int, PRIMARY "
      "KEY (`id`),"
      " KEY `k` (`a`,`c`), UNIQUE KEY `l` (`c`)) ENGINE=InnoDB");
  const std::vector<SchemaDifference> expected{
      {"column's type differs", "id"},           {"column's collation differs", "a"},
      {"column's default differs", "a"},         {"column missing", "b"},
      {"column not in the scrubbed table", "c"}, {"index differs", "k"},
      {"index not in the scrubbed table", "l"}};
  CHECK(differences == expected);
}

TEST_CASE("verify_findings: neighbours are one span, spans are few, and texts are no keys to show", "[seed]") {
  TableFindings findings;
  const TableKey key = integer_key();
  for (const char* value : {"-2", "-1", "0", "5"}) findings.add(RowDifference::missing, key, {value});
  const auto& spans = findings.spans[0];
  CHECK(spans == std::vector<KeySpan>{{"-2", "0"}, {"5", "5"}});
  for (int i = 0; i < 1000; ++i) findings.add(RowDifference::extra, key, {std::to_string(2 * i)});
  CHECK(findings.spans[1].size() == TableFindings::kMostSpans);
  CHECK(findings.counts[1] == 1000);
  TableKey text = key;
  text.columns[0].type = "varchar";
  CHECK_FALSE(readable_key(text, {"X'41'"}));
}

TEST_CASE("verify_record: goes on from what was kept, for the same servers and rules alone", "[seed]") {
  const Folder folder;
  auto& files = base::posix_file_system();
  const std::string path = folder.path() + "/state";
  auto record = VerifyRecord::open(files, path, "here");
  REQUIRE(record.has_value());
  TableFindings findings;
  findings.table = {"d", "t"};
  findings.rows = 7;
  findings.add(RowDifference::changed, integer_key(), {"3"});
  findings.columns = {"a"};
  findings.compared_as = "mark";
  REQUIRE(record->passed(findings, {"41", "X'00'"}));
  const auto again = VerifyRecord::open(files, path, "here");
  REQUIRE(again.has_value());
  const auto entry = again->find({"d", "t"}, "mark");
  REQUIRE(entry.has_value());
  CHECK(entry->up_to == KeyValues{"41", "X'00'"});
  CHECK(entry->findings.counts == findings.counts);
  CHECK(entry->findings.columns == findings.columns);
  CHECK_FALSE(again->find({"d", "t"}, "another mark"));
  CHECK_FALSE(VerifyRecord::open(files, path, "elsewhere")->find({"d", "t"}, "mark"));
}

TEST_CASE("verify_record: what is older than a day, or of the future, is not gone on from", "[seed]") {
  const Folder folder;
  auto& files = base::posix_file_system();
  const std::string path = folder.path() + "/state";
  TableFindings findings;
  findings.table = {"d", "t"};
  findings.compared_as = "mark";
  REQUIRE(VerifyRecord::open(files, path, "here")->passed(findings, {"41"}));
  const std::string text = *base::read_file(files, path, 100'000);
  const std::size_t at = text.find("\"at\": ") + 6;
  const std::int64_t now = std::stoll(text.substr(at));
  const std::size_t end = text.find(',', at);
  for (const auto& [time, there] : {std::pair(now - 86'000, true), {now - 87'000, false}, {now + 1000, false}}) {
    const std::string other = text.substr(0, at) + std::to_string(time) + text.substr(end);
    REQUIRE(base::replace_file(files, path, base::ByteView::of(other)));
    CHECK(VerifyRecord::open(files, path, "here")->find({"d", "t"}, "mark").has_value() == there);
  }
}

TEST_CASE("verify_record: a definition's mark is not of its next value, but of its key", "[seed]") {
  const char* const shown = "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8";
  const char* const later = "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8";
  const char* const other = "CREATE TABLE `t` (\n  `id` bigint\n) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8";
  CHECK(mark_of(shown, integer_key()) == mark_of(later, integer_key()));
  CHECK(mark_of(shown, integer_key()) != mark_of(other, integer_key()));
  CHECK(mark_of(shown, integer_key()) != mark_of(shown, std::nullopt));
}

TEST_CASE("verify_record: a key that is no literal is refused, since it would be part of a statement", "[seed]") {
  for (const char* good : {"1", "-5.25", "'2026-01-02 03:04:05'", "X'00ff'", "_utf8mb4 X'41'"})
    CHECK(is_key_literal(good));
  for (const char* bad :
       {"", "1 OR 1", "'a' OR '", "X'0' OR '1'", "_utf8 'x'", "'", "SLEEP(1)", "_a b X'00'", "0x41"}) {
    CHECK_FALSE(is_key_literal(bad));
  }
}

TEST_CASE("relay_log: a list covers a position that it has come to in every domain", "[seed]") {
  const auto list = [](const char* text) { return *binlog::MariadbGtidList::parse_text(text); };
  CHECK(covers(list("0-1-10,1-2-5"), list("0-1-10")));
  CHECK(covers(list("0-3-11"), list("0-1-10")));
  CHECK_FALSE(covers(list("0-1-9,1-2-5"), list("0-1-10")));
  CHECK_FALSE(covers(list("0-1-10"), list("0-1-10,1-2-5")));
}

}  // namespace relay::seed
