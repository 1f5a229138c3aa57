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
  // Of what is no text, whole units of the set.
  return reader.characters(value).value_or(value.size() / std::max(with.size(), reader.ascii_size()));
}

void append_mask(std::string_view with, std::size_t count, base::Buffer& into) {
  if (with.size() == 1) return into.append_fill(count, static_cast<std::uint8_t>(with.front()));
  for (std::size_t i = 0; i < count; ++i) into.append(with);
}

}  // namespace relay::scrub_rules
