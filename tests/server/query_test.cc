#include <catch2/catch.hpp>

#include "relay/server/registration_queries.h"
#include "relay/server/statement_tokens.h"

using namespace relay::server;
using relay::base::ByteView;
using relay::binlog::Flavor;

namespace {

// Answers queries without a spool behind them; those that look into it are tested with one.
struct Asker {
  explicit Asker(Flavor flavor, std::optional<bool> gtid_mode = true) {
    settings.server_id = 9001;
    settings.server_uuid = "99999999-0000-0000-0000-000000000001";
    facts.flavor = flavor;
    facts.version = flavor == Flavor::mysql ? "9.7.4" : "10.11.19-MariaDB-log";
    facts.version_number = flavor == Flavor::mysql ? 90704 : 101119;
    facts.gtid_mode = gtid_mode;
    session.connection_id = 12;
    session.user = "bob";
  }
  // The only cell of the answer, "OK", "NULL", "nothing" for no row, or "ERR code".
  std::string ask(const std::string& statement) {
    const AnswerContext context{settings, spool, facts, session, kill};
    const QueryAnswer answer = answer_query(ByteView::of(statement), context);
    if (std::holds_alternative<OkAnswer>(answer)) return "OK";
    if (const auto* error = std::get_if<ErrorAnswer>(&answer)) return "ERR " + std::to_string(error->code);
    const auto& result = std::get<relay::wire::TextResult>(answer);
    if (result.rows.empty()) return "nothing";
    REQUIRE(result.rows[0].size() == result.columns.size());
    return result.rows[0].back().value_or("NULL");
  }

  ServerSettings settings;
  relay::spool::SpoolIndex index{relay::base::posix_file_system(), "/nowhere"};
  relay::spool::PublishedTail tail;
  relay::spool::SpoolLeases leases;
  SpoolAccess spool{relay::base::posix_file_system(), index, tail, leases};
  SourceFacts facts;
  SessionState session;
  std::function<bool(std::uint32_t)> kill = [](std::uint32_t id) { return id == 12; };
};

struct Sample {
  const char* statement;
  const char* answer;
};

void check(Asker& asker, const std::vector<Sample>& samples) {
  for (const Sample& sample : samples) {
    INFO(sample.statement);
    CHECK(asker.ask(sample.statement) == sample.answer);
  }
}

}  // namespace

TEST_CASE("registration_queries: a MySQL 5.6 replica gets through", "[server]") {
  Asker asker(Flavor::mysql);
  CHECK(asker.ask("SELECT UNIX_TIMESTAMP()").size() == 10);
  check(asker, {{"SHOW VARIABLES LIKE 'SERVER_ID'", "9001"},
                {"SET @master_heartbeat_period= 1799999979520", "OK"},
                {"SET @master_binlog_checksum= @@global.binlog_checksum", "OK"},
                {"SELECT @master_binlog_checksum", "CRC32"},
                {"SELECT @@GLOBAL.GTID_MODE", "ON"},
                {"SHOW VARIABLES LIKE 'SERVER_UUID'", "99999999-0000-0000-0000-000000000001"},
                {"SET @slave_uuid= 'u'", "OK"}});
  CHECK(asker.session.variables.get("slave_uuid") == "u");
  CHECK(asker.session.variables.get("master_heartbeat_period") == "1799999979520");
}

TEST_CASE("registration_queries: a MySQL 9.7 replica gets through", "[server]") {
  Asker asker(Flavor::mysql);
  check(asker,
        {{"SELECT @@GLOBAL.SERVER_ID", "9001"},
         {"SET @master_heartbeat_period = 2000000000, @source_heartbeat_period = 2000000000", "OK"},
         {"SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum",
          "OK"},
         {"SELECT @source_binlog_checksum", "CRC32"},
         {"SELECT @@GLOBAL.GTID_MODE", "ON"},
         {"SELECT @@GLOBAL.SERVER_UUID", "99999999-0000-0000-0000-000000000001"},
         {"SET @slave_uuid = 'u', @replica_uuid = 'v'", "OK"},
         // 1193 makes it go on without semi-synchronous replication.
         {"SELECT @@global.rpl_semi_sync_source_enabled", "ERR 1193"}});
  CHECK(asker.session.variables.get("replica_uuid", "slave_uuid") == "v");
  CHECK(asker.session.kind.is(Flavor::mysql));
}

