#include <catch2/catch.hpp>

#include "relay/sql/character_set.h"
#include "sql_tester.h"

namespace relay::sql::test {
namespace {

TEST_CASE("names: fold as the servers fold them, in every script", "[sql]") {
  CHECK(folded("ABC_z$9") == "abc_z$9");
  CHECK(folded("\u00d8L \u00c9t\u00c9 \u00d7") == "\u00f8l \u00e9t\u00e9 \u00d7");
  CHECK(folded("\u0418\u041c\u042f \u0391\u03a9 \u0160\u0141") == "\u0438\u043c\u044f \u03b1\u03c9 \u0161\u0142");
  INFO("letters that change their length: the Kelvin sign, the dotted capital I");
  CHECK(equal_names("\u212a", "k"));
  CHECK(equal_names("\u0130d", "ID"));
  INFO("accents count, and no letter becomes two");
  CHECK_FALSE(equal_names("\u00e9", "e"));
  CHECK_FALSE(equal_names("stra\u00dfe", "strasse"));
  INFO("what is no UTF-8, or beyond what names may hold, stays");
  CHECK(folded("\xc3") == "\xc3");
  CHECK(folded("\xff\xc3(") == "\xff\xc3(");
  CHECK(folded("\U00010400") == "\U00010400");
}

TEST_CASE("names: a column computed from a stripped one goes with it, however the expression spells it", "[sql]") {
  const std::string create =
      "create table t (id int primary key, `\u0438\u043c\u044f` varchar(9), g varchar(20) as "
      "(concat(`\u0418\u041c\u042f`, 'x')))";
  const std::string left = rewritten({"", mysql(), {}, "t: \u0438\u043c\u044f=drop", create, ""});
  CHECK(left.find("`g`") == std::string::npos);
  CHECK(left.find("`id`") != std::string::npos);
}

}  // namespace
}  // namespace relay::sql::test
