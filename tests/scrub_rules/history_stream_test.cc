#include <catch2/catch.hpp>

#include "scrub_rules/rule_view.h"
#include "tests/scrub_rules/stream_tester.h"

// The schema history as the stream carries it forward.
namespace relay::scrub_rules::testing {
namespace {

using base::ErrorKind;
using binlog::EventType;
using binlog::Flavor;

PlainEvent make_gtid() {
  return make_event(EventType::gtid, std::string(1, '\0') + std::string(16, 'u') + std::string("\5\0\0\0\0\0\0\0", 8));
}

// A map of `columns` INT columns, of which all but the first may be NULL.
PlainEvent make_map(const std::string& table, int columns) {
  std::string body("\1\0\0\0\0\0\1\0\1d\0", 11);
  body += static_cast<char>(table.size()) + table + '\0' + static_cast<char>(columns);
  body += std::string(static_cast<std::size_t>(columns), '\3') + '\0' + static_cast<char>((1 << columns) - 2);
  return make_event(EventType::table_map, body);
}

PlainEvent make_rows(int columns) {
  std::string body("\1\0\0\0\0\0\1\0\2\0", 10);
  body += static_cast<char>(columns) + std::string(1, static_cast<char>((1 << columns) - 1)) + '\0' +
          std::string("\7\0\0\0", 4);
  for (int i = 1; i < columns; ++i) body += i == 1 ? "PII!" : "more";
  return make_event(EventType::write_rows_v2, body);
}

struct Stream : StreamTester {
  explicit Stream(bool fold_case = false)
      : StreamTester(
            "[[table]]\nname = \"d.*\"\ncolumn_default = \"drop\"\n[table.columns]\nid = \"keep\"\n\"søk nr\" = "
            "\"keep\"\n",
            Flavor::mysql, fold_case) {
    start_like("my97-nopk.binlog");
  }
  std::optional<base::Error> ddl(const std::string& statement) { return feed({make_gtid(), make_query(statement)}); }
  std::optional<base::Error> rows(const std::string& table, int columns) {
    clear_written();
    const auto error = feed({make_gtid(), make_query("BEGIN"), make_map(table, columns), make_rows(columns),
                             make_event(EventType::xid, std::string("\1\0\0\0\0\0\0\0", 8))});
    CHECK(written_text().find("PII") == std::string::npos);
    return error;
  }
};

TEST_CASE("history: names with quotes, spaces and letters of any alphabet", "[scrub_rules]") {
  Stream stream;
  for (const std::string name : {"a`b", "with space", "quo\"te'", "søknad æøå", "日本", "-- x", "select"}) {
    INFO(name);
    std::string quoted = "`";
    for (const char c : name) quoted += std::string(c == '`' ? 2 : 1, c);
    quoted += '`';
    REQUIRE_FALSE(stream.ddl("CREATE TABLE " + quoted + " (id INT NOT NULL, `pi``i \"x` INT)"));
    CHECK_FALSE(stream.rows(name, 2));
    REQUIRE_FALSE(stream.ddl("ALTER TABLE d." + quoted + " ADD COLUMN `søk nr` INT"));
    CHECK_FALSE(stream.rows(name, 3));
    REQUIRE_FALSE(stream.ddl("DROP TABLE " + quoted));
    CHECK(stream.history().find({"d", name}) == nullptr);
  }
}

TEST_CASE("history: a source that folds names is followed in any spelling", "[scrub_rules]") {
  Stream folding(true);
  REQUIRE_FALSE(folding.ddl("CREATE TABLE D.SØKNAD (ID INT NOT NULL, pii INT)"));
  CHECK_FALSE(folding.rows("søknad", 2));
  REQUIRE_FALSE(folding.ddl("ALTER TABLE Søknad DROP COLUMN PII"));
  CHECK_FALSE(folding.rows("søknad", 1));
  Stream exact;
  REQUIRE_FALSE(exact.ddl("CREATE TABLE Orders (id INT NOT NULL, pii INT)"));
  REQUIRE_FALSE(exact.ddl("CREATE TABLE orders (id INT NOT NULL, a INT, b INT)"));
  CHECK_FALSE(exact.rows("Orders", 2));
  CHECK_FALSE(exact.rows("orders", 3));
}

TEST_CASE("history: rows go by the definition that holds where they stand", "[scrub_rules]") {
  Stream stream;
  REQUIRE_FALSE(stream.ddl("CREATE TABLE t (id INT NOT NULL, pii INT)"));
  CHECK_FALSE(stream.rows("t", 2));
  REQUIRE_FALSE(stream.ddl("ALTER TABLE t ADD COLUMN more INT"));
  CHECK_FALSE(stream.rows("t", 3));
  const auto error = stream.rows("t", 2);
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::rule);
  CHECK(error->subject() == "d.t");
}

TEST_CASE("history: what contradicts it halts", "[scrub_rules]") {
  const auto halts = [](const std::string& statement) {
    Stream stream;
    REQUIRE_FALSE(stream.ddl("CREATE TABLE t (id INT NOT NULL, pii INT)"));
    return stream.ddl(statement).has_value();
  };
  CHECK(halts("CREATE TABLE t (id INT)"));
  CHECK(halts("ALTER TABLE t DROP COLUMN nothing"));
  CHECK(halts("ALTER TABLE t ADD COLUMN id INT"));
  CHECK(halts("ALTER TABLE unknown ADD COLUMN x INT"));
  CHECK(halts("CREATE TABLE u LIKE unknown"));
  CHECK_FALSE(halts("ALTER TABLE t DROP COLUMN pii"));
}

TEST_CASE("history: DDL of an abandoned transaction did not happen", "[scrub_rules]") {
  Stream stream;
  REQUIRE_FALSE(stream.ddl("CREATE TABLE t (id INT NOT NULL, pii INT)"));
  REQUIRE_FALSE(stream.feed({make_gtid(), make_query("ALTER TABLE t ADD COLUMN more INT")}));
  stream.history().stage_lineage({{{"d", "t"}, Origin{}, true}});
  CHECK_FALSE(RuleView(stream.rules(), false, &stream.history().lineage()).table_leaves({"d", "t"}));
  stream.history().rollback();
  CHECK(RuleView(stream.rules(), false, &stream.history().lineage()).table_leaves({"d", "t"}));
  CHECK_FALSE(stream.rows("t", 3));
}

}  // namespace
}  // namespace relay::scrub_rules::testing
