#include "scrub_rules/pseudonym_form.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "relay/sql/character_set.h"
#include "scrub_rules/cell_action.h"
#include "scrub_rules/column_type_of.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;

constexpr std::size_t kDigestBits = 8 * HmacSha256::kDigestSize;
constexpr std::size_t kMostCharacters = 64;  // of a digest in hex

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
  if (integer_range(encoding)) return PseudonymForm::base32;
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

// Some collations call two letters of ASCII equal: i and y, i and j, u and v, m and n. Letters are counted as four bits
// then.
bool merges_letters(std::string_view collation) {
  static constexpr std::array<std::string_view, 6> kNames = {"lithuanian", "_lt_0900_", "_lv_0900_",
                                                             "roman_",     "_la_0900_", "macce_general_"};
  return std::ranges::any_of(kNames,
                             [&](std::string_view name) { return collation.find(name) != std::string_view::npos; });
}

// Bits that so many letters of base32 tell under a collation.
std::size_t base32_bits(std::size_t characters, std::string_view collation) {
  return merges_letters(collation) ? 4 * characters - 1 : 5 * characters - 1;
}

bool tells_case_apart(std::string_view collation) {
  return collation == "binary" || collation.ends_with("_bin") || collation.ends_with("_cs");
}

bool is_text(const sql::ColumnDefinition& column) {
  return (column.type.ends_with("char") || column.type.ends_with("text")) && column.character_set != "binary";
}
// Characters or bytes that a column holds; none where it is more than any pseudonym has.
std::optional<std::uint32_t> capacity_of(const sql::ColumnDefinition& column) {
  const std::string_view type = column.type;
  if (type.ends_with("char") || type.ends_with("binary")) return column.length.value_or(1);
  return std::nullopt;
}

// What a number's pseudonym or rounded value depends on. The length of an integer is for show.
std::string number_type(const sql::ColumnDefinition& column) {
  const bool sized = column.type == "decimal" || column.type == "bit";
  return fmt::format("{} {} {} {}", column.type, sized ? column.length.value_or(0) : 0, column.scale.value_or(0),
                     column.is_unsigned);
}

// The same for all columns in which a value is generalised alike; what ALTER TABLE does to the values themselves is
// judged by sql::values_stay().
std::string family_of(const sql::ColumnDefinition& column) {
  if (is_text(column)) return "text";
  if (is_binary(column)) return "binary";
  return number_type(column);
}

// Which letters are equal to the action in the column.
std::string folding_text(const Action& action, const sql::ColumnDefinition& column) {
  if (!action.fold) return "as they are";
  const auto folding = folding_of(column.character_set, column.collation);
  return folding ? fmt::format("folded {} {}", folding->narrow, folding->nordic) : "not known";
}

// How many characters the column has for what is longer in some columns than in others.
std::uint32_t room_for(const sql::ColumnDefinition& column, std::uint32_t longest) {
  constexpr std::uint32_t kTinyText = 63;
  return std::min(column.type == "tinytext" ? kTinyText : capacity_of(column).value_or(longest), longest);
}

ActionEffect hash_effect(const Action& action, const sql::ColumnDefinition& column) {
  ActionEffect effect;
  const std::string& type = column.type;
  if (is_text(column)) {
    const auto form = text_pseudonym(action, capacity_of(column), column.collation);
    if (!form) return effect;
    effect.distinct = true;
    // Of the other forms all but what they are not meant for is permuted.
    const bool permuted = form->form == PseudonymForm::digits || integer_range(action.encoding);
    if (!permuted) effect.bits = form->bits(column.collation);
    effect.mapping = fmt::format("~hash {} text {} {} {} {}", action.key, action.encoding, form->characters,
                                 form->numbers.has_value(), folding_text(action, column));
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
    effect.mapping = fmt::format("hash {} {} {}", action.key, number_type(column), action.encoding);
  }
  return effect;
}

}  // namespace

