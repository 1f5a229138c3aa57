#include "relay/seed/table_sampler.h"

#include <catch2/catch.hpp>

#include "draft_maker.h"

namespace relay::seed {
namespace {

using testing::draft_of;

TEST_CASE("table_sampler: asks for the beginnings of values, converted, at both ends of the key", "[seed]") {
  TableDraft draft = draft_of("t", {{"id", "int not null"}, {"a`b", "longtext"}});
  CHECK(sample_statement(draft.definition, {1}, false, 7) ==
        "SELECT CONVERT(LEFT(`a``b`, 256) USING utf8mb4) FROM `db`.`t` LIMIT 7");
  testing::add_index(draft, sql::IndexKind::primary, {"id"});
  CHECK(sample_statement(draft.definition, {0}, true, 7) ==
        "SELECT CONVERT(LEFT(`id`, 256) USING utf8mb4) FROM `db`.`t` ORDER BY `id` DESC LIMIT 7");
}

TEST_CASE("table_sampler: what would have to be sorted is not ordered", "[seed]") {
  TableDraft draft = draft_of("t", {{"id", "varchar(200) not null"}});
  testing::add_index(draft, sql::IndexKind::primary, {"id"});
  CHECK(ordering_columns(draft.definition).size() == 1);
  draft.definition.indexes[0].parts[0].prefix = 10;
  CHECK(ordering_columns(draft.definition).empty());
  draft.definition.indexes[0].parts[0].prefix.reset();
  draft.definition.engine = "memory";
  CHECK(ordering_columns(draft.definition).empty());
}

}  // namespace
}  // namespace relay::seed
