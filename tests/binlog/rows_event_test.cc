#include "relay/binlog/rows_event.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

namespace relay::binlog {

namespace {

// The event borrows from the body, so the bodies are kept.
base::Result<RowsEvent> parse(EventType type, const std::vector<std::uint8_t>& body) {
  static std::deque<std::vector<std::uint8_t>> bodies;
  const auto& kept = bodies.emplace_back(body);
  return RowsEvent::parse(type, {kept.data(), kept.size()});
}

}  // namespace

TEST_CASE("rows_event: version 1, version 2 and updates", "[binlog]") {
  const auto v1 = parse(EventType::write_rows_v1, {7, 0, 0, 0, 0, 1, 1, 0, 2, 0x03, 'r'});
  REQUIRE(v1);
  CHECK(v1->kind == RowsKind::write);
  CHECK(v1->table_id == 0x010000000007);
  CHECK(v1->ends_statement());
  CHECK(v1->width == 2);
  CHECK(v1->present == v1->present_after);
  CHECK(v1->rows.text() == "r");
  CHECK_FALSE(v1->version_2);
  const auto update = parse(EventType::update_rows_v2, {7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 2, 3, 9, 0xff, 1, 4, 0, 'r'});
  REQUIRE(update);
  CHECK(update->kind == RowsKind::update);
  CHECK(update->version_2);
  CHECK_FALSE(update->ends_statement());
  CHECK(update->extra_data.size() == 3);
  CHECK(update->present.size() == 2);
  CHECK(update->present_after[0] == 4);
  CHECK(update->rows.text() == "r");
  const auto partial = parse(EventType::partial_update_rows, {7, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 'r'});
  REQUIRE(partial);
  CHECK(partial->partial_json);
  CHECK(partial->kind == RowsKind::update);
}

TEST_CASE("rows_event: the dummy that only ends a statement is read", "[binlog]") {
  const auto dummy = parse(EventType::write_rows_v1, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, 0});
  REQUIRE(dummy);
  CHECK(dummy->table_id == kDummyTableId);
  CHECK(dummy->ends_statement());
  CHECK(dummy->rows.empty());
}

TEST_CASE("rows_event: rows without any column in them are refused, for no walk over them would end", "[binlog]") {
  CHECK_FALSE(parse(EventType::write_rows_v1, {7, 0, 0, 0, 0, 0, 1, 0, 1, 0x00, 'r'}));
  CHECK_FALSE(
      parse(EventType::write_rows_v1, {7, 0, 0, 0, 0, 0, 1, 0, 3, 0xf8, 'r'}));  // only bits behind the last column
  CHECK_FALSE(parse(EventType::update_rows_v1, {7, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 'r'}));
  CHECK(parse(EventType::update_rows_v1, {7, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 'r'}));
}

TEST_CASE("rows_event: heads that are cut or cannot be are refused", "[binlog]") {
  const std::vector<std::uint8_t> head = {7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 2, 3, 9, 0xff, 1, 4, 0};
  CHECK(parse(EventType::update_rows_v2, head));
  for (std::size_t size = 0; size < head.size(); ++size) {
    CHECK_FALSE(RowsEvent::parse(EventType::update_rows_v2, {head.data(), size}));
  }
  CHECK_FALSE(parse(EventType::write_rows_v1, {7, 0, 0, 0, 0, 0, 0, 0, 0}));                          // no columns
  CHECK_FALSE(parse(EventType::write_rows_v1, {7, 0, 0, 0, 0, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff, 1}));  // too many
  CHECK_FALSE(
      parse(EventType::write_rows_v2, {7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1}));  // extra data without its own length
  for (const EventType type : {EventType::pre_ga_write_rows, EventType::query, EventType::partial_row_data}) {
    const auto other = parse(type, head);
    REQUIRE_FALSE(other);
    CHECK(other.error().kind() == base::ErrorKind::unsupported);
  }
}

}  // namespace relay::binlog