bool is_encoding(std::string_view word) { return !word.empty() && form_named(word); }

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

unsigned TextPseudonym::bits(std::string_view collation) const {
  const std::size_t bits = form == PseudonymForm::hex         ? 4 * characters
                           : form == PseudonymForm::base64url ? 6 * characters
                                                              : base32_bits(characters, collation);
  return static_cast<unsigned>(std::min(bits, kDigestBits));
}

base::Result<TextPseudonym> text_pseudonym(const Action& action, std::optional<std::uint32_t> column_characters,
                                           std::string_view collation) {
  const std::optional<PseudonymForm> form = form_named(action.encoding);
  if (!form) {
    return refuse_action("the encoding is none for a text column",
                         "write base32, hex, base64url, digits, or an integer type such as int");
  }
  TextPseudonym text;
  text.form = *form;
  text.numbers = integer_range(action.encoding);
  const std::size_t room = column_characters.value_or(UINT32_MAX);
  if (action.encoding.empty() && longest_number(kSharedNumbers) <= room) text.numbers = kSharedNumbers;
  text.characters = action.length.value_or(std::min(usual_characters(*form), room));
  if (text.characters > room)
    return refuse_action("the length is more than the column holds", "write a smaller length");
  if (text.characters < kShortestPseudonym) {
    return refuse_action("a pseudonym needs a column of at least six characters",
                         "drop the column, or make it longer at the source");
  }
  if (text.characters > most_characters(*form)) {
    return refuse_action("a pseudonym has no more characters than 51 in base32, 64 in hex and 42 in base64url",
                         "write a smaller length");
  }
  if (text.numbers && longest_number(*text.numbers) > room) {
    return refuse_action("the column does not hold the longest number of the encoding's type",
                         "name a smaller type, or base32");
  }
  if (text.form == PseudonymForm::base64url && !tells_case_apart(collation)) {
    return refuse_action("the column's collation does not tell the capitals of base64url apart", "write base32 or hex");
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
  const unsigned width = form == PseudonymForm::hex ? 4 : form == PseudonymForm::base64url ? 6 : 5;
  // The first letter of base32 tells four bits, so that no pseudonym is a number.
  unsigned take = width == 5 ? 4 : width;
  std::uint64_t bits = 0;  // the last `held` of them are not written yet
  unsigned held = 0;
  const std::uint8_t* next = digest.data();
  std::array<char, kMostCharacters> written;
  for (std::size_t i = 0; i < characters; ++i, take = width) {
    if (held < take) {
      std::uint32_t more = 0;
      std::memcpy(&more, next, sizeof more);
      next += sizeof more;
      bits = bits << 32 | be32toh(more);
      held += 32;
    }
    held -= take;
    written[i] = alphabet[bits >> held & ((1U << take) - 1)];
  }
  into.append(written.data(), characters);
}

base::Result<std::size_t> binary_pseudonym(const Action& action, std::optional<std::uint64_t> capacity) {
  if (!action.encoding.empty() || action.fold) {
    return refuse_action("encoding and fold are for texts and numbers", "remove them: a binary column gets bytes");
  }
  const std::uint64_t room =
      std::min<std::uint64_t>(capacity.value_or(HmacSha256::kDigestSize), HmacSha256::kDigestSize);
  const std::uint64_t size = action.length.value_or(static_cast<std::uint32_t>(room));
  if (size > room)
    return refuse_action("the length is more than the column, or a digest of 32 bytes, holds",
                         "write a smaller length");
  if (size < 4)
    return refuse_action("a pseudonym needs at least four bytes", "drop the column, or make it longer at the source");
  return static_cast<std::size_t>(size);
}

// Of these it is known that capitals and small letters are equal.
std::optional<Folding> folding_of(std::string_view character_set, std::string_view collation) {
  static constexpr auto kEnds =
      std::to_array<std::string_view>({"_general_ci", "_unicode_ci", "_unicode_520_ci", "_swedish_ci", "_danish_ci",
                                       "_0900_ai_ci", "_0900_as_ci", "uca1400_ai_ci", "uca1400_as_ci"});
  // One letter of the first three has no pair, Turkish pairs its i otherwise, and to the others two letters are one
  // when both are capitals, both are small, or the first is a capital: cH is not ch.
  static constexpr auto kOdd =
      std::to_array<std::string_view>({"cp866_", "latin7_", "keybcs2_", "_tr_0900_", "_es_trad_0900_", "_hu_0900_",
                                       "_hr_0900_", "_sr_latn_0900_", "_bs_0900_"});
  static constexpr auto kNordic =
      std::to_array<std::string_view>({"_danish_ci", "_da_0900_", "_nb_0900_", "_nn_0900_"});
  static constexpr auto kNarrow = std::to_array<std::string_view>({"latin1_", "dec8_", "macroman_"});
  // Of general_ci, 0900_ai_ci and uca1400_ai_ci one is the default.
  static constexpr auto kUnnamed = std::to_array<std::string_view>({"utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32"});
  const bool unnamed = collation.empty() && std::ranges::find(kUnnamed, character_set) != kUnnamed.end();
  std::string name(unnamed ? "utf8mb4_general_ci" : collation);
  const std::size_t no_pad = name.find("_nopad_");
  if (no_pad != std::string::npos) name.erase(no_pad, 6);
  const auto holds_one = [&](const auto& parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return name.find(part) != std::string::npos; });
  };
  const bool known = std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); });
  if (!known || holds_one(kOdd)) return std::nullopt;
  const bool narrow = holds_one(kNarrow);
  return Folding{.narrow = narrow, .nordic = !narrow && holds_one(kNordic)};
}