TEST_CASE("registration_queries: a MariaDB replica gets through", "[server]") {
  Asker asker(Flavor::mariadb);
  check(asker, {{"SHOW VARIABLES LIKE 'SERVER_ID'", "9001"},
                {"SET @master_heartbeat_period= 30000001024", "OK"},
                {"SET @master_binlog_checksum= @@global.binlog_checksum", "OK"},
                {"SELECT @master_binlog_checksum", "CRC32"},
                {"SET @mariadb_slave_capability=4", "OK"},
                {"SELECT @@GLOBAL.gtid_domain_id", "0"},
                {"SET @slave_connect_state='0-1-2,3-4-5'", "OK"},
                {"SET @slave_gtid_strict_mode=1", "OK"},
                {"SET @slave_until_gtid='0-1-9'", "ERR 1235"},
                {"SET @slave_gtid_ignore_duplicates=0", "OK"},
                {"SHOW VARIABLES LIKE 'rpl_semi_sync_master_enabled'", "nothing"},
                {"KILL 12", "OK"},
                {"KILL 13", "ERR 1094"},
                {"KILL ?", "ERR 1235"},
                {"KILL =", "ERR 1235"}});
  CHECK(asker.session.variables.get("slave_connect_state") == "0-1-2,3-4-5");
  CHECK(asker.session.kind.is(Flavor::mariadb));
}

TEST_CASE("registration_queries: the tools get through", "[server]") {
  Asker asker(Flavor::mariadb);
  check(asker, {{"SELECT VERSION()", "10.11.19-MariaDB-log"},
                {"SET @master_binlog_checksum='NONE'", "OK"},
                {"SET @master_binlog_checksum = 'NONE', @source_binlog_checksum = 'NONE'", "OK"},
                {"SET @slave_connect_state=''", "OK"}});
  CHECK(asker.session.variables.get("source_binlog_checksum", "master_binlog_checksum") == "NONE");
  CHECK(asker.session.variables.has("slave_connect_state"));
}

TEST_CASE("registration_queries: case and white space mean nothing", "[server]") {
  Asker asker(Flavor::mysql);
  check(asker, {{"  sElEcT @@global.SERVER_id ; ", "9001"},
                {"/* hello */ select @@server_id limit 1", "9001"},
                {"SHOW\nVARIABLES  LIKE\t\"server_id\"", "9001"},
                {"set @a=1,@b = 'it''s' , @c= @a", "OK"},
                {"select @b", "it's"},
                {"select @c", "1"},
                {"select @A", "1"},
                {"select @never_set", "NULL"},
                {"set @n = null", "OK"},
                {"select @n", "NULL"},
                {"set @neg = -5", "OK"},
                {"select @neg", "-5"}});
}

TEST_CASE("registration_queries: what an operator's client sends at its start is answered", "[server]") {
  Asker asker(Flavor::mysql);
  check(asker, {{"select @@version_comment limit 1", "binlog-relay"},
                {"SET NAMES utf8mb4", "OK"},
                {"SET NAMES 'utf8mb4' COLLATE 'utf8mb4_bin'", "OK"},
                {"SET AUTOCOMMIT = 0", "OK"},
                {"set session sql_mode = 'ANSI'", "OK"},
                {"select database()", "NULL"},
                {"select user()", "bob"},
                {"select connection_id()", "12"},
                {"show warnings", "nothing"}});
}

TEST_CASE("registration_queries: anything else is refused politely", "[server]") {
  Asker asker(Flavor::mysql);
  const char* refused = "ERR 1235";
  check(asker, {{"", refused},
                {";", refused},
                {"select 1", refused},
                {"select * from mysql.user", refused},
                {"select @@server_id, 1", refused},
                {"select @@server_id @@server_id", refused},
                {"select @@server_id,", refused},
                {"insert into t values (1)", refused},
                {"set global read_only = 0", refused},
                {"set @a", refused},
                {"set @a = ", refused},
                {"set @a = 1,", refused},
                {"set @a = 1 + 1", refused},
                {"set @a 'x' = 1", refused},
                {"show variables like 'a' 'b'", refused},
                {"select 'unclosed", refused},
                {"/* unclosed", refused},
                {"select unix_timestamp(", refused},
                {"select '@@server_id'", refused},
                {"select @@no_such_variable", "ERR 1193"},
                {"set @a = @@no_such_variable", "ERR 1193"}});
}

