#include "scrub_rules/row_rewriter.h"

#include "relay/base/byte_reader.h"

namespace relay::scrub_rules {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using binlog::RowsKind;

constexpr std::size_t kCopyBelow = 128;                  // bytes; shorter runs are copied
constexpr std::size_t kKeptRows = std::size_t{1} << 20;  // bytes that stay reserved between events
// Largest event that a replica takes (slave_max_allowed_packet, replica_max_allowed_packet).
constexpr std::size_t kMaximumEvent = std::size_t{1} << 30;
// STMT_END, NO_FOREIGN_KEY_CHECKS, RELAXED_UNIQUE_CHECKS, COMPLETE_ROWS, USE_SQL_FOREIGN_KEY
// (libs/mysql/binlog/event/rows_event.h, Rows_event::enum_flag).
constexpr std::uint16_t kKnownRowsFlags = 0x1f;
// MariaDB's sessions with check_constraint_checks=OFF; its row events are of version 1 (sql/log_event.h,
// NO_CHECK_CONSTRAINT_CHECKS_F).
constexpr std::uint16_t kNoConstraintChecks = 0x80;
// Bit of the value options: JSON cells may be diffs (PARTIAL_JSON_UPDATES).
constexpr std::uint64_t kPartialJson = 1;
constexpr binlog::CellShape kDiffShape{4, 0};
constexpr base::FixedText kUseFullImages{"set binlog_row_image=FULL at the source"};

std::size_t bitmap_size(std::size_t bits) { return (bits + 7) / 8; }

tl::unexpected<Error> malformed(base::FixedText what, std::size_t offset) {
  return base::fail(Error(ErrorKind::malformed, what).at(offset));
}

}  // namespace

base::Result<std::vector<ByteView>*> RowRewriter::rewrite(const binlog::RowsEvent& event, const TablePlan& plan) {
  start();
  if (event.width != plan.columns.size()) return malformed("a rows event's width is not its table map's", 0);
  if ((event.flags & ~(kKnownRowsFlags | (event.version_2 ? 0 : kNoConstraintChecks))) != 0) {
    return base::fail(ErrorKind::unsupported, "a rows event has flags that are not known");
  }
  read_image(event.present, plan, event.kind == RowsKind::write, before_);
  if (event.kind == RowsKind::update) read_image(event.present_after, plan, false, after_);
  // The bits of partial updates count the table's JSON columns, also those that the image does not have.
  if (event.partial_json && after_.json_columns != plan.json_columns) after_.changed = true;
  RELAY_TRY(check_images(event, plan));
  write_header(event, plan);
  RELAY_TRY(walk(event, plan));
  RELAY_TRY(resolve());
  return &slices_;
}

void RowRewriter::start() {
  position_ = 0;
  rows_walked_ = 0;
  scratch_from_ = 0;
  run_ = {};
  scratch_.clear();
  scratch_.shrink(kKeptRows);
  pieces_.clear();
  slices_.clear();
  if (pieces_.capacity() * sizeof(Piece) > kKeptRows) pieces_.shrink_to_fit();
  if (slices_.capacity() * sizeof(ByteView) > kKeptRows) slices_.shrink_to_fit();
}

// Bits beyond the column count are never looked at: MySQL sets some for the hidden columns of functional indexes.
void RowRewriter::read_image(ByteView present, const TablePlan& plan, bool insert, Image& image) const {
  image.cells.clear();
  image.present = image.written = image.json_columns = 0;
  image.changed = false;
  Cell cell;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    cell.shape = plan.shapes[i];
    cell.fate = plan.fates[i];
    cell.present = binlog::bit_is_set(present, i);
    cell.is_json = plan.columns[i].code == binlog::TypeCode::json;
    cell.replacement = plan.replacements[i];
    cell.transform = plan.transforms[i].get();
    const bool added = insert && (cell.fate == CellFate::null || cell.fate == CellFate::replace);
    if (cell.present || added) {
      image.cells.push_back(cell);
      if (cell.present) ++image.present;
      if (cell.fate != CellFate::drop) ++image.written;
      if (cell.fate != CellFate::keep) image.changed = true;
    }
    if (cell.is_json) ++cell.json;
    if (cell.fate != CellFate::drop) ++cell.column_after;
    if (cell.fate != CellFate::drop && cell.is_json) ++cell.json_after;
  }
  image.json_columns = cell.json_after;
}

