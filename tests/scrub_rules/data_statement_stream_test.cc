#include <catch2/catch.hpp>

#include "relay/binlog/query_event.h"
#include "tests/scrub_rules/stream_tester.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ErrorKind;
using binlog::EventType;
using binlog::Flavor;

const std::string kTables = R"([[table]]
name = "d.kept"
column_default = "drop"
[table.columns]
id = "keep"
)";
const std::string kDrop = "[statements]\ndml = \"drop-if-denied\"\n" + kTables;

PlainEvent make_gtid() {
  return make_event(EventType::gtid, std::string(1, '\0') + std::string(16, 'u') + std::string("\5\0\0\0\0\0\0\0", 8));
}
PlainEvent make_xid() { return make_event(EventType::xid, std::string("\1\0\0\0\0\0\0\0", 8)); }

PlainEvent make_load(const std::string& statement, const std::string& database = "d") {
  std::string body =
      std::string("\5\0\0\0\0\0\0\0", 8) + static_cast<char>(database.size()) + std::string("\0\0\0\0", 4);
  body += std::string("\1\0\0\0\0\0\0\0\0\0\0\0\0", 13);
  return make_event(EventType::execute_load_query, body + database + '\0' + statement);
}

struct Stream : StreamTester {
  explicit Stream(const std::string& rules, bool with_tables = true) : StreamTester(rules, Flavor::mysql) {
    start_like("my97-nopk.binlog");
    if (with_tables)
      ddl({"CREATE TABLE kept (id INT PRIMARY KEY, pii INT)", "CREATE TABLE held (id INT PRIMARY KEY, pii TEXT)"});
  }
  void ddl(const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) {
      INFO(statement);
      REQUIRE_FALSE(feed({make_gtid(), make_query(statement)}));
    }
    clear_written();
  }
  // What arrives of a transaction with these events; "halt" when the stream stops.
  std::string transaction(std::vector<PlainEvent> events) {
    clear_written();
    events.insert(events.begin(), {make_gtid(), make_query("BEGIN")});
    events.push_back(make_xid());
    const auto error = feed(events);
    if (!error) return summary();
    CHECK(error->message().find("PII") == std::string::npos);
    return "halt";
  }
  std::string statement(const std::string& text) { return transaction({make_query(text)}); }
};

const std::string kEmpty = "GTID QUERY(BEGIN) XID";

TEST_CASE("data statements: halt the stream unless the rules say otherwise", "[scrub_rules]") {
  for (const char* text : {"INSERT INTO held VALUES (1, 'PII')", "DELETE FROM kept", "CALL p('PII')"}) {
    CHECK(Stream(kTables).statement(text) == "halt");
  }
  CHECK(Stream(kTables).transaction({make_event(EventType::begin_load_query, std::string("\1\0\0\0PII", 7))}) ==
        "halt");
  CHECK(Stream(kTables).transaction({make_event(EventType::append_block, std::string("\1\0\0\0PII", 7))}) == "halt");
  CHECK(Stream(kTables).transaction({make_load("LOAD DATA INFILE 'PII' INTO TABLE held")}) == "halt");
}

TEST_CASE("data statements: of a table that does not leave go, and their transaction arrives", "[scrub_rules]") {
  Stream stream(kDrop);
  CHECK(stream.statement("INSERT INTO held VALUES (1, 'PII')") == kEmpty);
  CHECK(stream.statement("UPDATE d.held SET pii = 'PII'") == kEmpty);
  CHECK(stream.statement("DELETE FROM held WHERE pii = 'PII'") == kEmpty);
  CHECK(stream.transaction({make_event(EventType::intvar, std::string("\2\7\0\0\0\0\0\0\0", 9)),
                            make_event(EventType::rand, std::string(16, 'P')),
                            make_event(EventType::user_var, std::string("\1\0\0\0v\1", 6)),
                            make_query("INSERT INTO held VALUES (NULL, @v)")}) == kEmpty);
  CHECK(stream.transaction({make_event(EventType::begin_load_query, std::string("\1\0\0\0PII", 7)),
                            make_event(EventType::append_block, std::string("\1\0\0\0PII", 7)),
                            make_load("LOAD DATA INFILE 'PII' INTO TABLE `held` (id, pii)")}) == kEmpty);
  CHECK(stream.transaction({make_event(EventType::begin_load_query, std::string("\1\0\0\0PII", 7)),
                            make_event(EventType::delete_file, std::string("\1\0\0\0", 4))}) == kEmpty);
}

