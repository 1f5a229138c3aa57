#include <catch2/catch.hpp>
#include <random>

#include "sql_tester.h"

namespace relay::sql::test {
namespace {

const std::vector<std::string> kStatements = {
    "create table t (id int unsigned not null auto_increment primary key, a varchar(20) charset utf8mb4 default "
    "'x\\'y' comment 'c', b int check (b <> 4242), "
    "c varchar(40) as (concat(a,'g')) stored, e enum('a','b''c'), ts timestamp(3) not null default "
    "current_timestamp(3) on update current_timestamp(3), "
    "key fk ((concat(a,'i'))), unique u (a(3) desc, b), constraint f foreign key (b) references p (id) on delete set "
    "null) engine=innodb comment='c' "
    "partition by range(id) (partition p0 values less than (4243), partition p1 values less than maxvalue comment 'p')",
    "alter table t add column (x int, y text, key (x)), drop z, modify a bigint first, change b bb decimal(10,2) after "
    "a, alter c set default 'q', "
    "add constraint k check (a > 0), drop foreign key f, rename to u, convert to character set utf8mb4, "
    "algorithm=inplace, lock=none",
    "rename table a to b, b to c",
    "XA START X'534543',X'4251',7",
    "create definer=`a`@`b` view v as select 1",
    "/*!50100 drop */ table /* x */ t",
    "set statement max_statement_time=1 for create unique index i on t (a(3))",
    "alter table t reorganize partition p into (partition q values in (1,2))"};

// Whatever it is, reading ends without a crash; what is read can be applied and rewritten.
void survive(const std::string& text, const SqlContext& context) {
  const auto read = read_statement(text, context);
  if (!read) return;
  MapCatalog catalog;
  catalog.run("create table t (id int, z int, a int, b int, c int, key z (z))", context);
  const auto changes = apply(**read, catalog);
  if (!changes) return;
  (void)rewrite(**read, catalog, *changes, RuleFates("t: a=drop; u; a; b; c"), context);
}

}  // namespace

TEST_CASE("statement_reader: survives every truncation of every statement", "[sql]") {
  for (const auto& statement : kStatements) {
    for (std::size_t length = 0; length <= statement.size(); ++length) {
      survive(statement.substr(0, length), mysql());
      survive(statement.substr(0, length), maria());
    }
  }
}

TEST_CASE("statement_reader: survives changed bytes", "[sql]") {
  std::mt19937 random(20261123);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
  const std::string palette = "`'\"(),.;/*!-#@\\ 0x1aB_\xC3\x00\xFF";
  for (const auto& statement : kStatements) {
    for (int round = 0; round < 400; ++round) {
      std::string text = statement;
      for (int change = 0; change < 3; ++change) text[random() % text.size()] = palette[random() % palette.size()];
      survive(text, round % 2 == 0 ? mysql() : maria());
    }
  }
}

TEST_CASE("statement_reader: reads deep and long text in bounded memory", "[sql]") {
  const std::string deep(200000, '(');
  CHECK(kind_of("create table t (a int default " + deep + ")", mysql()) == "error unsupported");
  CHECK(kind_of("create table t (a int default " + deep + "1" + std::string(200000, ')') + ")", mysql()) ==
        "create table");
  CHECK(kind_of(std::string(3000000, '('), mysql()) == "error unsupported");  // more tokens than are read
  CHECK(kind_of("insert into t values ('" + std::string(2000000, 'x') + "')", mysql()) == "changes data");
}

}  // namespace relay::sql::test