base::Result<void> RowRewriter::check_images(const binlog::RowsEvent& event, const TablePlan& plan) const {
  if (event.kind != RowsKind::write && plan.key_altered && before_.present < plan.columns.size()) {
    return base::fail(Error(ErrorKind::rule, "rows are to be found by key columns that do not keep their values")
                          .about(plan.name)
                          .remedy(kUseFullImages));
  }
  // An image of no columns: no row could be found by it, and a row to be inserted would take no byte.
  if (before_.changed && before_.written == 0) {
    return base::fail(Error(ErrorKind::rule, "a row image holds only columns that do not leave")
                          .about(plan.name)
                          .remedy(kUseFullImages));
  }
  if (before_.present == 0 && (before_.changed || !event.rows.empty())) {
    return base::fail(
        Error(ErrorKind::unsupported, "a row image holds no column").about(plan.name).remedy(kUseFullImages));
  }
  // What it has at the source the default says, which does not leave.
  for (std::size_t i = 0; event.kind == RowsKind::write && i < plan.fates.size(); ++i) {
    if (plan.fates[i] != CellFate::transform || binlog::bit_is_set(event.present, i)) continue;
    return base::fail(
        Error(ErrorKind::rule, "a row to be inserted lacks a column whose values the rules make of its own")
            .about(plan.name)
            .remedy(kUseFullImages));
  }
  if (event.rows.empty() && (before_.present != 0 || event.kind != RowsKind::write)) {
    return malformed("a rows event holds no rows", 0);
  }
  return {};
}

void RowRewriter::write_header(const binlog::RowsEvent& event, const TablePlan& plan) {
  scratch_.append_little_endian(event.table_id, 6);
  scratch_.append_u16(event.flags);
  if (event.version_2) scratch_.append_u16(2);  // no extra data: the length counts itself
  scratch_.append_length_encoded(plan.kept_columns);
  write_bitmap(before_, plan);
  if (event.kind == RowsKind::update) write_bitmap(after_, plan);
}

void RowRewriter::write_bitmap(const Image& image, const TablePlan& plan) {
  const std::size_t offset = reserve(bitmap_size(plan.kept_columns));
  for (const Cell& cell : image.cells) {
    if (cell.fate != CellFate::drop) set_bit(offset, cell.column_after);
  }
}

base::Result<void> RowRewriter::walk(const binlog::RowsEvent& event, const TablePlan& plan) {
  rows_ = event.rows;
  while (position_ < rows_.size()) {
    ++rows_walked_;
    documents_.assign(plan.json_columns, {});
    RELAY_TRY(walk_image(before_, false, plan));
    if (event.kind == RowsKind::update) RELAY_TRY(walk_image(after_, event.partial_json, plan));
  }
  flush_run();
  push_scratch();
  return {};
}

base::Result<ByteView> RowRewriter::take(std::size_t size) {
  if (size > rows_.size() - position_) return malformed("a row is cut short", position_);
  const ByteView bytes = rows_.sub(position_, size);
  position_ += size;
  return bytes;
}

base::Result<void> RowRewriter::walk_image(const Image& image, bool partial, const TablePlan& plan) {
  const std::size_t start = position_;
  ByteView partial_bits;
  if (partial) {
    RELAY_ASSIGN(partial_bits, read_partial_bits(plan));
    if (image.changed) write_partial_bits(partial_bits, image);
  }
  RELAY_ASSIGN(const ByteView nulls, take(bitmap_size(image.present)));
  std::size_t null_bits = 0;
  if (image.changed) {
    flush_run();
    null_bits = reserve(bitmap_size(image.written));
  }
  std::size_t in = 0;
  std::size_t out = 0;
  for (const Cell& cell : image.cells) {
    const bool has_value = cell.present && !binlog::bit_is_set(nulls, in);
    if (cell.present) ++in;
    ByteView value;
    bool diff = false;
    if (has_value) {
      diff = cell.is_json && !partial_bits.empty() && binlog::bit_is_set(partial_bits, cell.json);
      const std::size_t length = (diff ? kDiffShape : cell.shape).length(rows_.sub(position_));
      if (length == 0) return malformed("a cell is longer than its row", position_);
      RELAY_ASSIGN(value, take(length));
    }
    if (&image == &before_ && cell.is_json) documents_[cell.json] = value;
    if (!image.changed || cell.fate == CellFate::drop) continue;
    if (cell.fate == CellFate::replace) {
      write_replacement(cell.replacement);
    } else if (cell.fate == CellFate::transform && has_value) {
      if (auto done = write_transformed(cell, value, diff); !done) {
        return base::fail(std::move(done).error().about(plan.name).at(position_));
      }
    } else if (cell.fate == CellFate::keep && has_value) {
      keep(value);
    } else {
      set_bit(null_bits, out);
    }
    ++out;
  }
  if (!image.changed) keep(rows_.sub(start, position_ - start));
  return {};
}

