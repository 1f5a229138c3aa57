#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "scrub_rules/action.h"
#include "scrub_rules/key_ring.h"
#include "scrub_rules/pseudonym_form.h"
#include "scrub_rules/pseudonym_key.h"
#include "scrub_rules/text_reader.h"

namespace relay::scrub_rules {

// The canonical form of a column's texts (docs/pseudonyms.md): UTF-8, folded where a rule asks for it.
class CanonicalText {
 public:
  CanonicalText(TextReader reader, std::optional<Folding> folding) : reader_(std::move(reader)), folding_(folding) {}
  // Valid until the next call.
  [[nodiscard]] const std::string& canonical(base::ByteView value);
  [[nodiscard]] const TextReader& reader() const { return reader_; }

 private:
  TextReader reader_;
  std::optional<Folding> folding_;
  std::string text_;
};

// Whether a canonical form is the text in UTF-8, and not its bytes in a set of which they are no characters.
[[nodiscard]] inline bool is_text(std::string_view canonical) { return !canonical.starts_with('\xff'); }

// How `action` folds. Errors: configuration, where fold = true meets a collation that is not known well enough.
[[nodiscard]] base::Result<std::optional<Folding>> folding_for(const Action& action, std::string_view character_set,
                                                               std::string_view collation);
// The key that `action` names. Errors: configuration, where it was not fetched.
[[nodiscard]] base::Result<PseudonymKey> pseudonym_key(const Action& action, const KeyRing& keys);

}  // namespace relay::scrub_rules
