#include "relay/proof/written_rows.h"

#include <bit>

#include "relay/proof/event_codes.h"
#include "relay/proof/fault.h"
#include "relay/proof/written_json.h"

namespace relay::proof {

namespace {

using base::ByteView;
using base::Result;

constexpr std::size_t kKeptDocument = std::size_t{1} << 20;  // bytes that stay reserved between documents
constexpr std::uint64_t kNoExtraData = 2;                    // the length counts itself

bool is_version_2(std::uint8_t type) { return type >= code::kWriteRows; }
bool is_update(std::uint8_t type) {
  return type == code::kUpdateRowsV1 || type == code::kUpdateRows || type == code::kPartialUpdateRows;
}

bool is_set(const std::vector<std::uint8_t>& bits, std::size_t index) {
  return (bits[index / 8] >> (index % 8) & 1) != 0;
}

void read_bits(PartReader& reader, std::size_t count, std::vector<std::uint8_t>& into) {
  const ByteView bits = reader.bytes((count + 7) / 8);
  into.assign(bits.begin(), bits.end());
  if (!reader.ok()) into.assign((count + 7) / 8, 0);
}

std::size_t count_set(const std::vector<std::uint8_t>& bits) {
  std::size_t count = 0;
  for (const std::uint8_t byte : bits) count += static_cast<std::size_t>(std::popcount(byte));
  return count;
}

}  // namespace

bool is_rows(std::uint8_t type) {
  return (type >= code::kWriteRowsV1 && type <= code::kDeleteRowsV1) ||
         (type >= code::kWriteRows && type <= code::kDeleteRows) || type == code::kPartialUpdateRows;
}

bool RowsReader::read_statement_end(PartReader& reader, std::uint8_t type) {
  const bool no_extra_data = !is_version_2(type) || reader.u16() == kNoExtraData;
  const bool one_column = reader.u8() == 1;
  const bool not_present = reader.u8() == 0;
  return !is_update(type) && no_extra_data && one_column && not_present && reader.at_body_end();
}

tl::unexpected<base::Error> RowsReader::refuse(base::FixedText what, const PartReader& reader) const {
  if (reader.disk_error()) return base::fail(*reader.disk_error());
  return base::fail(fault_error(what, reader.position()).about(table_->name));
}

tl::unexpected<base::Error> RowsReader::refuse_cell(std::size_t column, const PartReader& reader) const {
  return base::fail(fault_error("egress check: a column that the rules blank holds another value", reader.position())
                        .about(table_->name + "." + table_->expected[column].name));
}

// False when a bit is set that stands for no column.
bool RowsReader::read_present(PartReader& reader, std::size_t width, Bits& into) const {
  read_bits(reader, width, into);
  return width % 8 == 0 || into.back() >> (width % 8) == 0;
}

Result<void> RowsReader::read(PartReader& reader, std::uint8_t type, const WrittenTable& table) {
  table_ = &table;
  if (is_version_2(type) && reader.u16() != kNoExtraData) {
    return refuse("egress check: a rows event has extra data", reader);
  }
  const std::size_t width = table.columns.size();
  if (reader.length_encoded() != width) return refuse("egress check: rows have another width than their table", reader);
  bool right = read_present(reader, width, before_);
  if (is_update(type)) right = read_present(reader, width, after_) && right;
  if (!reader.ok() || !right) return refuse("egress check: rows have columns that their table does not have", reader);
  return walk(reader, is_update(type), type == code::kPartialUpdateRows);
}

Result<void> RowsReader::walk(PartReader& reader, bool update, bool partial) {
  while (reader.remaining() > 0) {
    const std::uint64_t start = reader.position();
    RELAY_TRY(read_image(reader, before_, false));
    if (update) RELAY_TRY(read_image(reader, after_, partial));
    if (reader.position() == start) return refuse("egress check: rows without columns", reader);
  }
  if (!reader.ok()) return refuse("egress check: a row image does not decode to its size", reader);
  return {};
}

Result<void> RowsReader::read_image(PartReader& reader, const Bits& present, bool partial) {
  diffs_.assign((table_->json_columns + 7) / 8, 0);
  if (partial) {
    const std::uint64_t options = reader.length_encoded();
    if (options > 1) return refuse("egress check: a row image has options that are not known", reader);
    if (options == 1) read_bits(reader, table_->json_columns, diffs_);
  }
  read_bits(reader, count_set(present), nulls_);
  std::size_t in_image = 0;
  std::size_t json = 0;
  for (std::size_t i = 0; i < table_->columns.size() && reader.ok(); ++i) {
    const bool is_diff = table_->columns[i].json && is_set(diffs_, json++);
    if (!is_set(present, i)) continue;
    RELAY_TRY(read_cell(reader, i, is_set(nulls_, in_image++), is_diff));
  }
  if (!reader.ok()) return refuse("egress check: a row image does not decode to its size", reader);
  return {};
}

Result<void> RowsReader::read_cell(PartReader& reader, std::size_t column, bool is_null, bool is_diff) {
  const ExpectedColumn& expected = table_->expected[column];
  if (is_null) {
    if (expected.cells == Cells::fixed) return refuse_cell(column, reader);
    return {};
  }
  if (expected.cells == Cells::null || (is_diff && expected.cells != Cells::any)) return refuse_cell(column, reader);
  const WrittenColumn& written = table_->columns[column];
  const std::uint64_t size = written.length_bytes == 0 ? written.size : reader.little_endian(written.length_bytes);
  if (expected.cells == Cells::any) {
    reader.skip(size);
    return {};
  }
  if (size > reader.remaining()) reader.fail();
  if (expected.cells == Cells::shaped) {
    const CellForm& form = expected.form;
    const bool fits = size >= form.least && size <= form.most && reader.consists_of(size, form.bytes);
    if (!fits && reader.ok()) return refuse_cell(column, reader);
    return {};
  }
  if (expected.cells == Cells::json) {
    document_.clear();
    reader.copy(size, document_);
    const bool fits = reader.ok() && (written.json ? is_json_document(document_.view(), expected.json)
                                                   : is_json_text(document_.view(), expected.json));
    document_.shrink(kKeptDocument);
    if (!fits && reader.ok()) return refuse_cell(column, reader);
    return {};
  }
  const bool same = reader.ok() && size == expected.value.size() && reader.equals(expected.value);
  if (!same && reader.ok()) return refuse_cell(column, reader);
  return {};
}

}  // namespace relay::proof
