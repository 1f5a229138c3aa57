#pragma once

#include <vector>

#include "relay/base/byte_reader.h"
#include "relay/binlog/rows_event.h"
#include "relay/binlog/table_map.h"

namespace relay::binlog::test {

// Walks all row images of a rows event, cell by cell; tells how many cells it met. Errors: malformed when the images do
// not end exactly where the rows do.
class RowWalker {
 public:
  RowWalker(const TableMap& map, const RowsEvent& event) : map_(map), event_(event), reader_(event.rows) {}

  base::Result<std::size_t> walk() {
    if (event_.width != map_.columns.size()) return malformed("width");
    for (const ColumnType& type : map_.columns) {
      RELAY_ASSIGN(const CellShape shape, cell_shape(type));
      shapes_.push_back(shape);
      if (type.code == TypeCode::json) ++json_columns_;
    }
    while (reader_.remaining() > 0) {
      RELAY_TRY(walk_image(event_.present, false));
      if (event_.kind == RowsKind::update) RELAY_TRY(walk_image(event_.present_after, event_.partial_json));
    }
    if (!reader_.at_end()) return malformed("cut short");
    return cells_;
  }

 private:
  static tl::unexpected<base::Error> malformed(base::FixedText what) {
    return base::fail(base::ErrorKind::malformed, what);
  }

  base::Result<void> walk_image(base::ByteView present, bool may_be_partial) {
    // A partial JSON value has the length of what is there, as a whole one has; only the bits in front of the image
    // differ.
    if (may_be_partial && (reader_.length_encoded() & 1) != 0) reader_.skip((json_columns_ + 7) / 8);
    std::size_t count = 0;
    for (std::size_t i = 0; i < shapes_.size(); ++i) count += bit_is_set(present, i) ? 1 : 0;
    const base::ByteView nulls = reader_.bytes((count + 7) / 8);
    if (!reader_.ok()) return malformed("null bits");
    std::size_t index = 0;
    for (std::size_t i = 0; i < shapes_.size(); ++i) {
      if (!bit_is_set(present, i)) continue;
      if (bit_is_set(nulls, index++)) continue;
      const std::size_t length = shapes_[i].length(event_.rows.sub(reader_.position()));
      if (length == 0) return malformed("cell");
      reader_.skip(length);
      ++cells_;
    }
    return {};
  }

  const TableMap& map_;
  const RowsEvent& event_;
  base::ByteReader reader_;
  std::vector<CellShape> shapes_;
  std::size_t json_columns_ = 0;
  std::size_t cells_ = 0;
};

}  // namespace relay::binlog::test
