#include "relay/seed/schema_survey.h"

#include <catch2/catch.hpp>

namespace relay::seed {
namespace {

TEST_CASE("schema_survey: working tables of schema changes are known by the tables beside them", "[seed]") {
  const std::vector<sql::TableName> names = {{"shop", "Kunde"}, {"shop", "ordre"}, {"crm", "kunde_old"}};
  for (const char* table : {"_Kunde_gho", "_Kunde_ghc", "_Kunde_del", "_Kunde_20260101120000_del", "_Kunde_new",
                            "__Kunde_new", "_Kunde_old"}) {
    INFO(table);
    CHECK(changed_table({"shop", table}, names, false) == "Kunde");
  }
  CHECK(changed_table({"shop", "_kunde_gho"}, names, true) == "Kunde");
  CHECK_FALSE(changed_table({"shop", "_kunde_gho"}, names, false));
  CHECK_FALSE(changed_table({"crm", "_ordre_new"}, names, false));
  CHECK_FALSE(changed_table({"crm", "kunde_old"}, names, false));
  CHECK_FALSE(changed_table({"shop", "Kunde"}, names, false));
}

}  // namespace
}  // namespace relay::seed
