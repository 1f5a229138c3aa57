#include "scrub_rules/cell_action.h"

#include "scrub_rules/cell_kind.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using binlog::TypeCode;

constexpr std::size_t kDiffPrefix = 4;  // bytes of the length of a partial update

bool is_compressed(TypeCode code) { return code == TypeCode::blob_compressed || code == TypeCode::varchar_compressed; }

}  // namespace

tl::unexpected<Error> does_not_fit_type() {
  return base::fail(
      Error(ErrorKind::configuration, "the action makes no sense for the column's type")
          .remedy("keep, drop, null or constant fit every type; docs/pseudonyms.md says what fits which"));
}

MadeAction make_cell_action(const Action& action, const ColumnTraits& column, std::string_view collation,
                            const KeyRing& keys) {
  if (is_compressed(column.type.code)) {
    return base::fail(Error(ErrorKind::configuration, "the values of a COMPRESSED column are not read")
                          .remedy("drop, null or constant the column, or declare it without COMPRESSED"));
  }
  switch (action.kind) {
    case ActionKind::hash:
      return make_hash_action(action, column, collation, keys);
    case ActionKind::email:
      return make_email_action(action, column, collation, keys);
    case ActionKind::digits:
      return make_digits_action(action, column, keys);
    case ActionKind::mask:
      return make_mask_action(action, column);
    case ActionKind::truncate:
      return make_truncate_action(action, column);
    case ActionKind::date:
      return make_date_action(action, column);
    case ActionKind::round:
      return make_round_action(action, column);
    case ActionKind::ip:
      return make_ip_action(action, column);
    case ActionKind::redact:
      return make_redact_action(action, column);
    case ActionKind::json:
      return make_json_action(action, column);
    default:
      return does_not_fit_type();
  }
}

base::Result<std::shared_ptr<CellTransform>> CellTransform::make(const Action& action, const ColumnTraits& column,
                                                                 std::string_view collation, const KeyRing& keys) {
  RELAY_ASSIGN(std::unique_ptr<CellAction> made, make_cell_action(action, column, collation, keys));
  const std::size_t prefix = cell_prefix_width(column);
  return std::make_shared<CellTransform>(std::move(made), prefix, prefix > 0 ? maximum_cell_bytes(column) : 0);
}

base::Result<void> CellAction::apply_diffs(base::ByteView, base::ByteView, base::Buffer&) {
  return base::fail(ErrorKind::unsupported, "a column that is no JSON is updated in part");
}

base::Result<void> CellTransform::apply(base::ByteView cell, base::Buffer& into) const {
  const std::size_t start = into.size();
  into.append_fill(prefix_, 0);
  RELAY_TRY(action_->apply(cell.sub(prefix_), into));
  return finish(start, cell.size(), into);
}

base::Result<void> CellTransform::apply_diffs(base::ByteView before, base::ByteView diffs, base::Buffer& into) const {
  const std::size_t start = into.size();
  into.append_fill(prefix_, 0);
  RELAY_TRY(action_->apply_diffs(before.sub(prefix_), diffs.sub(kDiffPrefix), into));
  return finish(start, before.size(), into);
}

base::Result<void> CellTransform::finish(std::size_t start, std::size_t cell_size, base::Buffer& into) const {
  if (into.overflowed()) return base::fail(ErrorKind::unsupported, "a row would be larger than it can be");
  const std::size_t size = into.size() - start - prefix_;
  if (prefix_ > 0 ? size > maximum_ : size != cell_size) {
    return base::fail(ErrorKind::unsupported, "an action made a value that its column cannot hold");
  }
  if (prefix_ > 0) into.patch_little_endian(start, size, prefix_);
  return {};
}

}  // namespace relay::scrub_rules