// What stands before an after image of PARTIAL_UPDATE_ROWS: options and, if they say so, a bit for each JSON column of
// the table. Empty: no cell is a diff.
base::Result<ByteView> RowRewriter::read_partial_bits(const TablePlan& plan) {
  base::ByteReader reader(rows_.sub(position_));
  const std::uint64_t options = reader.length_encoded();
  if (!reader.ok()) return malformed("a row is cut short", position_);
  if ((options & ~kPartialJson) != 0) {
    return base::fail(ErrorKind::unsupported, "a row image has value options that are not known");
  }
  position_ += reader.position();
  return take(options != 0 ? bitmap_size(plan.json_columns) : 0);
}

void RowRewriter::write_partial_bits(ByteView bits, const Image& image) {
  flush_run();
  const bool partial = !bits.empty() && image.json_columns != 0;
  scratch_.append_u8(partial ? kPartialJson : 0);
  if (!partial) return;
  const std::size_t offset = reserve(bitmap_size(image.json_columns));
  for (const Cell& cell : image.cells) {
    const bool diff = cell.is_json && cell.fate == CellFate::keep && binlog::bit_is_set(bits, cell.json);
    if (diff) set_bit(offset, cell.json_after);
  }
}

void RowRewriter::keep(ByteView bytes) {
  if (!run_.empty() && run_.end() == bytes.begin()) {
    run_ = {run_.data(), run_.size() + bytes.size()};
    return;
  }
  flush_run();
  run_ = bytes;
}

void RowRewriter::flush_run() {
  if (run_.size() < kCopyBelow) {
    scratch_.append(run_);
  } else {
    push_slice(run_);
  }
  run_ = {};
}

std::size_t RowRewriter::reserve(std::size_t size) {
  const std::size_t offset = scratch_.size();
  scratch_.append_fill(size, 0);
  return offset;
}

void RowRewriter::set_bit(std::size_t offset, std::size_t bit) {
  if (scratch_.overflowed()) return;
  scratch_.data()[offset + bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8));
}

void RowRewriter::write_replacement(std::string_view cell) {
  flush_run();
  if (cell.size() < kCopyBelow) {
    scratch_.append(cell);
  } else {
    push_slice(ByteView::of(cell));
  }
}

base::Result<void> RowRewriter::write_transformed(const Cell& cell, ByteView value, bool diff) {
  flush_run();
  if (!diff) return cell.transform->apply(value, scratch_);
  const ByteView before = documents_[cell.json];
  if (!before.empty()) return cell.transform->apply_diffs(before, value, scratch_);
  return base::fail(Error(ErrorKind::rule, "a JSON column is updated in part, and its document before is not there")
                        .remedy("set binlog_row_image=FULL, or binlog_row_value_options='', at the source"));
}

void RowRewriter::push_slice(ByteView bytes) {
  push_scratch();
  pieces_.push_back({bytes.data(), 0, bytes.size()});
}

void RowRewriter::push_scratch() {
  if (scratch_.size() == scratch_from_) return;
  pieces_.push_back({nullptr, scratch_from_, scratch_.size() - scratch_from_});
  scratch_from_ = scratch_.size();
}

base::Result<void> RowRewriter::resolve() {
  std::size_t size = 0;
  for (const Piece& piece : pieces_) {
    size += piece.size;
    slices_.push_back(piece.data != nullptr ? ByteView(piece.data, piece.size)
                                            : scratch_.view().sub(piece.offset, piece.size));
  }
  if (scratch_.overflowed() || size > kMaximumEvent) {
    return base::fail(ErrorKind::unsupported, "a rows event would be larger than replicas take");
  }
  return {};
}

}  // namespace relay::scrub_rules
