#include "scrub_rules/pseudonym_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;

constexpr std::size_t kDigestBits = 8 * PseudonymKey::kDigestSize;

tl::unexpected<Error> refuse(FixedText what, FixedText remedy) {
  return base::fail(Error(ErrorKind::configuration, what).remedy(remedy));
}

// Characters that are written where the rule names no length, and the most that a digest gives.
std::size_t usual_characters(PseudonymForm form) {
  return form == PseudonymForm::hex ? 32 : form == PseudonymForm::base64url ? 22 : 26;
}
std::size_t most_characters(PseudonymForm form) {
  return form == PseudonymForm::hex ? 64 : form == PseudonymForm::base64url ? 42 : 51;
}

std::optional<PseudonymForm> form_named(std::string_view encoding) {
  if (encoding.empty() || encoding == "base32") return PseudonymForm::base32;
  if (encoding == "hex") return PseudonymForm::hex;
  if (encoding == "base64url") return PseudonymForm::base64url;
  if (encoding == "digits") return PseudonymForm::digits;
  if (integer_range(encoding)) return PseudonymForm::integer;
  return std::nullopt;
}

// Characters of the longest number of a type.
std::size_t longest_number(const IntegerRange& range) {
  const unsigned bits = range.is_unsigned ? range.bits : range.bits - 1;
  const Uint128 largest = (Uint128{1} << bits) - (range.is_unsigned ? 1 : 0);
  std::size_t digits = 0;
  for (Uint128 rest = largest; rest != 0; rest /= 10) ++digits;
  return digits + (range.is_unsigned ? 0 : 1);
}

bool tells_case_apart(std::string_view collation) {
  return collation == "binary" || collation.ends_with("_bin") || collation.ends_with("_cs");
}

bool is_text(const sql::ColumnDefinition& column) {
  return (column.type.ends_with("char") || column.type.ends_with("text")) && column.character_set != "binary";
}
bool is_binary(const sql::ColumnDefinition& column) {
  const std::string_view type = column.type;
  return type.ends_with("binary") || type.ends_with("blob") || column.character_set == "binary";
}

// Characters or bytes that a column holds; none where it is more than any pseudonym has.
std::optional<std::uint32_t> capacity_of(const sql::ColumnDefinition& column) {
  const std::string_view type = column.type;
  if (type.ends_with("char") || type.ends_with("binary")) return column.length.value_or(1);
  return std::nullopt;
}

// Types between which an ALTER TABLE changes no generalised value.
std::string_view family_of(const sql::ColumnDefinition& column) {
  if (is_text(column)) return "text";
  if (is_binary(column)) return "binary";
  return integer_range(column.type) ? "integer" : std::string_view(column.type);
}

ActionEffect hash_effect(const Action& action, const sql::ColumnDefinition& column) {
  ActionEffect effect;
  const std::string& type = column.type;
  if (is_text(column)) {
    const auto form = text_pseudonym(action, capacity_of(column), column.collation);
    if (!form) return effect;
    effect.distinct = true;
    // Of the other forms all but what they are not meant for is permuted.
    const bool permuted = form->form == PseudonymForm::digits || form->form == PseudonymForm::integer;
    if (!permuted) effect.bits = form->bits();
    effect.mapping = fmt::format("~hash {} text {} {} {}", action.key, action.encoding, form->characters, action.fold);
  } else if (is_binary(column)) {
    const auto size = binary_pseudonym(action, capacity_of(column));
    if (!size) return effect;
    effect.distinct = true;
    effect.bits = static_cast<unsigned>(8 * *size);
    effect.mapping = fmt::format("~hash {} binary {}", action.key, *size);
  } else if (type == "uuid") {
    effect.distinct = true;
    effect.bits = 122;
    effect.mapping = fmt::format("hash {} uuid", action.key);
  } else {
    effect.distinct = true;
    // The length of an integer is for show.
    const std::uint32_t digits = type == "decimal" || type == "bit" ? column.length.value_or(0) : 0;
    effect.mapping = fmt::format("hash {} {} {} {} {} {}", action.key, type, digits, column.scale.value_or(0),
                                 column.is_unsigned, action.encoding);
  }
  return effect;
}

}  // namespace

bool IntegerRange::contains(const IntegerRange& other) const {
  if (is_unsigned) return other.is_unsigned && other.bits <= bits;
  return other.is_unsigned ? other.bits < bits : other.bits <= bits;
}

std::optional<IntegerRange> integer_range(std::string_view type) {
  constexpr std::string_view kUnsigned = " unsigned";
  IntegerRange range;
  range.is_unsigned = type.ends_with(kUnsigned);
  if (range.is_unsigned) type.remove_suffix(kUnsigned.size());
  range.bits = type == "tinyint"     ? 8
               : type == "smallint"  ? 16
               : type == "mediumint" ? 24
               : type == "int"       ? 32
               : type == "bigint"    ? 64
                                     : 0;
  if (range.bits == 0) return std::nullopt;
  return range;
}

unsigned TextPseudonym::bits() const {
  const std::size_t bits = form == PseudonymForm::hex         ? 4 * characters
                           : form == PseudonymForm::base64url ? 6 * characters
                                                              : 5 * characters - 1;
  return static_cast<unsigned>(std::min(bits, kDigestBits));
}

