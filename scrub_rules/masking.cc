#include "scrub_rules/masking.h"

#include <algorithm>

#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

using base::Error;
using base::ErrorKind;

base::Result<std::string> masking_character(const Action& action, const ColumnTraits& column,
                                            const TextReader& reader) {
  const base::Result<std::size_t> characters = count_characters(action.with);
  base::Result<std::string> with = convert_text(action.with, column.character_set);
  if (!characters || *characters != 1 || !with || static_cast<unsigned char>(action.with[0]) <= ' ' ||
      action.with == "\x7f") {
    return base::fail(
        Error(ErrorKind::configuration, "the character to mask with is none of the column's character set, or not one")
            .remedy("write with = \"*\""));
  }
  // A TEXT is as long as its bytes: it must not grow.
  if (!column.declared_type.ends_with("char") && with->size() > reader.ascii_size()) {
    return base::fail(Error(ErrorKind::configuration,
                            "the character to mask with is longer than others of the column's character set")
                          .remedy("write with = \"*\""));
  }
  return with;
}

std::size_t covering(const TextReader& reader, std::string_view with, base::ByteView value) {
  if (reader.plain_ascii(value)) return value.size();
  // Whole units of the set.
  if (!reader.well_formed(value)) return value.size() / std::max(with.size(), reader.ascii_size());
  std::size_t count = 0;
  for (std::size_t at = 0; at < value.size(); ++count) at += reader.character_size(value.sub(at));
  return count;
}

}  // namespace relay::scrub_rules