TEST_CASE("registration_queries: variables belong to their flavour", "[server]") {
  Asker mysql(Flavor::mysql);
  Asker mariadb(Flavor::mariadb);
  CHECK(mysql.ask("SELECT @@GLOBAL.gtid_domain_id") == "ERR 1193");
  CHECK(mysql.ask("SELECT binlog_gtid_pos('f',4)") == "ERR 1305");
  CHECK(mariadb.ask("SELECT @@GLOBAL.GTID_MODE") == "ERR 1193");
  CHECK(mariadb.ask("SELECT @@GLOBAL.SERVER_UUID") == "ERR 1193");
  CHECK(mariadb.ask("SHOW VARIABLES LIKE 'SERVER_UUID'") == "nothing");
}

TEST_CASE("registration_queries: GTID_MODE is the source's, and unknown is an error that makes the replica come again",
          "[server]") {
  CHECK(Asker(Flavor::mysql, true).ask("SELECT @@GLOBAL.GTID_MODE") == "ON");
  CHECK(Asker(Flavor::mysql, false).ask("SELECT @@GLOBAL.GTID_MODE") == "OFF");
  CHECK(Asker(Flavor::mysql, std::nullopt).ask("SELECT @@GLOBAL.GTID_MODE") == "ERR 1105");
}

TEST_CASE("registration_queries: user variables are bounded in number and size", "[server]") {
  Asker asker(Flavor::mysql);
  for (int i = 0; i < 64; ++i) REQUIRE(asker.ask("set @v" + std::to_string(i) + " = 1") == "OK");
  CHECK(asker.ask("set @one_more = 1") == "ERR 1105");
  CHECK(asker.ask("set @v0 = 2") == "OK");
  const std::string big(UserVariables::kMaximumBytes, 'x');
  CHECK(asker.ask("set @v0 = '" + big + "'") == "ERR 1105");
  CHECK(asker.ask("set @v0 = '" + big.substr(100) + "'") == "OK");
  CHECK(asker.ask("set @v1 = '" + big.substr(100) + "'") == "ERR 1105");
  CHECK(asker.ask("set @v0 = ''") == "OK");
  CHECK(asker.ask("set @v1 = '" + big.substr(100) + "'") == "OK");
}

TEST_CASE("registration_queries: a replica that cannot follow is told so when it asks for checksums", "[server]") {
  Asker asker(Flavor::mysql);
  asker.session.kind = {Flavor::mariadb, 100523, "10.5.23"};
  CHECK(asker.ask("SET @master_binlog_checksum= 'NONE'") == "OK");
  CHECK_FALSE(asker.session.refusal);
  CHECK(asker.ask("SET @master_binlog_checksum= @@global.binlog_checksum") == "ERR 1235");
  CHECK(asker.session.refusal);
}

TEST_CASE("statement_tokens: a statement of too many tokens is none", "[server]") {
  std::string statement = "select 1";
  for (std::size_t i = 0; i < kMaximumTokens / 2 - 1; ++i) statement += ",1";
  CHECK(statement_tokens(statement)->size() == kMaximumTokens);
  CHECK_FALSE(statement_tokens(statement + ",1"));
}

TEST_CASE("statement_tokens: every cut of a statement ends well", "[server]") {
  const std::string statement = "SET @a = 'it''s \\' so', `b``c` = \"q\" /* c */, @@global.x = -1.5;";
  REQUIRE(statement_tokens(statement));
  for (std::size_t size = 0; size < statement.size(); ++size)
    static_cast<void>(statement_tokens(statement.substr(0, size)));
  CHECK_FALSE(statement_tokens(std::string("select \x01")));
  CHECK_FALSE(statement_tokens(std::string("select \xff")));
}
