#include "relay/binlog/stream_state.h"

#include <catch2/catch.hpp>

#include "relay/binlog/event_maker.h"
#include "relay/binlog/query_event.h"
#include "relay/binlog/statement_words.h"

namespace relay::binlog {

namespace {

// A stream in words: each is one event, and the wanted outcome stands behind it. "F" and "M" are the format
// descriptions of MySQL and MariaDB, "F!" one of a server that has started anew, "g" a GTID, "g1" and "g0" MariaDB's
// with and without STANDALONE, a number an event type with an empty body, "R" and "E" rows events without and with the
// end of their statement, and anything in quotes a query.
class Stream {
 public:
  // '(' begins, ')' ends a transaction, '-' neither, '~' artificial, 'x' an error, '!' abandons.
  std::string say(const std::string& word) {
    const base::Buffer event = make(word);
    const auto view = EventView::parse(event.view(), ChecksumAlgorithm::none);
    REQUIRE(view);
    const auto step = state_.advance(*view);
    if (!step) return "x";
    std::string outcome;
    if (step->abandons_transaction) outcome += '!';
    if (step->begins_transaction) outcome += '(';
    if (step->ends_transaction) outcome += ')';
    if (step->artificial) outcome += '~';
    return outcome.empty() ? "-" : outcome;
  }
  std::string run(const std::vector<std::string>& words) {
    std::string outcomes;
    for (const std::string& word : words) outcomes += (outcomes.empty() ? "" : " ") + say(word);
    return outcomes;
  }
  [[nodiscard]] StreamState& state() { return state_; }

 private:
  static base::Buffer event(EventType type, base::ByteView body, std::uint16_t flags = 0, std::uint32_t timestamp = 1) {
    base::Buffer into;
    EventHeader header;
    header.timestamp = timestamp;
    header.type_code = static_cast<std::uint8_t>(type);
    header.flags = flags;
    std::uint8_t encoded[kEventHeaderSize];
    encode_event_header(header, encoded);
    into.append({encoded, sizeof encoded});
    into.append(body);
    seal_event(into, 0, ChecksumAlgorithm::none);
    return into;
  }

  static base::Buffer format(const char* version, std::uint32_t created, std::uint64_t next_position) {
    FormatDescription format;
    format.server_version = version;
    format.created = created;
    format.post_header_lengths.assign(40, 0);
    base::Buffer into;
    EventMaker(1, ChecksumAlgorithm::none).format_description(format, 1, next_position, into);
    return into;
  }

  static base::Buffer make(const std::string& word) {
    base::Buffer body;
    if (word == "F") return format("9.7.4", 0, 126);
    if (word == "F!") return format("9.7.4", 7, 126);
    if (word == "F~") return format("9.7.4", 0, 0);
    if (word == "M") return format("10.11.19-MariaDB-log", 0, 126);
    if (word == "rotate0") return event(EventType::rotate, {}, 0, 0);
    if (word == "rotate~") return event(EventType::rotate, {}, kFlagArtificial, 0);
    if (word == "list~") return event(EventType::gtid_list, {}, kFlagArtificial);
    if (word == "g") {
      body.append_fill(17, 1);
      body.append_u64(1);
      return event(EventType::gtid, body.view());
    }
    if (word == "g0" || word == "g1") {
      body.append_fill(12, 1);
      body.append_u8(word == "g1" ? 1 : 0);
      body.append_fill(6, 0);
      return event(EventType::mariadb_gtid, body.view());
    }
    if (word == "R" || word == "E") {
      body.append_fill(6, 0);
      body.append_u16(word == "E" ? 1 : 0);
      body.append_u8(1);
      body.append_fill(3, 0xff);
      return event(EventType::write_rows_v1, body.view());
    }
    if (word[0] == '"') {
      QueryEvent query;
      query.statement = base::ByteView::of(std::string_view(word).substr(1, word.size() - 2));
      encode_query_body(query, body);
      return event(EventType::query, body.view());
    }
    return event(static_cast<EventType>(std::stoi(word)), {});
  }

