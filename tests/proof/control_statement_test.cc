#include "relay/proof/control_statement.h"

#include <catch2/catch.hpp>
#include <string>

namespace relay::proof {
namespace {

const std::string kDigest(64, 'a');

TEST_CASE("control_statement: the fixed texts pass", "[proof]") {
  for (const std::string& text :
       {std::string("BEGIN"), std::string("COMMIT"), std::string("ROLLBACK"), std::string("# dropped"),
        std::string("SAVEPOINT `s1`"), std::string("ROLLBACK TO `s12`"), std::string("RELEASE SAVEPOINT `s3`"),
        "XA START X'" + kDigest + "',X'',1", "XA END X'" + kDigest + "',X'" + kDigest + "',4294967295",
        "XA PREPARE X'" + kDigest + "',X'',0", "XA ROLLBACK X'" + kDigest + "',X'',1",
        "XA COMMIT X'" + kDigest + "',X'',1", "XA COMMIT X'" + kDigest + "',X'',1 ONE PHASE"}) {
    INFO(text);
    CHECK(is_control_statement(text));
  }
}

TEST_CASE("control_statement: anything beside the fixed texts does not pass", "[proof]") {
  for (const std::string& text :
       {std::string(""), std::string("begin"), std::string("BEGIN "), std::string("BEGIN; DROP TABLE t"),
        std::string("COMMIT AND CHAIN"), std::string("# dropped 4711"), std::string("SAVEPOINT `ola`"),
        std::string("SAVEPOINT `s`"), std::string("SAVEPOINT `s1`x"), std::string("SAVEPOINT s1"),
        std::string("XA START X'6f6c61',X'',1"), "XA START X'" + kDigest + "',X'',1 JOIN",
        "XA START X'" + kDigest + "',X'',1 ONE PHASE", "XA BEGIN X'" + kDigest + "',X'',1",
        "XA START X'" + std::string(64, 'z') + "',X'',1", "XA START X'" + kDigest + "',X''",
        std::string("INSERT INTO t VALUES (1)")}) {
    INFO(text);
    CHECK_FALSE(is_control_statement(text));
  }
}

}  // namespace
}  // namespace relay::proof
