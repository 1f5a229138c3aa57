#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "relay/binlog/event_type.h"
#include "relay/binlog/rows_event.h"
#include "scrub_rules/table_plan.h"

// Rows events as plain data, with an encoder and a decoder of their own that share nothing with the code under test:
// they are what it is compared with.
namespace relay::scrub_rules::testing {

using Random = std::mt19937;
[[nodiscard]] std::size_t pick(Random& random, std::size_t below);
[[nodiscard]] bool one_in(Random& random, std::size_t count);
[[nodiscard]] std::string random_bytes(Random& random, std::size_t count);

struct ModelColumn {
  std::uint8_t type = 0;
  std::string metadata;    // as in a table map
  std::size_t prefix = 0;  // bytes of a cell's length; 0: cells have `size` bytes
  std::size_t size = 0;    // of a cell; with a prefix the most that is drawn
  bool nullable = true;
  [[nodiscard]] bool is_json() const { return type == 245; }
};

struct ModelCell {
  bool present = false;
  bool null = false;
  bool diff = false;  // a partial update's
  std::string bytes;  // with the length
  friend bool operator==(const ModelCell&, const ModelCell&) = default;
};
using ModelImage = std::vector<ModelCell>;  // one cell per column of the table

struct ModelEvent {
  binlog::RowsKind kind = binlog::RowsKind::write;
  bool version_2 = true;
  bool partial = false;
  std::uint64_t table_id = 0;
  std::uint16_t flags = 0;
  std::string extra_data;
  std::vector<ModelImage> images;  // update: before and after in turn

  [[nodiscard]] binlog::EventType type() const;
  friend bool operator==(const ModelEvent&, const ModelEvent&) = default;
};

[[nodiscard]] ModelColumn random_column(Random& random);
[[nodiscard]] std::string random_cell(Random& random, const ModelColumn& column);
// With random images: full or minimal, extra data, flags.
[[nodiscard]] ModelEvent random_event(Random& random, const std::vector<ModelColumn>& columns);

[[nodiscard]] std::string encode_table_map(const std::vector<ModelColumn>& columns);
// Padding bits, and bits beyond the last column, are drawn.
[[nodiscard]] std::string encode_event(Random& random, const ModelEvent& event,
                                       const std::vector<ModelColumn>& columns);
// Throws std::runtime_error when the bytes are not exactly an event of these columns.
[[nodiscard]] ModelEvent decode_event(binlog::EventType type, const std::string& body,
                                      const std::vector<ModelColumn>& columns);

// What a plan should make of an event.
[[nodiscard]] ModelEvent expected_event(const ModelEvent& event, const TablePlan& plan);
[[nodiscard]] std::vector<ModelColumn> kept_columns(const std::vector<ModelColumn>& columns, const TablePlan& plan);

}  // namespace relay::scrub_rules::testing
