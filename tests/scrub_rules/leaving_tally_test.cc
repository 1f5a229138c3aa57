#include "scrub_rules/leaving_tally.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace relay::scrub_rules {
namespace {

using binlog::RowsKind;

TablePlan plan_of(std::string name, std::vector<std::string> columns, std::vector<CellFate> fates) {
  TablePlan plan;
  plan.leaves = true;
  plan.name = std::move(name);
  plan.column_names = std::make_shared<const std::vector<std::string>>(std::move(columns));
  plan.fates = std::move(fates);
  plan.identity = std::ranges::all_of(plan.fates, [](CellFate fate) { return fate == CellFate::keep; });
  return plan;
}

binlog::RowsEvent event_of(RowsKind kind, const char* present, const char* present_after = "") {
  binlog::RowsEvent event;
  event.kind = kind;
  event.present = base::ByteView::of(std::string_view(present, 1));
  if (kind == RowsKind::update) event.present_after = base::ByteView::of(std::string_view(present_after, 1));
  return event;
}

const ColumnTally& column(const TableTally& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &ColumnTally::column);
  REQUIRE(found != table.columns.end());
  return *found;
}

TEST_CASE("leaving_tally: counts cells by what became of them, both images of an update", "[scrub_rules]") {
  LeavingTally tally;
  const TablePlan plan = plan_of("d.t", {"id", "ssn", "note"}, {CellFate::keep, CellFate::drop, CellFate::replace});
  tally.add_rows(plan, event_of(RowsKind::write, "\x07"), 10);
  tally.add_rows(plan, event_of(RowsKind::update, "\x01", "\x06"), 3);  // id before, ssn and note after
  tally.commit();
  const auto tables = tally.take();
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].table == "d.t");
  CHECK(tables[0].events_rewritten == 2);
  CHECK(tables[0].events_kept == 0);
  CHECK(tables[0].rows == 13);
  CHECK(column(tables[0], "id").kept == 13);
  CHECK(column(tables[0], "ssn").dropped == 13);
  CHECK(column(tables[0], "note").altered == 13);
  CHECK(tally.take().empty());
}

TEST_CASE("leaving_tally: an abandoned transaction does not count, a denied table's events do", "[scrub_rules]") {
  LeavingTally tally;
  const TablePlan plan = plan_of("d.t", {"id"}, {CellFate::keep});
  tally.add_rows(plan, event_of(RowsKind::write, "\x01"), 5);
  tally.abandon();
  tally.commit();
  CHECK(tally.take().empty());
  TablePlan denied;
  denied.name = "d.denied";
  tally.add_denied(denied);
  tally.add_rows(plan, event_of(RowsKind::write, "\x01"), 1);
  tally.commit();
  const auto tables = tally.take();
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].events_denied == 1);
  CHECK(tables[1].events_kept == 1);
  CHECK(tables[1].rows == 1);
}

TEST_CASE("leaving_tally: a table that is altered keeps its sums by column name", "[scrub_rules]") {
  LeavingTally tally;
  tally.add_rows(plan_of("d.t", {"a", "b"}, {CellFate::keep, CellFate::drop}), event_of(RowsKind::write, "\x03"), 2);
  tally.commit();
  tally.add_rows(plan_of("d.t", {"b", "a"}, {CellFate::drop, CellFate::keep}), event_of(RowsKind::write, "\x03"), 3);
  tally.commit();
  const auto tables = tally.take();
  REQUIRE(tables.size() == 1);
  CHECK(column(tables[0], "a").kept == 5);
  CHECK(column(tables[0], "b").dropped == 5);
}

TEST_CASE("leaving_tally: taken inside a transaction, the open part counts later", "[scrub_rules]") {
  LeavingTally tally;
  const TablePlan plan = plan_of("d.t", {"id"}, {CellFate::keep});
  tally.add_rows(plan, event_of(RowsKind::write, "\x01"), 1);
  tally.commit();
  tally.add_rows(plan, event_of(RowsKind::write, "\x01"), 4);
  CHECK(tally.take().at(0).rows == 1);
  tally.commit();
  CHECK(tally.take().at(0).rows == 4);
}

}  // namespace
}  // namespace relay::scrub_rules
