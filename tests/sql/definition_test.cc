#include <catch2/catch.hpp>

#include "sql_tester.h"

namespace relay::sql::test {
namespace {

std::string definition(const std::vector<std::string>& statements, const SqlContext& context = mysql(),
                       const std::string& table = "t") {
  MapCatalog catalog;
  for (const auto& statement : statements) catalog.run(statement, context);
  const TableDefinition* found = catalog.find({"d", table});
  return found == nullptr ? "none" : described(*found);
}

}  // namespace

TEST_CASE("apply: types are what the server makes of them", "[sql]") {
  struct Case {
    std::string written;
    std::string made;
  };
  const std::vector<Case> cases = {{"integer", "int"},
                                   {"int(11) zerofill", "int(11) unsigned"},
                                   {"int4 signed", "int"},
                                   {"bool", "tinyint(1)"},
                                   {"dec", "decimal(10,0)"},
                                   {"numeric(5)", "decimal(5,0)"},
                                   {"fixed(5,2) unsigned", "decimal(5,2) unsigned"},
                                   {"real", "double"},
                                   {"double precision(7,3)", "double(7,3)"},
                                   {"float(24)", "float"},
                                   {"float(25)", "double"},
                                   {"float(7,4)", "float(7,4)"},
                                   {"bit", "bit(1)"},
                                   {"char", "char(1) latin1/latin1_swedish_ci"},
                                   {"character varying(5)", "varchar(5) latin1/latin1_swedish_ci"},
                                   {"national varchar(5)", "varchar(5) utf8mb3/"},
                                   {"nchar(5)", "char(5) utf8mb3/"},
                                   {"char(5) byte", "binary(5)"},
                                   {"varchar(5) charset binary", "varbinary(5)"},
                                   {"text charset binary", "blob"},
                                   {"binary", "binary(1)"},
                                   {"text(200)", "tinytext latin1/latin1_swedish_ci"},
                                   {"text(200) charset utf8mb4", "text utf8mb4/"},
                                   {"blob(70000)", "mediumblob"},
                                   {"long varchar", "mediumtext latin1/latin1_swedish_ci"},
                                   {"long varbinary", "mediumblob"},
                                   {"varchar(20000) charset utf8mb4", "mediumtext utf8mb4/"},
                                   {"varchar(5) collate utf8mb4_bin", "varchar(5) utf8mb4/utf8mb4_bin"},
                                   {"varchar(5) charset koi8r", "varchar(5) koi8r/koi8r_general_ci"},
                                   {"varchar(5) binary", "varchar(5) latin1/latin1_bin"},
                                   {"varchar(5) ascii", "varchar(5) latin1/latin1_swedish_ci"},
                                   {"enum('a','b''c')", "enum latin1/latin1_swedish_ci {a,b'c}"},
                                   {"set('x') charset utf8mb4", "set utf8mb4/ {x}"},
                                   {"year(4)", "year(4)"},
                                   {"timestamp(3) null", "timestamp(3)"},
                                   {"geomcollection", "geometrycollection"},
                                   {"point not null srid 4326", "point not null"},
                                   {"json", "json"},
                                   {"vector(4)", "vector(4)"}};
  for (const auto& each : cases) {
    INFO(each.written);
    CHECK(definition({"create table t (c " + each.written + ")"}) == "c " + each.made);
  }
  CHECK(definition({"create table t (c json)"}, maria()) == "c longtext utf8mb4/utf8mb4_bin");
  CHECK(definition({"create table t (c real)"}, mysql(50624, 1)) == "c float");
  CHECK(definition({"create table t (c serial)"}) == "c bigint unsigned not null auto | unique c(c)");
}

TEST_CASE("apply: nullability, defaults and computed columns", "[sql]") {
  CHECK(definition({"create table t (a int, b int not null, c int primary key, ts timestamp)"}) ==
        "a int; b int not null; c int not null; ts timestamp | primary PRIMARY(c)");
  SqlContext old = mysql(50624);
  old.explicit_defaults_for_timestamp = false;
  CHECK(definition({"create table t (ts timestamp, tn timestamp null, dt datetime)"}, old) ==
        "ts timestamp not null; tn timestamp; dt datetime");
  CHECK(definition(
            {"create table t (a int, `b c` int as (`A` + 1), c int default (a + `b c`), e int as (length('a')))"}) ==
        "a int; b c int generated <a>; c int <a,b c>; e int generated");
  CHECK(
      definition({"create table t (date date, a datetime, b date as (cast(a as date)), c date as (date(a)), d date as "
                  "(`date`), e date as (cast(date as date)))"}) ==
      "date date; a datetime; b date generated <a>; c date generated <a>; d date generated <date>; e date generated "
      "<date>");
  CHECK(definition({"create table t (`my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */, a int, "
                    "primary key (my_row_id))"}) ==
        "my_row_id bigint unsigned not null auto invisible implicit; a int | primary PRIMARY(my_row_id)");
}

TEST_CASE("apply: indexes get the names that the server chooses", "[sql]") {
  CHECK(definition({"create table t (a int, b int, key (a), key (a, b), unique (a), key ((a + b)), key ((a * b)), "
                    "fulltext x (c), c text, key (c(10)))"}) ==
        "a int; b int; c text latin1/latin1_swedish_ci | plain a(a); plain a_2(a,b); unique a_3(a); plain "
        "functional_index(<a,b>); plain functional_index_2(<a,b>); fulltext x(c); plain c(c/10)");
  CHECK(definition({"create table p (id int primary key)",
                    "create table t (a int, b int, c int, foreign key (a) references p (id), constraint f foreign key "
                    "(b) references p (id), "
                    "foreign key (c) references p (id), key cx (c, a))"}) ==
        "a int; b int; c int | plain a(a); plain f(b); plain cx(c,a)");
}

TEST_CASE("apply: indexes know whether statements may read by them", "[sql]") {
  const std::string table = "create table t (a int, unique x (a) invisible, key y (a) visible)";
  CHECK(definition({table}) == "a int | unique x(a) invisible; plain y(a)");
  CHECK(definition({table, "alter table t alter index x visible, alter index y invisible"}) ==
        "a int | unique x(a); plain y(a) invisible");
  CHECK(definition({"create table t (a int, unique x (a) ignored, key y (a) not ignored)"}, maria()) ==
        "a int | unique x(a) invisible; plain y(a)");
}

TEST_CASE("apply: MariaDB's hash indexes and system versioning", "[sql]") {
  CHECK(definition({"create table t (a blob, b varchar(10), c varchar(3000) charset utf8mb4, unique (a), unique (b), "
                    "unique (c), unique u (b) using hash, unique p (a(10)))"},
                   maria()) ==
        "a blob; b varchar(10) latin1/latin1_swedish_ci; c varchar(3000) utf8mb4/ | unique a(a) hash; unique b(b); "
        "unique c(c) hash; unique u(b) hash; unique p(a/10)");
  const std::string versioned = "create table t (a int) with system versioning";
  CHECK(definition({versioned}, maria()) ==
        "a int; row_start timestamp(6) not null invisible implicit; row_end timestamp(6) not null invisible implicit");
  CHECK(definition({versioned, "alter table t add b int"}, maria()) ==
        "a int; b int; row_start timestamp(6) not null invisible implicit; row_end timestamp(6) not null invisible "
        "implicit");
  CHECK(definition({versioned, "alter table t drop system versioning"}, maria()) == "a int");
  CHECK(definition({"create table t (a int)", "alter table t add system versioning"}, maria()) ==
        "a int; row_start timestamp(6) not null invisible implicit; row_end timestamp(6) not null invisible implicit");
}

TEST_CASE("apply: ALTER TABLE carries a definition forward", "[sql]") {
  const std::string base = "create table t (a int primary key, b int, c varchar(5), key bc (b, c), key c (c(3)))";
  struct Case {
    std::string alter;
    std::string made;
  };
  const std::string characters = " latin1/latin1_swedish_ci";
  const std::vector<Case> cases = {
      {"drop b", "a int not null; c varchar(5)" + characters + " | primary PRIMARY(a); plain bc(c); plain c(c/3)"},
      {"drop b, drop c", "a int not null | primary PRIMARY(a)"},
      {"change b bb bigint first",
       "bb bigint; a int not null; c varchar(5)" + characters + " | primary PRIMARY(a); plain bc(bb,c); plain c(c/3)"},
      {"modify c varchar(2)",
       "a int not null; b int; c varchar(2)" + characters + " | primary PRIMARY(a); plain bc(b,c); plain c(c)"},
      {"add x int after a, add y int after a, add z int first",
       "z int; a int not null; y int; x int; b int; c varchar(5)" + characters +
           " | primary PRIMARY(a); plain bc(b,c); plain c(c/3)"},
      {"drop primary key, add primary key (b)", "a int not null; b int not null; c varchar(5)" + characters +
                                                    " | primary PRIMARY(b); plain bc(b,c); plain c(c/3)"},
      {"rename column b to x, rename index bc to xc",
       "a int not null; x int; c varchar(5)" + characters + " | primary PRIMARY(a); plain xc(x,c); plain c(c/3)"},
      {"convert to character set utf8mb4 collate utf8mb4_bin",
       "a int not null; b int; c varchar(5) utf8mb4/utf8mb4_bin | primary PRIMARY(a); plain bc(b,c); plain c(c/3)"},
      {"charset utf8mb4 collate utf8mb4_bin, add x text",
       "a int not null; b int; c varchar(5)" + characters +
           "; x text utf8mb4/utf8mb4_bin | primary PRIMARY(a); plain bc(b,c); plain c(c/3)"},
      {"modify a int after c",
       "b int; c varchar(5)" + characters + "; a int not null | primary PRIMARY(a); plain bc(b,c); plain c(c/3)"},
      {"drop c, add c text after a",
       "a int not null; c text" + characters + "; b int | primary PRIMARY(a); plain bc(b,c/5); plain c(c/3)"},
      {"add key (b), add unique (b, a)",
       "a int not null; b int; c varchar(5)" + characters +
           " | primary PRIMARY(a); plain bc(b,c); plain c(c/3); plain b(b); unique b_2(b,a)"},
  };
  for (const auto& each : cases) {
    INFO(each.alter);
    CHECK(definition({base, "alter table t " + each.alter}) == each.made);
  }
  CHECK(definition({"create table t (a text charset latin1, b tinytext charset latin1)",
                    "alter table t convert to character set utf8mb4 collate utf8mb4_bin"}) ==
        "a mediumtext utf8mb4/utf8mb4_bin; b text utf8mb4/utf8mb4_bin");
  CHECK(definition({"create table t (a int, g int as (a), key k ((a + 1)), check (a > 0))",
                    "alter table t rename column a to b"},
                   maria()) == "b int; g int generated <b> | plain k(<b>)");
}

TEST_CASE("apply: RENAME, LIKE, DROP and databases", "[sql]") {
  const std::vector<std::string> two = {"create table t (a int)", "create table u (b int)"};
  CHECK(definition({two[0], two[1], "rename table t to x, u to t, x to u"}) == "b int");
  CHECK(definition({two[0], two[1], "rename table t to x, u to t, x to u"}, mysql(), "u") == "a int");
  CHECK(definition({two[0], two[1], "rename table t to x, u to t, x to u"}, mysql(), "x") == "none");
  CHECK(definition({two[0], "create table c like t"}, mysql(), "c") == "a int");
  CHECK(definition({two[0], "alter table t rename to z, add b int"}, mysql(), "z") == "a int; b int");
  CHECK(definition({two[0], "drop table t"}) == "none");
  CHECK(definition({two[0], "drop database d"}) == "none");
  CHECK(definition({two[0], "create or replace table t (z int)"}, maria()) == "z int");
}

TEST_CASE("apply: foreign keys follow their parent", "[sql]") {
  MapCatalog catalog;
  for (const auto* text :
       {"create table p (id int primary key)", "create table t (a int, foreign key (a) references p (id))",
        "rename table p to q", "rename table t to u"})
    catalog.run(text, mysql());
  const TableDefinition* child = catalog.find({"d", "u"});
  REQUIRE(child != nullptr);
  CHECK(child->foreign_keys.at(0).referenced_table == "q");
  CHECK(child->foreign_keys.at(0).name == "u_ibfk_1");
}

}  // namespace relay::sql::test
