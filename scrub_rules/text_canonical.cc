#include "scrub_rules/text_canonical.h"

#include <algorithm>

namespace relay::scrub_rules {

using base::Error;
using base::ErrorKind;

const std::string& CanonicalText::canonical(base::ByteView value) {
  text_.clear();
  reader_.append_canonical(value, text_);
  if (!folding_) return text_;
  // Beyond UTF-8 stand bytes of which nothing is known.
  if (!text_.empty() && text_.front() == '\xff') return text_;
  std::ranges::transform(text_, text_.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (folding_->pads) text_.erase(text_.find_last_not_of(' ') + 1);
  return text_;
}

base::Result<std::optional<Folding>> folding_for(const Action& action, std::string_view collation) {
  if (!action.fold) return std::optional<Folding>();
  std::optional<Folding> folding = folding_of(collation);
  if (folding) return folding;
  return base::fail(
      Error(ErrorKind::configuration, "fold = true, but what the column's collation calls equal is not known here")
          .remedy("remove fold, or give the column a _general_ci, _unicode_ci or _0900_ai_ci collation"));
}

base::Result<PseudonymKey> pseudonym_key(const Action& action, const KeyRing& keys) {
  const base::Secret* const key = keys.find(action.key);
  if (key != nullptr) return PseudonymKey::derive(*key, action.key);
  return base::fail(
      Error(ErrorKind::configuration, "the key of a pseudonym was not fetched").remedy("see the problems with [keys]"));
}

}  // namespace relay::scrub_rules
