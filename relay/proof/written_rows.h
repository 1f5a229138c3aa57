#pragma once

#include <cstdint>
#include <vector>

#include "relay/base/result.h"
#include "relay/proof/part_reader.h"
#include "relay/proof/written_table.h"

namespace relay::proof {

// Walks rows events, image by image and cell by cell. The memory is reused.
class RowsReader {
 public:
  // Reads the body behind the table id and flags of a rows event of `table`, to its end: no extra data, as many columns
  // as the table map, no bit beyond them, whole images, and nothing but what is expected in cells that the rules blank.
  // `type` is one of the codes of is_rows(). Errors: io; rule, naming table and column.
  [[nodiscard]] base::Result<void> read(PartReader& reader, std::uint8_t type, const WrittenTable& table);
  // The event that belongs to no table and only ends a statement.
  [[nodiscard]] static bool read_statement_end(PartReader& reader, std::uint8_t type);

 private:
  // Bits, lowest first in each byte.
  using Bits = std::vector<std::uint8_t>;
  [[nodiscard]] base::Result<void> walk(PartReader& reader, bool update, bool partial);
  [[nodiscard]] base::Result<void> read_image(PartReader& reader, const Bits& present, bool partial);
  [[nodiscard]] base::Result<void> read_cell(PartReader& reader, std::size_t column, bool is_null, bool is_diff);
  bool read_present(PartReader& reader, std::size_t width, Bits& into) const;
  [[nodiscard]] tl::unexpected<base::Error> refuse(base::FixedText what, const PartReader& reader) const;
  [[nodiscard]] tl::unexpected<base::Error> refuse_cell(std::size_t column, const PartReader& reader) const;

  const WrittenTable* table_ = nullptr;
  Bits before_, after_, nulls_, diffs_;
  base::Buffer document_;
};

// WRITE, UPDATE and DELETE_ROWS of version 1 and 2, and PARTIAL_UPDATE_ROWS.
[[nodiscard]] bool is_rows(std::uint8_t type);

}  // namespace relay::proof
