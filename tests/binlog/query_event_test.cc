#include "relay/binlog/query_event.h"

#include <catch2/catch.hpp>
#include <vector>

namespace relay::binlog {

namespace {

using Bytes = std::vector<std::uint8_t>;

base::Result<Bytes> filtered(const Bytes& status, Flavor flavor) {
  base::Buffer into;
  RELAY_TRY(filter_query_status({status.data(), status.size()}, flavor, into));
  return Bytes(into.view().begin(), into.view().end());
}

base::Result<QueryStatus> read(const Bytes& status, Flavor flavor) {
  return parse_query_status({status.data(), status.size()}, flavor);
}

}  // namespace

TEST_CASE("query_event: lengths that do not fit are refused", "[binlog]") {
  QueryEvent event;
  event.thread_id = 9;
  event.error_code = 3;
  event.database = "shop";
  event.statement = base::ByteView::of("BEGIN");
  base::Buffer body;
  encode_query_body(event, body);
  const auto back = QueryEvent::parse(body.view());
  REQUIRE(back);
  CHECK(back->thread_id == 9);
  CHECK(back->error_code == 3);
  CHECK(back->database == "shop");
  CHECK(back->statement.text() == "BEGIN");
  for (std::size_t size = 0; size < body.size() - 5; ++size) CHECK_FALSE(QueryEvent::parse(body.view().sub(0, size)));
  body.patch_little_endian(13 + 4, 'x', 1);  // the NUL behind the database
  CHECK_FALSE(QueryEvent::parse(body.view()));
}

TEST_CASE("query_status: variables in any order", "[binlog]") {
  // Written by MariaDB 11.8 before the character set: collation overrides.
  const Bytes status = {131, 1, 33, 0, 0, 9, 4, 45, 0, 33, 0, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 0, 0};
  const auto read_back = read(status, Flavor::mariadb);
  REQUIRE(read_back);
  CHECK(read_back->client_collation == 45);
  CHECK(read_back->sql_mode == 0x0807060504030201);
  CHECK_FALSE(read_back->explicit_defaults_for_timestamp);
  CHECK(*filtered(status, Flavor::mariadb) == status);
}

TEST_CASE("query_status: every variable's length is known", "[binlog]") {
  struct Case {
    Bytes variable;
    Flavor flavor;
  };
  for (const Case& one : std::vector<Case>{{{0, 1, 2, 3, 4}, Flavor::mysql},
                                           {{2, 2, 'a', 'b', 0}, Flavor::mysql},
                                           {{3, 1, 0, 1, 0}, Flavor::mysql},
                                           {{5, 2, 'a', 'b'}, Flavor::mysql},
                                           {{6, 0}, Flavor::mysql},
                                           {{7, 1, 0}, Flavor::mysql},
                                           {{8, 1, 0}, Flavor::mysql},
                                           {{9, 1, 2, 3, 4, 5, 6, 7, 8}, Flavor::mysql},
                                           {{10, 1, 2, 3, 4}, Flavor::mysql},
                                           {{13, 1, 2, 3}, Flavor::mysql},
                                           {{16, 1}, Flavor::mysql},
                                           {{17, 1, 2, 3, 4, 5, 6, 7, 8}, Flavor::mysql},
                                           {{18, 1, 0}, Flavor::mysql},
                                           {{19, 1}, Flavor::mysql},
                                           {{20, 1}, Flavor::mysql},
                                           {{21, 1}, Flavor::mysql},
                                           {{128, 1, 2, 3}, Flavor::mariadb},
                                           {{129, 1, 2, 3, 4, 5, 6, 7, 8}, Flavor::mariadb},
                                           {{130, 2}, Flavor::mariadb},
                                           {{130, 4, 1, 2, 3, 4, 5, 6, 7, 8}, Flavor::mariadb},
                                           {{131, 1, 1, 0, 2, 0}, Flavor::mariadb}}) {
    INFO(int{one.variable[0]});
    CHECK(*filtered(one.variable, one.flavor) == one.variable);
    Bytes shorter = one.variable;
    shorter.pop_back();
    CHECK_FALSE(filtered(shorter, one.flavor));
    Bytes followed = one.variable;
    followed.insert(followed.end(), {1, 9, 0, 0, 0, 0, 0, 0, 0});
    CHECK(read(followed, one.flavor)->sql_mode == 9);
  }
}

TEST_CASE("query_status: names of people and databases are filtered out, the rest stays", "[binlog]") {
  const Bytes status = {0,   1,   0,  0, 0,   11, 3,   'b', 'o', 'b', 4, 'h', 'o',
                        's', 't', 12, 2, 'a', 0,  'b', 'c', 0,   16,  1, 12,  254};
  CHECK(*filtered(status, Flavor::mysql) == Bytes{0, 1, 0, 0, 0, 16, 1});
  CHECK(read(status, Flavor::mysql)->explicit_defaults_for_timestamp == true);
  CHECK_FALSE(filtered({12, 2, 'a', 0, 'b'}, Flavor::mysql));
  CHECK_FALSE(filtered({11, 3, 'b'}, Flavor::mysql));
}

TEST_CASE("query_status: a variable that is not known stops the reading", "[binlog]") {
  struct Case {
    std::uint8_t code;
    Flavor flavor;
  };
  for (const Case& one : {Case{14, Flavor::mysql},
                          {22, Flavor::mysql},
                          {128, Flavor::mysql},
                          {255, Flavor::mysql},
                          {17, Flavor::mariadb},
                          {132, Flavor::mariadb}}) {
    INFO(int{one.code});
    const auto outcome = filtered({one.code, 0, 0, 0, 0, 0, 0, 0, 0}, one.flavor);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind() == base::ErrorKind::unsupported);
  }
}

}  // namespace relay::binlog