TEST_CASE("data statements: of a table that leaves, or of what is not certain, halt the stream", "[scrub_rules]") {
  for (const char* text :
       {"INSERT INTO kept VALUES (1, 2)", "INSERT INTO held SELECT * FROM kept", "INSERT INTO held VALUES (f('PII'))",
        "UPDATE held, kept SET held.pii = 'PII'", "INSERT INTO never_seen VALUES ('PII')",
        "INSERT INTO other.held VALUES (1)", "CALL p('PII')", "DELETE FROM mysql.user"}) {
    INFO(text);
    CHECK(Stream(kDrop).statement(text) == "halt");
  }
  CHECK(Stream(kDrop).transaction({make_event(EventType::begin_load_query, std::string("\1\0\0\0PII", 7)),
                                   make_load("LOAD DATA INFILE 'PII' INTO TABLE kept")}) == "halt");
  CHECK(Stream(kDrop).transaction({make_load("DROP TABLE kept")}) == "halt");
}

TEST_CASE("data statements: a table is certain as long as the stream shows nothing against it", "[scrub_rules]") {
  const auto after = [](const std::string& ddl, const std::string& statement = "INSERT INTO held VALUES (1, 'PII')") {
    Stream stream(kDrop);
    stream.ddl({ddl});
    return stream.statement(statement);
  };
  CHECK(after("CREATE DEFINER=`a`@`b` TRIGGER tr BEFORE INSERT ON held FOR EACH ROW INSERT INTO kept VALUES (1, 2)") ==
        "halt");
  CHECK(after("CREATE TRIGGER tr AFTER UPDATE ON elsewhere FOR EACH ROW SET @a = 1") == kEmpty);
  CHECK(after("CREATE TRIGGER tr AFTER UPDATE ON held FOR EACH STATEMENT SET @a = 1") == "halt");
  CHECK(after("DROP TABLE held") == "halt");
  CHECK(after("DROP DATABASE d") == "halt");
  CHECK(after("RENAME TABLE held TO held2") == "halt");
  CHECK(after("RENAME TABLE held TO held2", "INSERT INTO held2 VALUES (1, 'PII')") == kEmpty);
  CHECK(after("ALTER TABLE held RENAME TO held2", "INSERT INTO held2 VALUES (1, 'PII')") == kEmpty);
  CHECK(after("ALTER TABLE held ENGINE=MERGE UNION=(kept)") == "halt");
  CHECK(after("ALTER TABLE held ENGINE=MyISAM") == kEmpty);
  CHECK(after("CREATE TABLE merged (id INT) ENGINE=MRG_MyISAM", "INSERT INTO merged VALUES (1)") == "halt");
  CHECK(after("CREATE TABLE copy LIKE held", "INSERT INTO copy VALUES (1, 'PII')") == kEmpty);
  CHECK(after("CREATE TABLE copy LIKE unknown", "INSERT INTO copy VALUES (1, 'PII')") == "halt");
  CHECK(after("CREATE TABLE IF NOT EXISTS maybe_a_view (id INT)", "INSERT INTO maybe_a_view VALUES (1)") == "halt");
  CHECK(after("ALTER TABLE kept ADD FOREIGN KEY (pii) REFERENCES held (id) ON DELETE NO ACTION", "DELETE FROM held") ==
        kEmpty);
}

}  // namespace
}  // namespace relay::scrub_rules::testing