ActionEffect effect_of(const Action& action, const sql::ColumnDefinition& column) {
  ActionEffect effect;
  switch (action.kind) {
    case ActionKind::hash:
      return hash_effect(action, column);
    case ActionKind::email:
    case ActionKind::digits: {
      effect.distinct = true;
      const bool email = action.kind == ActionKind::email;
      constexpr std::uint32_t kName = 20, kLongestDomain = 253, kWhole = 26;
      const std::uint32_t room = room_for(column, email ? kName + 1 + kLongestDomain : kWhole);
      if (email) effect.bits = static_cast<unsigned>(base32_bits(std::clamp(room, 1U, kName), column.collation));
      effect.mapping = fmt::format("~{} {} {} {} {}", static_cast<unsigned>(action.kind), action.key, room,
                                   is_text(column) ? "text" : number_type(column), folding_text(action, column));
      return effect;
    }
    case ActionKind::mask:
    case ActionKind::truncate:
    case ActionKind::date:
    case ActionKind::round:
    case ActionKind::ip:
    case ActionKind::redact:
      effect.mapping =
          fmt::format("~{} {} {} {} {} {} {} {} {} {}", static_cast<unsigned>(action.kind), family_of(column),
                      action.length.value_or(0), action.keep_first, action.keep_last, action.with, action.to,
                      action.prefix4, action.prefix6, fmt::join(action.patterns, "\n"));
      // An address is written only where there is room for it, and another character to mask with is not in every set.
      if (action.kind == ActionKind::ip && is_text(column))
        effect.mapping += fmt::format(" {}", room_for(column, INET6_ADDRSTRLEN - 1));
      if (!sql::is_ascii(action.with)) effect.mapping += " " + column.character_set;
      return effect;
    case ActionKind::json:
      effect.mapping = fmt::format("~{} {} {}\n\n{}", static_cast<unsigned>(action.kind), family_of(column),
                                   fmt::join(action.keep, "\n"), fmt::join(action.remove, "\n"));
      return effect;
    default:
      return effect;
  }
}

}  // namespace relay::scrub_rules
