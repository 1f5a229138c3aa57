#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "scrub_rules/action.h"
#include "scrub_rules/constant.h"
#include "scrub_rules/key_ring.h"

namespace relay::scrub_rules {

// What an action makes of a value: the same bytes for the same bytes, wherever they are met. NULL is not asked about:
// it stays. Not for two threads at once: scratch memory and contexts of OpenSSL are used again.
class CellAction {
 public:
  virtual ~CellAction() = default;
  // Appends what leaves for `value`, both as the cell stores them, without a length. Total over everything that a
  // server stores. Errors: malformed, where the bytes are none of the column's type; unsupported, where OpenSSL fails.
  // On an error what was appended is of no use.
  [[nodiscard]] virtual base::Result<void> apply(base::ByteView value, base::Buffer& into) = 0;
  // Appends what leaves for the value that a partial update, `diffs`, makes of `before`. Errors: as apply();
  // unsupported, where there is no such update of the column's type.
  [[nodiscard]] virtual base::Result<void> apply_diffs(base::ByteView before, base::ByteView diffs, base::Buffer& into);
};

// The action for a column. `collation` as declared; empty when not known. REQUIRES: action.computes().
// Errors: configuration, without a value: the action does not fit the column's type, length or character set; the key
// was not fetched.
[[nodiscard]] base::Result<std::unique_ptr<CellAction>> make_cell_action(const Action& action,
                                                                         const ColumnTraits& column,
                                                                         std::string_view collation,
                                                                         const KeyRing& keys);

// The error of an action that does not fit its column or its rule.
[[nodiscard]] inline tl::unexpected<base::Error> refuse_action(base::FixedText what, base::FixedText remedy) {
  return base::fail(base::Error(base::ErrorKind::configuration, what).remedy(remedy));
}

// An action on whole cells, their lengths included.
class CellTransform {
 public:
  // REQUIRES and errors as make_cell_action().
  [[nodiscard]] static base::Result<std::shared_ptr<CellTransform>> make(const Action& action,
                                                                         const ColumnTraits& column,
                                                                         std::string_view collation,
                                                                         const KeyRing& keys);
  // Appends the cell that leaves for `cell`. Errors: as CellAction::apply; unsupported where the result is longer than
  // the column.
  [[nodiscard]] base::Result<void> apply(base::ByteView cell, base::Buffer& into) const;
  // The same for the cell that `diffs`, a cell of a partial update, makes of the cell `before`.
  [[nodiscard]] base::Result<void> apply_diffs(base::ByteView before, base::ByteView diffs, base::Buffer& into) const;

  CellTransform(std::unique_ptr<CellAction> action, std::size_t prefix, std::uint64_t maximum)
      : action_(std::move(action)), prefix_(prefix), maximum_(maximum) {}

 private:
  // Sets the length of the cell that begins at `start`; `cell_size` is that of the one before.
  [[nodiscard]] base::Result<void> finish(std::size_t start, std::size_t cell_size, base::Buffer& into) const;

  std::unique_ptr<CellAction> action_;
  std::size_t prefix_;     // bytes of the cell's length
  std::uint64_t maximum_;  // bytes behind it
};

// The makers behind make_cell_action(), one for each family of actions. REQUIRES: action.kind is theirs.
using MadeAction = base::Result<std::unique_ptr<CellAction>>;
[[nodiscard]] MadeAction make_hash_action(const Action& action, const ColumnTraits& column, std::string_view collation,
                                          const KeyRing& keys);
[[nodiscard]] MadeAction make_email_action(const Action& action, const ColumnTraits& column, std::string_view collation,
                                           const KeyRing& keys);
[[nodiscard]] MadeAction make_digits_action(const Action& action, const ColumnTraits& column, const KeyRing& keys);
[[nodiscard]] MadeAction make_mask_action(const Action& action, const ColumnTraits& column);
[[nodiscard]] MadeAction make_truncate_action(const Action& action, const ColumnTraits& column);
[[nodiscard]] MadeAction make_date_action(const Action& action, const ColumnTraits& column);
[[nodiscard]] MadeAction make_round_action(const Action& action, const ColumnTraits& column);
[[nodiscard]] MadeAction make_redact_action(const Action& action, const ColumnTraits& column);
[[nodiscard]] MadeAction make_ip_action(const Action& action, const ColumnTraits& column);
[[nodiscard]] MadeAction make_json_action(const Action& action, const ColumnTraits& column);

// The refusal of an action on a type that it makes no sense for.
[[nodiscard]] tl::unexpected<base::Error> does_not_fit_type();

}  // namespace relay::scrub_rules