  StreamState state_;
};

std::string run(const std::vector<std::string>& words) { return Stream().run(words); }

}  // namespace

TEST_CASE("stream_state: MySQL with GTIDs", "[binlog]") {
  CHECK(run({"F", "35", "g", "\"create table t(a int)\"", "4"}) == "- - ( ) -");
  CHECK(run({"F", "g", "\"BEGIN\"", "19", "R", "E", "16", "3"}) == "- ( - - - - ) -");
  CHECK(run({"F", "g", "\"BEGIN\"", "E", "\"COMMIT\""}) == "- ( - - )");
  CHECK(run({"F", "g", "\"BEGIN\"", "E", "\"SAVEPOINT `a`\"", "\"ROLLBACK TO `a`\"", "\"ROLLBACK\""}) ==
        "- ( - - - - )");
  CHECK(run({"F", "34", "\"BEGIN\"", "16"}) == "- x ( )");  // a GTID event that is cut short leaves the state as it was
}

TEST_CASE("stream_state: MySQL without GTIDs", "[binlog]") {
  CHECK(run({"F", "\"BEGIN\"", "19", "E", "16", "\"drop table t\"", "\"begin\"", "E", "\"commit\""}) ==
        "- ( - - ) () ( - )");
  CHECK(run({"F", "5", "13", "14", "\"insert into t values (@a)\""}) == "- ( - - )");
  CHECK(run({"F", "17", "9", "18"}) == "- ( - )");
  CHECK(run({"F", "26", "g", "26"}) == "- () ( )");
}

TEST_CASE("stream_state: XA in MySQL", "[binlog]") {
  CHECK(run({"F", "g", "\"XA START X'61',X'',1\"", "19", "E", "\"XA END X'61',X'',1\"", "38", "g",
             "\"XA COMMIT X'61',X'',1\""}) == "- ( - - - - ) ( )");
  CHECK(run({"F", "\"XA START X'61',X'',1\"", "E", "\"XA END X'61',X'',1\"", "38", "\"XA ROLLBACK X'61',X'',1\""}) ==
        "- ( - - ) ()");
  CHECK(run({"F", "g", "\"XA START X'61',X'',1\"", "E", "\"XA END X'61',X'',1\"", "\"XA ROLLBACK X'61',X'',1\""}) ==
        "- ( - - - )");
}

TEST_CASE("stream_state: CREATE TABLE ... SELECT in MySQL, with and without BEGIN", "[binlog]") {
  const std::string create = "\"CREATE TABLE `t` (`a` int) START TRANSACTION\"";
  CHECK(run({"F", "g", "\"BEGIN\"", create, "19", "E", "16"}) == "- ( - - - - )");
  CHECK(run({"F", "g", create, "19", "E", "16", create, "E", "16"}) == "- ( - - - ) ( - )");
}

TEST_CASE("stream_state: a transaction payload ends with what is inside it", "[binlog]") {
  CHECK(run({"F", "g", "40", "\"BEGIN\"", "19", "E", "16", "g", "40", "\"BEGIN\"", "16"}) == "- ( - - - - ) ( - - )");
  CHECK(run({"F", "g", "40", "g"}) == "- ( - x");  // not opened: the next GTID is an error, never a silent loss
}

TEST_CASE("stream_state: MariaDB's groups", "[binlog]") {
  CHECK(run({"M", "163", "161", "g1", "\"create table t(a int)\"", "g0", "160", "19", "E", "16"}) ==
        "- - - ( ) ( - - - )");
  CHECK(run({"M", "g0", "\"insert into t values (1)\"", "\"COMMIT\"", "g0", "16", "g0", "\"ROLLBACK\""}) ==
        "- ( - ) ( ) ( )");
  CHECK(run({"M", "g0", "19", "E", "\"XA END X'61',X'',1\"", "38", "g1", "\"XA COMMIT X'61',X'',1\""}) ==
        "- ( - - - ) ( )");
  CHECK(run({"M", "g0", "\"CREATE TABLE t (x int)\"", "160", "19", "E", "16"}) == "- ( - - - - )");
  CHECK(run({"M", "g1", "5", "14", "\"insert into t values (@a)\""}) == "- ( - - )");
  CHECK(run({"M", "g1", "160", "19", "R", "E"}) == "- ( - - - )");
  CHECK(run({"M", "g1", "165", "g0", "165", "16"}) == "- ( ) ( - )");
  CHECK(run({"M", "g1", "\"# dropped\"", "g1", "\"BEGIN\"", "g1"}) == "- ( ) ( ) (");
}

TEST_CASE("stream_state: heartbeats and artificial events may come anywhere", "[binlog]") {
  CHECK(run({"rotate0", "F", "g", "rotate0", "\"BEGIN\"", "16"}) == "~ - ( ~ - )");
  CHECK(run({"rotate~", "27", "F~", "g", "27", "\"BEGIN\"", "41", "rotate~", "list~", "28", "16", "rotate~", "F"}) ==
        "~ ~ ~ ( ~ - ~ ~ ~ - ) ~ -");
}

TEST_CASE("stream_state: an event that may not stand where it stands is an error and changes nothing", "[binlog]") {
  CHECK(run({"4", "g", "\"BEGIN\"", "19", "F"}) == "x x x x -");
  CHECK(run({"F", "19", "E", "16", "38", "\"COMMIT\"", "\"ROLLBACK\"", "\"BEGIN\"", "16"}) == "- x x x x x x ( )");
  CHECK(run({"F", "g", "19", "16", "\"COMMIT\"", "g", "4", "35", "\"BEGIN\"", "16"}) == "- ( x x x x x x - )");
  CHECK(run({"F", "g", "\"BEGIN\"", "\"BEGIN\"", "\"XA START X'61',X'',1\"", "g", "4", "3", "161", "F", "16"}) ==
        "- ( - x x x x x x x )");
  CHECK(run({"M", "g0", "g0", "g1", "161", "16"}) == "- ( x x x )");
}

TEST_CASE("stream_state: a server that started anew gives up the transaction that its crash cut", "[binlog]") {
  Stream stream;
  CHECK(stream.run({"F", "g", "\"BEGIN\"", "19", "rotate~", "F!", "g", "\"BEGIN\"", "16"}) == "- ( - - ~ ! ( - )");
  CHECK(stream.run({"F!", "g"}) == "- (");
  CHECK(stream.state().mysql_gtid().has_value());
  CHECK(stream.state().place() == StreamState::Place::after_gtid);
  stream.state().abandon_transaction();
  CHECK_FALSE(stream.state().mysql_gtid().has_value());
  CHECK(stream.state().place() == StreamState::Place::between_transactions);
  CHECK(stream.run({"g", "\"BEGIN\"", "16"}) == "( - )");
}

TEST_CASE("stream_state: the GTID stays known until the next transaction begins", "[binlog]") {
  Stream stream;
  stream.run({"F", "g", "\"BEGIN\"", "16"});
  REQUIRE(stream.state().mysql_gtid());
  CHECK(stream.state().mysql_gtid()->gtid.number == 1);
  stream.run({"\"BEGIN\""});
  CHECK_FALSE(stream.state().mysql_gtid());
}

TEST_CASE("statement_words: only what the server itself writes is told apart", "[binlog]") {
  const auto word = [](std::string_view text) { return statement_word(base::ByteView::of(text)); };
  CHECK(word(" begin\n") == StatementWord::begin);
  CHECK(word("COMMIT") == StatementWord::commit);
  CHECK(word("rollback") == StatementWord::rollback);
  for (const char* text :
       {"", "BEGINNING", "BEGIN WORK", "ROLLBACK TO `a`", "COMMIT AND CHAIN", "XA", "XA START", "XA STARTS 'a'",
        "XA END X'61'", "CREATE TABLE t (a int) /* START TRANSACTION */",
        "CREATE TABLE t (a int default 'START TRANSACTION')", "START TRANSACTION",
        "CREATE PROCEDURE p() START TRANSACTION", "insert into t select 1 as START TRANSACTION",
        "CREATE TABLE RESTART TRANSACTION", "CREATE TABLE t (a int) -- START TRANSACTION",
        "CREATE TABLE t (a int) #START TRANSACTION", "CREATE TABLE t (a int) # it's START TRANSACTION",
        "CREATE TABLE t (a int) /*/ ' */ COMMENT='it''s \\' -- ' -- (a) START TRANSACTION"}) {
    INFO(text);
    CHECK(word(text) == StatementWord::other);
  }
  CHECK(word("XA BEGIN 'a'") == StatementWord::xa_start);
  CHECK(word("XA commit X'61'") == StatementWord::xa_end_of_prepared);
  CHECK(word("create table t (a int) start transaction") == StatementWord::create_start_transaction);
  CHECK(word("CREATE TABLE t (a int)START TRANSACTION ") == StatementWord::create_start_transaction);
  for (const char* text :
       {"CREATE TABLE `t#` (`a -- b` int COMMENT 'it''s # -- \\' --') COMMENT='--' START TRANSACTION",
        "CREATE TABLE t (a int default 1--1) -- one\n# two\nSTART TRANSACTION",
        "CREATE TABLE t (a int) /* # */ START TRANSACTION"}) {
    INFO(text);
    CHECK(word(text) == StatementWord::create_start_transaction);
  }
}

}  // namespace relay::binlog
