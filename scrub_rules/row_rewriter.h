#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/rows_event.h"
#include "scrub_rules/table_plan.h"

namespace relay::scrub_rules {

// Rewrites rows events under a plan. Output is a gather list: slices of the event for long runs of untouched bytes,
// slices of own scratch memory for the rest (short runs too: copying them is cheaper than a slice each, and keeps the
// list in proportion to the event), slices of the plan for long replacements. All memory is reused; what a huge event
// has blown up is given back.
class RowRewriter {
 public:
  // The body of the rewritten event (post-header included), in slices; valid until the next call and as long as event
  // and plan live. Kind, version, table id and flags stay; extra data (partition ids) is removed; bits beyond the
  // column count are cleared; a row to be inserted gets the columns whose values the rules set even where its image has
  // none. Every row is walked, so that a malformed event is found whatever the plan. REQUIRES: plan.leaves. Errors:
  // malformed (offset in the rows), unsupported, and rule where the image cannot do without what is dropped.
  [[nodiscard]] base::Result<std::vector<base::ByteView>*> rewrite(const binlog::RowsEvent& event,
                                                                   const TablePlan& plan);
  // Of the last event that was rewritten; an update's two images are one.
  [[nodiscard]] std::uint64_t rows() const { return rows_walked_; }

 private:
  // A column of one image.
  struct Cell {
    binlog::CellShape shape;
    CellFate fate = CellFate::keep;
    bool present = true;  // in the source's image; else added by a rule
    bool is_json = false;
    std::size_t json = 0;          // which JSON column of the source's table, for the bits of partial updates
    std::size_t column_after = 0;  // which column, and which JSON column, of the replica's table; not for drop
    std::size_t json_after = 0;
    std::string_view replacement;
    const CellTransform* transform = nullptr;
  };
  // What is done to one kind of image (before, after) of the event.
  struct Image {
    std::vector<Cell> cells;
    std::size_t present = 0;       // columns in the source's image
    std::size_t written = 0;       // columns in the rewritten image
    std::size_t json_columns = 0;  // of the replica's table
    bool changed = false;          // else the image's bytes pass as they are
  };
  // A slice whose memory may still move: bytes of the scratch buffer, or (data set) of event or plan.
  struct Piece {
    const std::uint8_t* data = nullptr;
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  void start();
  void read_image(base::ByteView present, const TablePlan& plan, bool insert, Image& image) const;
  [[nodiscard]] base::Result<void> check_images(const binlog::RowsEvent& event, const TablePlan& plan) const;
  void write_header(const binlog::RowsEvent& event, const TablePlan& plan);
  void write_bitmap(const Image& image, const TablePlan& plan);
  [[nodiscard]] base::Result<void> walk(const binlog::RowsEvent& event, const TablePlan& plan);
  [[nodiscard]] base::Result<void> walk_image(const Image& image, bool partial, const TablePlan& plan);
  [[nodiscard]] base::Result<base::ByteView> read_partial_bits(const TablePlan& plan);
  void write_partial_bits(base::ByteView bits, const Image& image);
  [[nodiscard]] base::Result<base::ByteView> take(std::size_t size);

  void keep(base::ByteView bytes);
  void flush_run();
  std::size_t reserve(std::size_t size);  // zeros in the scratch buffer; returns where
  void set_bit(std::size_t offset, std::size_t bit);
  void write_replacement(std::string_view cell);
  // `diff`: the cell is one of a partial update.
  [[nodiscard]] base::Result<void> write_transformed(const Cell& cell, base::ByteView value, bool diff);
  void push_slice(base::ByteView bytes);
  void push_scratch();
  [[nodiscard]] base::Result<void> resolve();

  base::ByteView rows_;
  std::uint64_t rows_walked_ = 0;
  std::size_t position_ = 0;
  Image before_, after_;
  std::vector<base::ByteView> documents_;  // of the last before image, by JSON column; empty where it has none
  base::ByteView run_;                     // kept bytes that are not yet a piece
  std::size_t scratch_from_ = 0;           // scratch bytes from here are not yet a piece
  std::vector<Piece> pieces_;
  std::vector<base::ByteView> slices_;
  base::Buffer scratch_;
};

}  // namespace relay::scrub_rules