base::Result<TextPseudonym> text_pseudonym(const Action& action, std::optional<std::uint32_t> column_characters,
                                           std::string_view collation) {
  const std::optional<PseudonymForm> form = form_named(action.encoding);
  if (!form) {
    return refuse("the encoding is none for a text column",
                  "write base32, hex, base64url, digits, or an integer type such as int");
  }
  TextPseudonym text;
  text.form = *form;
  text.range = integer_range(action.encoding).value_or(IntegerRange{});
  const std::size_t room = column_characters.value_or(UINT32_MAX);
  text.characters = action.length.value_or(std::min(usual_characters(*form), room));
  if (text.characters > room) return refuse("the length is more than the column holds", "write a smaller length");
  if (text.characters < kShortestPseudonym) {
    return refuse("a pseudonym needs a column of at least six characters",
                  "drop the column, or make it longer at the source");
  }
  if (text.characters > most_characters(*form)) {
    return refuse("a pseudonym has no more characters than 51 in base32, 64 in hex and 42 in base64url",
                  "write a smaller length");
  }
  if (text.form == PseudonymForm::integer && longest_number(text.range) > room) {
    return refuse("the column does not hold the longest number of the encoding's type",
                  "name a smaller type, or base32");
  }
  if (text.form == PseudonymForm::base64url && !tells_case_apart(collation)) {
    return refuse("the column's collation does not tell the capitals of base64url apart", "write base32 or hex");
  }
  return text;
}

void append_pseudonym(const PseudonymKey::Digest& digest, PseudonymForm form, std::size_t characters,
                      std::string& into) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::string_view alphabet = form == PseudonymForm::hex         ? kHex
                                    : form == PseudonymForm::base64url ? kBase64
                                                                       : kBase32;
  const std::size_t width = form == PseudonymForm::hex ? 4 : form == PseudonymForm::base64url ? 6 : 5;
  // The first letter of base32 tells four bits, so that no pseudonym is a number.
  std::size_t take = width == 5 ? 4 : width;
  for (std::size_t at = 0; characters > 0; --characters) {
    std::size_t value = 0;
    for (const std::size_t end = at + take; at < end; ++at) value = value << 1 | (digest[at / 8] >> (7 - at % 8) & 1U);
    into += alphabet[value];
    take = width;
  }
}

base::Result<std::size_t> binary_pseudonym(const Action& action, std::optional<std::uint64_t> capacity) {
  if (!action.encoding.empty() || action.fold) {
    return refuse("encoding and fold are for texts and numbers", "remove them: a binary column gets bytes");
  }
  const std::uint64_t room =
      std::min<std::uint64_t>(capacity.value_or(PseudonymKey::kDigestSize), PseudonymKey::kDigestSize);
  const std::uint64_t size = action.length.value_or(static_cast<std::uint32_t>(room));
  if (size > room)
    return refuse("the length is more than the column, or a digest of 32 bytes, holds", "write a smaller length");
  if (size < 4)
    return refuse("a pseudonym needs at least four bytes", "drop the column, or make it longer at the source");
  return static_cast<std::size_t>(size);
}

// Of these collations it is certain that letters of ASCII in capitals and small ones are equal, and no others are.
std::optional<Folding> folding_of(std::string_view collation) {
  static constexpr std::array<std::string_view, 9> kEnds = {"_general_ci",   "_unicode_ci",   "_unicode_520_ci",
                                                            "_swedish_ci",   "_danish_ci",    "_0900_ai_ci",
                                                            "uca1400_ai_ci", "uca1400_as_ci", "_0900_as_ci"};
  const bool no_pad = collation.ends_with("_nopad_ci") || collation.find("_nopad_") != std::string_view::npos ||
                      collation.find("_0900_") != std::string_view::npos;
  std::string name(collation);
  for (std::size_t at = name.find("_nopad_"); at != std::string::npos; at = name.find("_nopad_")) name.erase(at, 6);
  const bool known = std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); });
  if (!known) return std::nullopt;
  return Folding{!no_pad};
}

ActionEffect effect_of(const Action& action, const sql::ColumnDefinition& column) {
  ActionEffect effect;
  switch (action.kind) {
    case ActionKind::hash:
      return hash_effect(action, column);
    case ActionKind::email:
    case ActionKind::digits: {
      effect.distinct = true;
      const std::uint32_t characters = std::min(capacity_of(column).value_or(26), 26U);
      const unsigned whole = 5 * std::max(characters, 1U) - 1;
      // The name of an address is written as 20 letters.
      if (action.kind == ActionKind::email) effect.bits = std::min(whole, 99U);
      effect.mapping = fmt::format("~{} {} {} {} {}", static_cast<unsigned>(action.kind), action.key, characters,
                                   is_text(column) ? "text" : column.type, action.fold);
      if (!is_text(column)) effect.mapping += column.is_unsigned ? " unsigned" : "";
      return effect;
    }
    case ActionKind::mask:
    case ActionKind::truncate:
    case ActionKind::date:
    case ActionKind::round:
    case ActionKind::ip:
      effect.mapping = fmt::format("~{} {} {} {} {} {} {} {} {}", static_cast<unsigned>(action.kind), family_of(column),
                                   action.length.value_or(0), action.keep_first, action.keep_last, action.with,
                                   action.to, action.prefix4, action.prefix6);
      return effect;
    default:
      return effect;
  }
}

}  // namespace relay::scrub_rules
